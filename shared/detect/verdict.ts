import type { Base, Commit, Config, Graph, SelectionReason, Service, ServiceName, Verdict } from '../model/index.ts';
import { type Hits, MAX_PATHS_NAMED, NO_HITS } from './changed-paths.ts';
import type { Compared, Comparison } from './comparison.ts';
import { type OldConfig, predecessor, sameInputs, sameService, successor } from './old-config.ts';
import type { Standing } from './standing.ts';

/** How many dependencies of a service are named as reasons for one base, the nearest first. */
const MAX_DEPENDENCIES_NAMED = 10;

type House = Pick<Config, 'sharedPaths'> & { readonly graph: Graph };

/** What standings come to, once something was compared: the same for all services that stand alike. */
interface Outcome {
  readonly bases: readonly Base[];
  /**
   * What speaks for a service whatever has changed, and what has to be looked at. Each comparison once: two environments
   * that run the same commit would give the same reasons twice.
   */
  readonly grounds: readonly (SelectionReason | Comparison)[];
}

/** Gives verdicts on services. Most services of a run stand alike, so what their standings come to is found once. */
export class Judge {
  readonly #comparisons: ReadonlyMap<Commit, Compared>;
  readonly #house: House;
  readonly #outcomes = new Map<readonly Standing[], Outcome>();

  constructor(comparisons: ReadonlyMap<Commit, Compared>, house: House) {
    this.#comparisons = comparisons;
    this.#house = house;
  }

  /** The verdict on one service: selected if anything speaks for it. */
  verdict(service: Service, standings: readonly Standing[]): Verdict {
    const { bases, grounds } = this.#outcome(standings);
    const [only] = grounds;
    const reasons =
      grounds.length === 1 && only !== undefined ? this.#on(service, only) : this.#onAll(service, grounds);
    return { service: service.name, selected: reasons.length > 0, reasons: distinct(reasons), bases };
  }

  #onAll(service: Service, grounds: Outcome['grounds']): readonly SelectionReason[] {
    return grounds.flatMap((it) => this.#on(service, it));
  }

  #on(service: Service, ground: SelectionReason | Comparison): readonly SelectionReason[] {
    return ground.kind === 'compared' ? reasonsOf(service, ground, this.#house) : [ground];
  }

  #outcome(standings: readonly Standing[]): Outcome {
    const known = this.#outcomes.get(standings);
    if (known !== undefined) return known;
    const outcome = outcomeOf(standings, this.#comparisons);
    this.#outcomes.set(standings, outcome);
    return outcome;
  }
}

function outcomeOf(standings: readonly Standing[], comparisons: ReadonlyMap<Commit, Compared>): Outcome {
  const bases: Base[] = [];
  const grounds = new Set<SelectionReason | Compared>();
  for (const { base, reason, since } of standings) {
    const compared = since === undefined ? undefined : comparisons.get(since);
    bases.push(compared?.kind === 'lost' ? withoutCommit(base, compared.why) : base);
    if (reason !== undefined) grounds.add(reason);
    if (compared !== undefined) grounds.add(compared);
  }
  return {
    bases,
    grounds: [...grounds].map((it) => (it.kind === 'lost' ? { kind: 'base-unknown', why: it.why } : it)),
  };
}

function withoutCommit({ environment }: Base, why: string): Base {
  return { commit: undefined, rung: 'unknown', environment, note: why };
}

/** One ledger that cannot be read is one reason, not one for each environment. */
function distinct(reasons: readonly SelectionReason[]): readonly SelectionReason[] {
  return reasons.length < 2 ? reasons : [...new Map(reasons.map((it) => [JSON.stringify(it), it])).values()];
}

function reasonsOf(
  service: Service,
  comparison: Comparison,
  { sharedPaths, graph }: House,
): readonly SelectionReason[] {
  const { since, paths, old } = comparison;
  const reasons: SelectionReason[] = [];
  // What the head no longer has is removed, not changed, also where the work tree still has it.
  if (old.kind === 'read' && successor(service, old.now) === undefined) return reasons;
  if (old.kind !== 'same') reasons.push(...configReasons(service, old, since, graph));
  addHits(reasons, 'files', paths.matching(service.files), since);
  addHits(reasons, 'dependency-paths', paths.matching(service.dependencies.paths), since);
  addHits(reasons, 'build-files', buildFilesOf(service, comparison), since);
  addHits(reasons, 'shared-paths', paths.matching(sharedPaths), since);
  if (standsAlone(service, comparison, graph)) return reasons;
  return [...reasons, ...importedReasons(service, comparison, graph), ...dependencyReasons(service, comparison, graph)];
}

type HitKind = 'files' | 'dependency-paths' | 'build-files' | 'shared-paths';

function addHits(reasons: SelectionReason[], kind: HitKind, hits: Hits, since: Commit): void {
  if (hits.count > 0) reasons.push({ kind, ...hits, since });
}

/** Nothing but its own rules has a say in it: so it is for most, and then there is nothing to look for. */
function standsAlone({ name }: Service, { imports }: Comparison, { nodes }: Graph): boolean {
  const node = nodes.get(name);
  const needs = (node?.closure.size ?? 0) + (node?.imported.inputs.length ?? 0);
  return needs === 0 && imports.graphs.length === 0 && !imports.locks.has(name);
}

/** Most services have none. */
const buildFilesOf = ({ buildFiles }: Service, { paths }: Comparison): Hits =>
  buildFiles === undefined ? NO_HITS : paths.matching(buildFiles);

function configReasons(
  service: Service,
  old: Exclude<OldConfig, { kind: 'same' }>,
  since: Commit,
  graph: Graph,
): readonly SelectionReason[] {
  if (old.kind === 'unreadable') return [{ kind: 'config', since }];
  const before = predecessor(service, old.services);
  if (before === undefined) return [{ kind: 'new', since }];
  const after = successor(service, old.now);
  if (old.sharedMoved || (after !== undefined && !sameService(before, after))) return [{ kind: 'config', since }];
  // Files that a dependency takes in, or no longer does, are inputs of those who depend on it.
  const moved = closureOf(service, graph).some((dependency) => {
    const was = predecessor(dependency, old.services);
    const is = successor(dependency, old.now);
    return was !== undefined && is !== undefined && !sameInputs(was, is);
  });
  return moved ? [{ kind: 'config', since }] : [];
}

/** What the service needs is what it needs now and what it needed then: what it no longer has may be gone by that change. */
function dependencyReasons(service: Service, comparison: Comparison, graph: Graph): readonly SelectionReason[] {
  const found = graphsOf(comparison, graph).flatMap((it) => changedDependencies(service, comparison, it));
  const nearest = found.sort((a, b) => a.path.length - b.path.length);
  return [...new Map(nearest.map((it) => [it.path.at(-1), it])).values()].slice(0, MAX_DEPENDENCIES_NAMED);
}

function changedDependencies(service: Service, comparison: Comparison, graph: Graph): readonly DependencyReason[] {
  const ways = graph.nodes.get(service.name)?.closure;
  return closureOf(service, graph).flatMap((dependency) => {
    const hits = inputsOf(dependency, comparison, graph);
    if (hits.count === 0) return [];
    const path = ways?.get(dependency.name) ?? [];
    return [{ kind: 'dependency', path, imported: importedSteps(path, graph), ...hits, since: comparison.since }];
  });
}

type DependencyReason = Extract<SelectionReason, { kind: 'dependency' }>;

/** Inputs are looked at once for each service, not for each that depends on it. */
const known = new WeakMap<Comparison, WeakMap<Graph, Map<ServiceName, Hits>>>();

/** What has changed of all that a service is made of, apart from what it depends on. */
function inputsOf(service: Service, comparison: Comparison, graph: Graph): Hits {
  const graphs = known.get(comparison) ?? new WeakMap<Graph, Map<ServiceName, Hits>>();
  const hits = graphs.get(graph) ?? new Map<ServiceName, Hits>();
  known.set(comparison, graphs.set(graph, hits));
  const found = hits.get(service.name) ?? findInputs(service, comparison, graph);
  hits.set(service.name, found);
  return found;
}

function findInputs(service: Service, comparison: Comparison, graph: Graph): Hits {
  const { paths, imports } = comparison;
  const imported = graph.nodes.get(service.name)?.imported.inputs ?? [];
  const locks = imports.locks.get(service.name) ?? [];
  return [
    paths.matching(service.files),
    paths.matching(service.dependencies.paths),
    buildFilesOf(service, comparison),
    ...imported.map(({ rules }) => paths.matching(rules)),
    { paths: locks.map(({ file }) => file), count: locks.length },
  ].reduce(both);
}

/** Manifests behind those steps of a way that no configuration names, each once. */
function importedSteps(path: readonly ServiceName[], { nodes }: Graph): readonly string[] {
  const steps = path.slice(1).flatMap((to, index) => {
    const from = nodes.get(path[index] ?? '');
    const declared = from?.service.dependencies.services.includes(to) === true;
    return declared ? [] : (from?.imported.dependencies.get(to) ?? []);
  });
  return [...new Set(steps)];
}

/** Packages and manifests that manifests name, and what lock files resolve. */
function importedReasons(service: Service, comparison: Comparison, graph: Graph): readonly SelectionReason[] {
  const { since, paths, imports } = comparison;
  const inputs = graphsOf(comparison, graph).flatMap((it) => it.nodes.get(service.name)?.imported.inputs ?? []);
  const reasons = inputs.flatMap(({ rules, way, manifest }): readonly SelectionReason[] => {
    const hits = paths.matching(rules);
    return hits.count === 0 ? [] : [{ kind: 'imported', manifest, way, ...hits, since }];
  });
  const locks = imports.locks.get(service.name) ?? [];
  return [...reasons.slice(0, MAX_DEPENDENCIES_NAMED), ...locks.map((it) => ({ kind: 'lock', ...it, since }) as const)];
}

const graphsOf = ({ imports }: Comparison, graph: Graph): readonly Graph[] => [graph, ...imports.graphs];

/** The services that this one depends on, at any distance. */
function closureOf(service: Service, graph: Graph): readonly Service[] {
  const names = graph.nodes.get(service.name)?.closure.keys() ?? [];
  return [...names].flatMap((name) => graph.nodes.get(name)?.service ?? []);
}

function both(a: Hits, b: Hits): Hits {
  if (b.count === 0) return a;
  return { paths: [...a.paths, ...b.paths].slice(0, MAX_PATHS_NAMED), count: a.count + b.count };
}
