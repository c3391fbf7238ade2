import {
  type DeploySettings,
  isRecord,
  type LedgerSettings,
  type SinkSettings,
  type TargetSettings,
} from '../model/index.ts';
import type { EventFacts } from '../record/index.ts';
import type { RecordInputs } from './record.ts';

/** What `main` leaves for `post:` in the state that the runner keeps: all that settling needs, and no secret. */
export interface SavedDeploy {
  /** False once the deploy has ended by itself: then there is nothing to do. */
  readonly open: boolean;
  readonly journal: Omit<EventFacts, 'run'>;
  readonly aliases: readonly string[];
  readonly target: TargetSettings;
  readonly verify: DeploySettings['verify'];
  readonly timeoutMs: number;
  readonly ledger: LedgerSettings;
  /** Root of the checkout, whose ways to its remotes are used. */
  readonly clone: string | null;
  readonly sinks: readonly SinkSettings[];
  readonly onCancel: 'revert' | 'leave';
}

/** Reads it back. The runner has kept what this same step wrote; anything else is no state of ours. */
export function readSavedDeploy(saved: unknown): SavedDeploy | undefined {
  return isRecord(saved) && typeof saved['open'] === 'boolean' && isRecord(saved['journal'])
    ? (saved as unknown as SavedDeploy)
    : undefined;
}

/** What `phase: start` of record-deploy-event leaves for `post:`. */
interface SavedRecord {
  readonly inputs: RecordInputs;
  readonly startedAt: string;
}

export function readSavedRecord(saved: unknown): SavedRecord | undefined {
  return isRecord(saved) && isRecord(saved['inputs']) && typeof saved['startedAt'] === 'string'
    ? (saved as unknown as SavedRecord)
    : undefined;
}
