import { type Graph, type ServiceName, userError } from '../model/index.ts';

/**
 * Services in an order in which each comes after those of them that it depends on, at any distance: what lies between
 * may be missing from the list. Those that are free go by name. Names that the graph does not have are passed over.
 *
 * Throws `dependency-cycle` when two of them depend on each other.
 */
export function deployOrder(graph: Graph, names: readonly ServiceName[]): readonly ServiceName[] {
  const waiting = new Map<ServiceName, ReadonlySet<ServiceName>>();
  const wanted = new Set(names.filter((name) => graph.nodes.has(name)));
  for (const name of [...wanted].sort()) waiting.set(name, dependenciesAmong(graph, name, wanted));
  const ordered = new Set<ServiceName>();
  while (waiting.size > 0) {
    const next = [...waiting].find(([, dependencies]) => [...dependencies].every((it) => ordered.has(it)))?.[0];
    if (next === undefined) throw circleError(graph, [...waiting.keys()]);
    ordered.add(next);
    waiting.delete(next);
  }
  return [...ordered];
}

function dependenciesAmong(
  graph: Graph,
  name: ServiceName,
  wanted: ReadonlySet<ServiceName>,
): ReadonlySet<ServiceName> {
  const closure = graph.nodes.get(name)?.closure;
  return new Set([...wanted].filter((other) => closure?.has(other) === true));
}

/** Of services that all wait, two wait for each other: what they depend on is closed under "depends on". */
function circleError(graph: Graph, stuck: readonly ServiceName[]) {
  for (const one of stuck) {
    for (const other of stuck) {
      const there = graph.nodes.get(one)?.closure.get(other);
      const back = graph.nodes.get(other)?.closure.get(one);
      if (there === undefined || back === undefined) continue;
      const circle = [...there, ...back.slice(1)].map((name) => `\`${name}\``).join(' → ');
      return userError('dependency-cycle', `The services have no order, since they depend on each other: ${circle}.`);
    }
  }
  return userError('internal-error', `No order was found for ${stuck.join(', ')}, but no circle either.`);
}
