import { type Fetch, isRecord } from '../../model/index.ts';

/** Under this name undici, which is Node's `fetch`, keeps the pools of its connections. */
const POOLS = Symbol.for('undici.globalDispatcher.1');

/**
 * A `fetch` that keeps its connections after HEAD too. Undici closes them then, in case a server sends a body where there
 * is none; every push asks by HEAD for each layer, and would open a connection, with its TLS handshake, for each of them.
 * Where there is another `fetch`, nothing changes.
 */
export function keptOpen(fetch: Fetch): Fetch {
  return (input, init = {}) => {
    const pools: unknown = init.method === 'HEAD' ? Reflect.get(globalThis, POOLS) : undefined;
    return fetch(input, isPools(pools) ? withDispatcher(init, notClosing(pools)) : init);
  };
}

interface Pools {
  dispatch(options: object, handler: unknown): unknown;
}

const isPools = (it: unknown): it is Pools => isRecord(it) && typeof it['dispatch'] === 'function';

/** The option `reset` of a request says whether its connection is closed (undici, docs/api/Dispatcher.md). */
const notClosing = (pools: Pools): Pools => ({
  dispatch: (options, handler) => pools.dispatch({ ...options, reset: false }, handler),
});

/** Undici calls `dispatch` only, though its type has more. */
const withDispatcher = (init: RequestInit, dispatcher: Pools): RequestInit =>
  Object.assign({ ...init }, { dispatcher });
