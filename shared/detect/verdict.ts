import type { Base, Commit, Config, Graph, SelectionReason, Service, Verdict } from '../model/index.ts';
import { type Hits, MAX_PATHS_NAMED } from './changed-paths.ts';
import type { Comparison } from './comparison.ts';
import { predecessor, sameInputs, sameService } from './old-config.ts';
import type { Standing } from './standing.ts';

/** How many dependencies of a service are named as reasons for one base, the nearest first. */
const MAX_DEPENDENCIES_NAMED = 10;

/** The verdict on one service: selected if anything speaks for it. */
export function judgeService(
  service: Service,
  standings: readonly Standing[],
  comparisons: ReadonlyMap<Commit, Comparison>,
  house: Pick<Config, 'sharedPaths'> & { readonly graph: Graph },
): Verdict {
  const reasons: SelectionReason[] = [];
  const bases: Base[] = [];
  const compared = new Set<Commit>();
  for (const { base, reason, since } of standings) {
    const comparison = since === undefined ? undefined : comparisons.get(since);
    bases.push(since === undefined || comparison !== undefined ? base : withoutCommit(base, since));
    if (reason !== undefined) reasons.push(reason);
    // Two environments that run the same commit would give the same reasons twice.
    if (since === undefined || compared.has(since)) continue;
    compared.add(since);
    reasons.push(...(comparison === undefined ? [lost(since)] : reasonsSince(service, comparison, house)));
  }
  return { service: service.name, selected: reasons.length > 0, reasons: distinct(reasons), bases };
}

const lostSentence = (commit: Commit): string =>
  `commit ${commit} is not in this clone, and the remote does not give it`;
const lost = (commit: Commit): SelectionReason => ({ kind: 'base-unknown', why: lostSentence(commit) });

function withoutCommit({ environment }: Base, commit: Commit): Base {
  return { commit: undefined, rung: 'unknown', environment, note: lostSentence(commit) };
}

/** One ledger that cannot be read is one reason, not one for each environment. */
function distinct(reasons: readonly SelectionReason[]): readonly SelectionReason[] {
  return [...new Map(reasons.map((it) => [JSON.stringify(it), it])).values()];
}

function reasonsSince(
  service: Service,
  comparison: Comparison,
  { sharedPaths, graph }: Pick<Config, 'sharedPaths'> & { readonly graph: Graph },
): readonly SelectionReason[] {
  const { since, paths } = comparison;
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
  if (!sameService(before, service)) return [{ kind: 'config', since }];
  // Files that a dependency takes in, or no longer does, are inputs of those who depend on it.
  const moved = closureOf(service, graph).some((dependency) => {
    const was = predecessor(dependency, old.services);
    return was !== undefined && !sameInputs(was, dependency);
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
