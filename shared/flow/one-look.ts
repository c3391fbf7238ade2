import type { StreamCommit, StreamStore } from '../model/index.ts';

/**
 * A store for one look at the ledger: the second question about names that the first one asked for is answered from the
 * first answer, so that planning and opening the journal see the same moment, in one fetch. After that every question
 * goes to the remote: an answer that is served again after a lost race would lose it for ever.
 */
export function oneLook(store: StreamStore): StreamStore {
  let seen: { readonly names: ReadonlySet<string>; readonly tips: ReadonlyMap<string, StreamCommit> } | undefined;
  let isFirst = true;
  return {
    name: store.name,
    async tips(prefixes) {
      const found = seen;
      seen = undefined;
      if (found !== undefined && prefixes.every((it) => found.names.has(it))) {
        return new Map([...found.tips].filter(([ref]) => prefixes.includes(ref)));
      }
      const tips = await store.tips(prefixes);
      if (isFirst) seen = { names: new Set(prefixes), tips };
      isFirst = false;
      return tips;
    },
    histories: (prefixes) => store.histories(prefixes),
    append: (ref, change) => store.append(ref, change),
  };
}
