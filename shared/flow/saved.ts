import * as z from 'zod';
import {
  type DeploySettings,
  isRecord,
  type LedgerSettings,
  type SinkSettings,
  type TargetSettings,
} from '../model/index.ts';
import type { EventFacts } from '../record/index.ts';
import type { RecordInputs } from './record-request.ts';

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

/** A part that this program wrote from checked values; that it is an object tells that it is one. */
const part = <T extends object>() => z.custom<T>(isRecord);

const savedDeploy: z.ZodType<SavedDeploy> = z.object({
  open: z.boolean(),
  journal: part<SavedDeploy['journal']>(),
  aliases: z.array(z.string()),
  target: part<TargetSettings>(),
  verify: part<SavedDeploy['verify']>(),
  timeoutMs: z.number(),
  ledger: part<LedgerSettings>(),
  clone: z.string().nullable(),
  sinks: z.array(part<SinkSettings>()),
  onCancel: z.enum(['revert', 'leave']),
});

/** Reads it back. The runner has kept what this same step wrote; anything else is no state of ours. */
export const readSavedDeploy = (saved: unknown): SavedDeploy | undefined => savedDeploy.safeParse(saved).data;

/** What `phase: start` of record-deploy-event leaves for `post:`. */
interface SavedRecord {
  readonly inputs: RecordInputs;
  readonly startedAt: string;
}

const savedRecord: z.ZodType<SavedRecord> = z.object({ inputs: part<RecordInputs>(), startedAt: z.string() });

export const readSavedRecord = (saved: unknown): SavedRecord | undefined => savedRecord.safeParse(saved).data;
