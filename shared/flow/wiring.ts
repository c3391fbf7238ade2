import { openRegistry } from '../io/registry/index.ts';
import type { World } from '../io/runner/index.ts';
import { verifierOf } from '../judge/index.ts';
import type {
  DeploySettings,
  EnvironmentClass,
  Registry,
  StreamName,
  StreamStore,
  Target,
  TargetSettings,
  VerifySettings,
} from '../model/index.ts';
import { type EventFacts, openJournal, type RecordingJournal } from '../record/index.ts';
import { createTarget } from '../targets/index.ts';

/* How flows put rooms together: each room's needs of the world are taken from it here, once. */

/** Where nothing is configured. Milliseconds. */
export const DEFAULT_TIMEOUT_MS = 600_000;
/** What is verified where no settings are known: that the target says it is ready. */
export const NO_CHECKS: VerifySettings = { http: [], metrics: undefined };

export const registryOf = ({ environment, fetch, clock, random, log }: World): Registry =>
  openRegistry({ environment, fetch, clock, random, warn: (line) => log.info(line) });

/** Opens targets; throws `not-yet` and `config-invalid` for those that cannot be. */
export type OpenTarget = (settings: TargetSettings) => Target;

export function targetsOf(registry: Registry, { clock, random, environment }: World): OpenTarget {
  return (settings) => createTarget(settings, { registry, clock, random, environment });
}

/**
 * What looks at a running image. Metrics are left out: the plan of a deploy refuses them before anything is written, and a
 * rollback or a sweep must not fail for them.
 */
export const checksOf = ({ http }: VerifySettings, world: World) => verifierOf({ http, metrics: undefined }, world);

/** What is known of a stream and of the commit that is deployed. */
export interface StreamFacts {
  readonly stream: StreamName;
  readonly class: EnvironmentClass;
  readonly team: string | undefined;
  /** undefined: only the ledger knows the service. */
  readonly settings: Pick<DeploySettings, 'strategy' | 'rollback'> | undefined;
  readonly commit: { readonly title: string | undefined; readonly date: string | undefined };
}

/** What every event of a run in this stream has in common, but for the run itself. */
export function eventFactsOf({ stream, team, settings, commit, ...it }: StreamFacts): Omit<EventFacts, 'run'> {
  return {
    stream,
    class: it.class,
    team,
    strategy: settings?.strategy.kind ?? 'rolling',
    commitTitle: commit.title,
    commitDate: commit.date,
    hold: settings?.rollback.hold ?? 'digest',
    leaseMs: undefined,
  };
}

/** Opens the journal of a stream for this run. Only a rollback goes on when the ledger cannot be read. */
export function journalOf(
  store: StreamStore,
  facts: Omit<EventFacts, 'run'>,
  more: { readonly aliases: readonly string[]; readonly whenUnreadable: 'throw' | 'continue' },
  { clock, random, redact, log, run }: World,
): Promise<RecordingJournal> {
  return openJournal({ store, clock, random, redact, log }, { ...facts, ...more, run });
}
