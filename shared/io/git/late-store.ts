import { once, type StreamChange, type StreamStore } from '../../model/index.ts';
import type { StreamStoreOptions } from './stream-store.ts';

/** A remote without the credentials that its URL may hold. */
export const nameOf = (remote: string): string => remote.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]+@/i, '$1');

/**
 * The remote that keeps the ledger. What speaks with it is loaded when it is first asked something.
 *
 * @param remote URL or path; with `options.clone` also the name of one of its remotes
 */
export function openStreamStore(remote: string, options: StreamStoreOptions): StreamStore {
  const store = once(async () => (await import('./stream-store.ts')).openStreamStore(remote, options));
  return {
    name: nameOf(remote),
    tips: async (prefixes) => await (await store()).tips(prefixes),
    histories: async (prefixes) => await (await store()).histories(prefixes),
    append: async (ref: string, change: StreamChange) => await (await store()).append(ref, change),
  };
}
