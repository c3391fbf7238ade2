import type { ServiceName } from '../../model/index.ts';
import type { Dependencies } from './question.ts';

/**
 * The shortest ways from a service to everything it depends on, itself included (`[checkout, cart, pricing]`): breadth
 * first, so that what is nearest is found first. Circles among the dependencies are walked once.
 */
export function waysFrom(
  service: ServiceName,
  dependencies: Dependencies,
): ReadonlyMap<ServiceName, readonly ServiceName[]> {
  const ways = new Map<ServiceName, readonly ServiceName[]>([[service, [service]]]);
  // A Map visits what is added while it is walked: it is its own queue.
  for (const [name, way] of ways) {
    for (const next of dependencies.get(name) ?? []) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  return ways;
}
