import type { ServiceName } from '../model/index.ts';
import type { Closure, Edges } from './closure.ts';

/** Circles that are named; nobody reads more. */
export const MAX_CYCLES = 100;

/**
 * The circles among the dependencies: for each dependency that is part of one, a shortest circle through it, each circle
 * once and from its first name on. So every dependency that has to go stands in one of them, and there are never more
 * circles than dependencies, although the longer ones that can be put together from them are countless.
 */
export function findCycles(
  edges: Edges,
  closures: ReadonlyMap<ServiceName, Closure>,
): readonly (readonly ServiceName[])[] {
  const found = new Map<string, readonly ServiceName[]>();
  for (const [from, dependencies] of edges) {
    for (const to of dependencies) {
      const circle = from === to ? [from] : closures.get(to)?.get(from);
      if (circle === undefined) continue;
      const rotated = fromFirst(circle);
      found.set(rotated.join(' '), rotated);
      if (found.size >= MAX_CYCLES) return sorted(found);
    }
  }
  return sorted(found);
}

/** Names have no spaces, so the keys sort as the circles do. */
const sorted = (found: ReadonlyMap<string, readonly ServiceName[]>): readonly (readonly ServiceName[])[] =>
  [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, circle]) => circle);

function fromFirst(circle: readonly ServiceName[]): readonly ServiceName[] {
  const first = circle.reduce((least, name, index) => (name < (circle[least] ?? name) ? index : least), 0);
  return [...circle.slice(first), ...circle.slice(0, first)];
}
