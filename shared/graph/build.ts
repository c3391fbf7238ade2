import type { Config, Graph, GraphNode, ServiceName } from '../model/index.ts';
import { Closure, type Edges } from './closure.ts';
import { findCycles } from './cycles.ts';

/** The graph of the dependencies that services declare. Names that no service has are left out: `config` refuses them. */
export function buildGraph(config: Pick<Config, 'services'>): Graph {
  const names = new Set(config.services.map(({ name }) => name));
  const edges: Edges = new Map(
    config.services.map(({ name, dependencies }) => [name, sortedNames(dependencies.services, names)]),
  );
  const closures = new Map<ServiceName, Closure>();
  for (const name of edges.keys()) closures.set(name, new Closure(name, edges));
  const nodes = new Map<ServiceName, GraphNode>();
  for (const service of config.services) {
    const closure = closures.get(service.name);
    if (closure !== undefined) {
      nodes.set(service.name, { service, dependencies: edges.get(service.name) ?? [], closure });
    }
  }
  return { nodes, cycles: findCycles(edges, closures) };
}

const sortedNames = (names: readonly ServiceName[], known: ReadonlySet<ServiceName>): readonly ServiceName[] =>
  [...new Set(names)].filter((name) => known.has(name)).sort();
