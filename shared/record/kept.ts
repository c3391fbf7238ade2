import type { StreamName, StreamReading, StreamState } from '../model/index.ts';
import { underName } from './fold-state.ts';

/**
 * What a target keeps of a stream, if it is of this one: two environments may be configured onto one place, and a service
 * may have had another name. undefined when it keeps nothing of it.
 */
export function keptOf(
  kept: StreamState | undefined,
  name: StreamName,
  aliases: readonly string[],
  repository: string,
): StreamState | undefined {
  if (kept === undefined || kept.environment !== name.environment) return undefined;
  if (kept.repository !== (name.repository ?? repository)) return undefined;
  return [name.service, ...aliases].includes(kept.service) ? underName(kept, name.service) : undefined;
}

/** What can be told of a stream without its target: a reading, or a position that a journal found. */
type Read =
  | Exclude<StreamReading, { kind: 'believed' }>
  | { readonly kind: 'believed'; readonly state: Pick<StreamState, 'seq' | 'updated'> };

/**
 * Why a stream has to go on from what its target keeps; undefined when the ledger counts. The target is told only of what
 * stands in the ledger, so that a ledger which knows less has lost something: with it holds, and what was good.
 */
export function lostSince(read: Read, kept: StreamState | undefined): string | undefined {
  if (kept === undefined) return undefined;
  const known = `its target knows of ${kept.seq} events`;
  if (read.kind === 'missing') return `it is gone, and ${known}`;
  if (read.kind === 'unbelievable') return read.why;
  const { seq, updated } = read.state;
  if (seq < kept.seq) return `it was set back: it has ${seq} events, and ${known}`;
  return seq === kept.seq && updated !== kept.updated
    ? `its event ${seq} is not the one that its target knows`
    : undefined;
}

/** What a stream says: by the ledger, or by what its target keeps where the ledger has lost something. */
export function standOf(
  reading: StreamReading,
  kept: StreamState | undefined,
): StreamState | Exclude<StreamReading['kind'], 'believed'> {
  if (kept !== undefined && lostSince(reading, kept) !== undefined) return kept;
  return reading.kind === 'believed' ? reading.state : reading.kind;
}
