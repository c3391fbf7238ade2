import {
  type Config,
  type Graph,
  type GraphNode,
  NOTHING_IMPORTED,
  type Service,
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
  const edges = edgesOf(config.services, imports);
  const closures = new Map<ServiceName, Closure>();
  for (const name of edges.keys()) closures.set(name, new Closure(name, edges));
  const nodes = new Map<ServiceName, GraphNode>();
  for (const service of config.services) {
    const { name } = service;
    const dependencies = edges.get(name) ?? NO_NAMES;
    const imported = imports.get(name) ?? NOTHING_IMPORTED;
    nodes.set(name, { service, dependencies, imported, closure: closures.get(name) ?? ALONE });
  }
  return { nodes, cycles: findCycles(edges, closures) };
}

const NO_NAMES: readonly ServiceName[] = [];
/** The closure of all who depend on nothing, which most do. */
const ALONE = new Closure('', new Map());

/** What services depend on directly; those that depend on nothing have no entry. */
function edgesOf(services: readonly Service[], imports: ReadonlyMap<ServiceName, ServiceImports>): Edges {
  const needs = ({ name, dependencies }: Service): readonly ServiceName[] => {
    const imported = imports.get(name)?.dependencies;
    return imported === undefined ? dependencies.services : [...dependencies.services, ...imported.keys()];
  };
  const needing = services.filter((it) => needs(it).length > 0);
  const known = needing.length === 0 ? new Set() : new Set(services.map(({ name }) => name));
  return new Map(
    needing.map((it) => [it.name, [...new Set(needs(it))].filter((name) => known.has(name)).sort()] as const),
  );
}
