import { stagesOf } from '../detect/index.ts';
import type { World } from '../io/runner/index.ts';
import type { Commit, Config, EnvironmentName, Service, StreamStore } from '../model/index.ts';
import { type RunStage, stageInHistory, streamOfRun, streamRef, streamsOf } from '../record/index.ts';
import { streamNameOf } from './house.ts';

/** One environment of a service, as this run has left it. */
export interface StageRecord {
  readonly environment: EnvironmentName;
  /** undefined: the run did not get there. */
  readonly stage: RunStage | undefined;
  /** What runs there now, whoever brought it. */
  readonly liveCommit: Commit | undefined;
}

/** What this run has brought where: service → its environments, in promotion order. */
export interface RunRecord {
  readonly service: Service;
  readonly stages: readonly StageRecord[];
}

/** Streams whose history is looked into because a later run has gone over them; of more, only the newest commit is read. */
const MOST_HISTORIES = 64;

/** Reads what this run did, by its id: two fetches at most, however many services. Throws `ledger-unavailable`. */
export async function readRunRecord(
  store: StreamStore,
  config: Config,
  services: readonly Service[],
  environments: readonly EnvironmentName[],
  { run }: World,
): Promise<readonly RunRecord[]> {
  const tips = await store.tips(environments.map(streamsOf));
  const look = (service: Service, environment: EnvironmentName) => {
    const name = streamNameOf(config, run.repository, service.name, environment);
    const ref = streamRef(name);
    const tip = tips.get(ref);
    const found = tip === undefined ? undefined : streamOfRun(name, tip, run, run.repository);
    return { ref, there: tip !== undefined, environment, stage: found?.stage, liveCommit: found?.liveCommit };
  };
  const looks = services.map((service) => ({
    service,
    stages: stagesOf(service, environments).map((it) => look(service, it)),
  }));
  const passed = looks.flatMap(({ stages }) => stages.filter((it) => it.there && it.stage === undefined));
  const earlier = await stagesBefore(store, passed.map(({ ref }) => ref).slice(0, MOST_HISTORIES), run);
  return looks.map(({ service, stages }) => ({
    service,
    stages: stages.map(({ ref, environment, stage, liveCommit }) => ({
      environment,
      stage: stage ?? earlier.get(ref),
      liveCommit,
    })),
  }));
}

async function stagesBefore(
  store: StreamStore,
  refs: readonly string[],
  run: { readonly id: string },
): Promise<ReadonlyMap<string, RunStage | undefined>> {
  if (refs.length === 0) return new Map();
  const histories = await store.histories(refs);
  return new Map([...histories].map(([ref, commits]) => [ref, stageInHistory(commits, run)]));
}
