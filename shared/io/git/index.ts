/**
 * The door to git: the user's clone, read and never changed, and the remote that keeps the ledger. Everything runs the
 * program `git` with argument lists; credentials travel in its environment.
 */
export { openCheckout } from './checkout.ts';
export { openStreamStore } from './late-store.ts';
export type { GitOptions } from './options.ts';
export type { StreamStoreOptions } from './stream-store.ts';
