import type { ServiceName } from '../model/index.ts';

/** Name → the names that it depends on directly. */
export type Edges = ReadonlyMap<ServiceName, readonly ServiceName[]>;

/**
 * Everything that one service depends on, at any distance, with a shortest way there. Only the last step before each is
 * kept and ways are made when they are asked for: a chain of a thousand services has a hundred million steps of ways.
 */
export class Closure implements ReadonlyMap<ServiceName, readonly ServiceName[]> {
  /** Name → the one before it on the way, sorted by name. */
  readonly #before: ReadonlyMap<ServiceName, ServiceName>;

  constructor(start: ServiceName, edges: Edges) {
    this.#before = new Map([...search(start, edges)].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  get size(): number {
    return this.#before.size;
  }

  has(name: ServiceName): boolean {
    return this.#before.has(name);
  }

  get(name: ServiceName): readonly ServiceName[] | undefined {
    if (!this.#before.has(name)) return undefined;
    const way: ServiceName[] = [];
    for (let at: ServiceName | undefined = name; at !== undefined; at = this.#before.get(at)) way.push(at);
    return way.reverse();
  }

  keys(): MapIterator<ServiceName> {
    return this.#before.keys();
  }

  *entries(): MapIterator<[ServiceName, readonly ServiceName[]]> {
    for (const name of this.#before.keys()) yield [name, this.get(name) ?? []];
  }

  *values(): MapIterator<readonly ServiceName[]> {
    for (const [, way] of this.entries()) yield way;
  }

  forEach(
    visit: (
      way: readonly ServiceName[],
      name: ServiceName,
      map: ReadonlyMap<ServiceName, readonly ServiceName[]>,
    ) => void,
  ): void {
    for (const [name, way] of this.entries()) visit(way, name, this);
  }

  [Symbol.iterator](): MapIterator<[ServiceName, readonly ServiceName[]]> {
    return this.entries();
  }
}

/** Breadth first, so that the first way found is a shortest; neighbours by name, so that it is always the same one. */
function search(start: ServiceName, edges: Edges): Map<ServiceName, ServiceName> {
  const before = new Map<ServiceName, ServiceName>();
  const queue = [start];
  for (const name of queue) {
    for (const next of edges.get(name) ?? []) {
      if (next === start || before.has(next)) continue;
      before.set(next, name);
      queue.push(next);
    }
  }
  return before;
}
