import type { Release, Settled } from './deploy.ts';
import type { EventKind, EventLinks } from './event.ts';
import type { InDoubt, StreamState } from './ledger.ts';
import type { ImageRef } from './names.ts';

/** What is about to happen, as it is written before the first change. */
export interface JournalEntry {
  readonly kind: EventKind;
  readonly release: Omit<Release, 'event' | 'since'>;
  /** What runs before. */
  readonly live: Release | undefined;
  readonly overridden: readonly string[];
  /** What a person gave as the reason. */
  readonly reason: string | undefined;
  readonly links: Partial<EventLinks>;
  /** What the kinds `hold` and `release` are about: the digest of `release` (when left out) or the whole stream. */
  readonly scope?: 'digest' | 'stream';
  /** Whether a failure may be taken back without a person; left out: it may. */
  readonly automatic?: boolean;
  readonly startedAt: string;
}

/** The one stream of a deploy, as the protocol sees it: `record` keeps it, `flow` hands it in. */
export interface Journal {
  /** The state that was read when the journal was opened, followed by what was written since; undefined for a new stream. */
  readonly state: StreamState | undefined;
  /** The id that an event of this run has: the same for every attempt. */
  eventId(kind: EventKind, image: ImageRef | undefined): string;
  /** Writes the start. Throws `ledger-unavailable`; then nothing may be deployed (a rollback goes on). */
  start(entry: JournalEntry): Promise<void>;
  /** Writes the end of what `start` wrote, or start and end in one (`both`) when nothing was started. False: it could not be pushed. */
  finish(entry: JournalEntry, settled: Settled): Promise<boolean>;
  /** Writes the end of a deploy whose run has vanished. False: it could not be pushed. */
  settleVanished(vanished: InDoubt, settled: Settled): Promise<boolean>;
}
