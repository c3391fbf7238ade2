import type { Base, Commit, Config, Graph, SelectionReason, Service, Verdict } from '../model/index.ts';
import { type Hits, MAX_PATHS_NAMED } from './changed-paths.ts';
import type { Compared, Comparison } from './comparison.ts';
import { predecessor, sameInputs, sameService, successor } from './old-config.ts';
import type { Standing } from './standing.ts';

/** How many dependencies of a service are named as reasons for one base, the nearest first. */
const MAX_DEPENDENCIES_NAMED = 10;

/** The verdict on one service: selected if anything speaks for it. */
export function judgeService(
  service: Service,
  standings: readonly Standing[],
  comparisons: ReadonlyMap<Commit, Compared>,
  house: Pick<Config, 'sharedPaths'> & { readonly graph: Graph },
): Verdict {
  const reasons: SelectionReason[] = [];
  const bases: Base[] = [];
  const compared = new Set<Commit>();
  for (const { base, reason, since } of standings) {
    const comparison = since === undefined ? undefined : comparisons.get(since);
    bases.push(comparison?.kind === 'lost' ? withoutCommit(base, comparison.why) : base);
    if (reason !== undefined) reasons.push(reason);
    // Two environments that run the same commit would give the same reasons twice.
    if (since === undefined || comparison === undefined || compared.has(since)) continue;
    compared.add(since);
    reasons.push(...reasonsOf(service, comparison, house));
  }
  return { service: service.name, selected: reasons.length > 0, reasons: distinct(reasons), bases };
}

function withoutCommit({ environment }: Base, why: string): Base {
  return { commit: undefined, rung: 'unknown', environment, note: why };
}

/** One ledger that cannot be read is one reason, not one for each environment. */
function distinct(reasons: readonly SelectionReason[]): readonly SelectionReason[] {
  return [...new Map(reasons.map((it) => [JSON.stringify(it), it])).values()];
}

function reasonsOf(
  service: Service,
  comparison: Compared,
  { sharedPaths, graph }: Pick<Config, 'sharedPaths'> & { readonly graph: Graph },
): readonly SelectionReason[] {
  if (comparison.kind === 'lost') return [{ kind: 'base-unknown', why: comparison.why }];
  const { since, paths, old } = comparison;
  // What the head no longer has is removed, not changed, also where the work tree still has it.
  if (old.kind === 'read' && successor(service, old.now) === undefined) return [];
  const own = paths.matching(service.files);
  const declared = paths.matching(service.dependencies.paths);
  const shared = paths.matching(sharedPaths);
  return [
    ...configReasons(service, comparison, graph),
    ...reasonFor('files', own, since),
    ...reasonFor('dependency-paths', declared, since),
    ...reasonFor('shared-paths', shared, since),
    ...dependencyReasons(service, comparison, graph),
  ];
}

function reasonFor(
  kind: 'files' | 'dependency-paths' | 'shared-paths',
  hits: Hits,
  since: Commit,
): readonly SelectionReason[] {
  return hits.count === 0 ? [] : [{ kind, ...hits, since }];
}

function configReasons(service: Service, { since, old }: Comparison, graph: Graph): readonly SelectionReason[] {
  if (old.kind === 'same') return [];
  if (old.kind === 'unreadable') return [{ kind: 'config', since }];
  const before = predecessor(service, old.services);
  if (before === undefined) return [{ kind: 'new', since }];
  const after = successor(service, old.now);
  if (after !== undefined && !sameService(before, after)) return [{ kind: 'config', since }];
  // Files that a dependency takes in, or no longer does, are inputs of those who depend on it.
  const moved = closureOf(service, graph).some((dependency) => {
    const was = predecessor(dependency, old.services);
    const is = successor(dependency, old.now);
    return was !== undefined && is !== undefined && !sameInputs(was, is);
  });
  return moved ? [{ kind: 'config', since }] : [];
}

function dependencyReasons(service: Service, { since, paths }: Comparison, graph: Graph): readonly SelectionReason[] {
  const ways = graph.nodes.get(service.name)?.closure;
  const changed = closureOf(service, graph).flatMap((dependency) => {
    const hits = both(paths.matching(dependency.files), paths.matching(dependency.dependencies.paths));
    return hits.count === 0 ? [] : [{ path: ways?.get(dependency.name) ?? [], hits }];
  });
  return changed
    .sort((a, b) => a.path.length - b.path.length)
    .slice(0, MAX_DEPENDENCIES_NAMED)
    .map(({ path, hits }) => ({ kind: 'dependency', path, ...hits, since }));
}

/** The services that this one depends on, at any distance. */
function closureOf(service: Service, graph: Graph): readonly Service[] {
  const names = graph.nodes.get(service.name)?.closure.keys() ?? [];
  return [...names].flatMap((name) => graph.nodes.get(name)?.service ?? []);
}

function both(a: Hits, b: Hits): Hits {
  if (b.count === 0) return a;
  return { paths: [...a.paths, ...b.paths].slice(0, MAX_PATHS_NAMED), count: a.count + b.count };
}
