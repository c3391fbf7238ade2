import type { World } from '../io/runner/index.ts';
import type { DeploySettings, EnvironmentClass, StreamName, StreamState, StreamStore } from '../model/index.ts';
import { type EventFacts, openJournal, type RecordingJournal } from '../record/index.ts';

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
  more: {
    readonly aliases: readonly string[];
    readonly whenUnreadable: 'throw' | 'continue';
    readonly kept: StreamState | undefined;
  },
  { clock, random, redact, log, run }: World,
): Promise<RecordingJournal> {
  return openJournal({ store, clock, random, redact, log }, { ...facts, ...more, run });
}
