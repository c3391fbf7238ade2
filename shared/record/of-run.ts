import type { Commit, DeployEvent, EventStatus, ImageRef, Outcome, StreamCommit, StreamName } from '../model/index.ts';
import { EVENT_FILE, readTip, type Tip } from './believe.ts';
import { parseEvent } from './schema.ts';

/** How a run stands in a stream: as deploy-to-env ended there, or still in doubt. */
export type StageStatus = Outcome | 'in-doubt';

/** What one run has brought to one environment. */
export interface RunStage {
  readonly status: StageStatus;
  /** undefined for what moves no image. */
  readonly image: ImageRef | undefined;
  readonly commit: Commit;
  readonly version: string;
}

/** What the newest commit of a stream tells of a run. */
export interface StreamOfRun {
  /** undefined: the newest commit is not of this run, which may have come before it, or not at all. */
  readonly stage: RunStage | undefined;
  /** Commit that runs in the stream now, whoever brought it. */
  readonly liveCommit: Commit | undefined;
}

type Run = { readonly id: string; readonly sha: Commit };

/**
 * A deploy that found its commit there already has left no event: it counts as `unchanged`. A stream that cannot be
 * believed tells nothing.
 *
 * @param repository `owner/repo` that the stream must be of
 */
export function streamOfRun(name: StreamName, tip: StreamCommit, run: Run, repository: string): StreamOfRun {
  const read: Tip = readTip(name, tip, repository);
  if (read.kind === 'unbelievable') return { stage: undefined, liveCommit: undefined };
  const { live, in_doubt: doubt } = read.state;
  const liveCommit = live?.commit;
  if (read.event.run.id === run.id) return { stage: stageOf(read.event), liveCommit };
  if (live === null || live.commit !== run.sha || doubt !== null) return { stage: undefined, liveCommit };
  const { image, commit, version } = live;
  return { stage: { status: 'unchanged', image, commit, version }, liveCommit };
}

/** The newest event of a run in the history of a stream (oldest first), where later runs have gone over it. */
export function stageInHistory(commits: readonly StreamCommit[], run: Pick<Run, 'id'>): RunStage | undefined {
  const newest = commits.findLast((it) => eventIn(it)?.run.id === run.id);
  const event = newest === undefined ? undefined : eventIn(newest);
  return event === undefined ? undefined : stageOf(event);
}

function eventIn({ files }: StreamCommit): DeployEvent | undefined {
  const parsed = parseEvent(files[EVENT_FILE]);
  return 'value' in parsed ? parsed.value : undefined;
}

/** Events of other tools have a status and no outcome. */
const OUTCOME_OF: Readonly<Record<EventStatus, StageStatus>> = {
  in_progress: 'in-doubt',
  success: 'deployed',
  failure: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
  superseded: 'superseded',
};

function stageOf({ status, outcome, artifact, commit, version }: DeployEvent): RunStage {
  return {
    status: outcome ?? OUTCOME_OF[status],
    image: artifact === null ? undefined : { repository: artifact.name, digest: artifact.digest },
    commit: commit.sha,
    version,
  };
}
