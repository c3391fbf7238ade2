import {
  type Config,
  type Graph,
  type GraphNode,
  NOTHING_IMPORTED,
  type ServiceImports,
  type ServiceName,
} from '../model/index.ts';
import { Closure, type Edges } from './closure.ts';
import { findCycles } from './cycles.ts';

/**
 * The graph of the dependencies that services declare, and of those that were imported from manifests. Names that no
 * service has are left out: `config` refuses them.
 */
export function buildGraph(
  config: Pick<Config, 'services'>,
  imports: ReadonlyMap<ServiceName, ServiceImports> = new Map(),
): Graph {
  const names = new Set(config.services.map(({ name }) => name));
  const edges: Edges = new Map(
    config.services.map(({ name, dependencies }) => {
      const imported = imports.get(name)?.dependencies.keys() ?? [];
      return [name, sortedNames([...dependencies.services, ...imported], names)];
    }),
  );
  const closures = new Map<ServiceName, Closure>();
  for (const name of edges.keys()) closures.set(name, new Closure(name, edges));
  const nodes = new Map<ServiceName, GraphNode>();
  for (const service of config.services) {
    const closure = closures.get(service.name);
    if (closure === undefined) continue;
    const dependencies = edges.get(service.name) ?? [];
    const imported = imports.get(service.name) ?? NOTHING_IMPORTED;
    nodes.set(service.name, { service, dependencies, imported, closure });
  }
  return { nodes, cycles: findCycles(edges, closures) };
}

const NO_NAMES: readonly ServiceName[] = [];

const sortedNames = (names: readonly ServiceName[], known: ReadonlySet<ServiceName>): readonly ServiceName[] =>
  names.length === 0 ? NO_NAMES : [...new Set(names)].filter((name) => known.has(name)).sort();
