import { createHash } from 'node:crypto';
import {
  type Commit,
  Refused,
  type StreamChange,
  type StreamCommit,
  type StreamStore,
  userError,
} from '../../shared/model/index.ts';

/**
 * What the next call does instead: `moved`: another writer was faster, as far as the caller is told. `refused`: the
 * remote takes nothing. `denied`: it says that it never will. `lost-answer`: the commit arrives, and the caller is told that it did not.
 */
export type AppendFault = 'moved' | 'refused' | 'denied' | 'lost-answer';

export interface MemoryStore extends StreamStore {
  /** Faults of the next appends, first come first served; `undefined` lets one pass. */
  readonly appendFaults: (AppendFault | undefined)[];
  /** How many of the next reads (tips, histories) fail. */
  readsToFail: number;
  /** Number of appends that were asked for. */
  readonly appends: () => number;
  /** Number of histories that were read. */
  readonly historyReads: () => number;
  /** Overwrites the history of a ref, as a forced push does; an empty one deletes the ref. */
  rewrite(ref: string, history: readonly StreamCommit[]): void;
  /** Appends whatever files, as anybody with the right to push can. */
  forge(ref: string, files: Readonly<Record<string, string>>): Commit;
}

/** The ledger's remote in memory, with the compare-and-set of the real one. */
export function memoryStore(): MemoryStore {
  const refs = new Map<string, readonly StreamCommit[]>();
  const appendFaults: (AppendFault | undefined)[] = [];
  let appends = 0;
  let historyReads = 0;

  const select = (prefixes: readonly string[]) =>
    [...refs].filter(([ref]) =>
      prefixes.some((prefix) => (prefix.endsWith('/') ? ref.startsWith(prefix) : ref === prefix)),
    );
  const failRead = () => {
    if (store.readsToFail <= 0) return;
    store.readsToFail -= 1;
    throw userError('ledger-unavailable', 'The ledger in memory could not be read.');
  };
  const add = (ref: string, files: Readonly<Record<string, string>>, message: string): Commit => {
    const history = refs.get(ref) ?? [];
    const parent = history.at(-1)?.id;
    const id = createHash('sha1')
      .update(JSON.stringify([ref, parent, files, message, history.length]))
      .digest('hex');
    refs.set(ref, [...history, { id, parent, files: { ...files } }]);
    return id;
  };
  const append = (ref: string, change: StreamChange) => {
    appends += 1;
    const fault = appendFaults.shift();
    if (fault === 'refused') throw userError('ledger-unavailable', 'The ledger in memory refused the push.');
    if (fault === 'denied') {
      throw userError('ledger-unavailable', 'The ledger in memory says no.', { cause: new Refused('no') });
    }
    if (fault === 'moved' || refs.get(ref)?.at(-1)?.id !== change.parent) return { kind: 'moved' } as const;
    const id = add(ref, change.files, change.message);
    if (fault === 'lost-answer') throw userError('ledger-unavailable', 'The connection to the ledger broke.');
    return { kind: 'appended', id } as const;
  };

  const store: MemoryStore = {
    name: 'memory',
    appendFaults,
    readsToFail: 0,
    appends: () => appends,
    historyReads: () => historyReads,
    tips: async (prefixes) => {
      await Promise.resolve();
      failRead();
      return new Map(select(prefixes).flatMap(([ref, history]) => history.slice(-1).map((tip) => [ref, tip])));
    },
    histories: async (prefixes) => {
      await Promise.resolve();
      failRead();
      historyReads += 1;
      return new Map(select(prefixes));
    },
    append: async (ref, change) => {
      await Promise.resolve();
      return append(ref, change);
    },
    rewrite: (ref, history) => {
      if (history.length === 0) refs.delete(ref);
      else refs.set(ref, history);
    },
    forge: (ref, files) => add(ref, files, 'forged'),
  };
  return store;
}
