import {
  type ImportedInput,
  type LockRoot,
  type PathRules,
  type Problem,
  problem,
  type Service,
  type ServiceImports,
  type ServiceName,
} from '../model/index.ts';
import { makePackage, type Package } from './package.ts';
import { PackageMap, type Targets } from './package-map.ts';
import { isWithin } from './paths.ts';
import type { Symlinks } from './symlinks.ts';
import type { Workspace } from './workspace.ts';

export interface Imported {
  readonly services: ReadonlyMap<ServiceName, ServiceImports>;
  /** Manifests that services depend on and that cannot be read. */
  readonly warnings: readonly Problem[];
}

/** How many manifests that cannot be read are told one by one. */
const MAX_TOLD = 20;

/** What each service uses of the repository by the manifests of its packages. */
export function importsOf(workspace: Workspace, services: readonly Service[]): Imported {
  const map = new PackageMap(workspace, services);
  const told = new Map<string, Problem>();
  const read = services.map((service) => {
    const visits = visit(service, map, workspace.symlinks);
    for (const { pkg } of visits.values()) if (pkg.unknown !== undefined) told.set(pkg.manifest, tell(pkg));
    return [service.name, collect(service, visits, map)] as const;
  });
  return { services: new Map(read), warnings: [...told.values()].slice(0, MAX_TOLD) };
}

function tell({ manifest, unknown }: Package): Problem {
  const sentence = `${manifest}: ${unknown}, so what it depends on is not known, and a change to any package of its ecosystem counts.`;
  return problem('manifest-unreadable', sentence, { at: { file: manifest } });
}

/** A package that a service comes by, and the one that it came from. */
interface Visit {
  readonly pkg: Package;
  readonly from: Visit | undefined;
  /** Whose package it is: the service's own, one around its folder, one of another service, or nobody's. */
  readonly kind: 'own' | 'around' | 'other-service' | 'library';
}

/** Breadth first from the packages of a service; those of other services are where it ends, since the graph goes on there. */
function visit(service: Service, map: PackageMap, symlinks: Symlinks): ReadonlyMap<string, Visit> {
  const visits = new Map<string, Visit>();
  for (const it of beginnings(service, map, symlinks)) visits.set(it.pkg.manifest, it);
  for (const from of visits.values()) {
    for (const pkg of from.kind === 'other-service' ? [] : targetsOf(from, map).packages) {
      if (!visits.has(pkg.manifest)) visits.set(pkg.manifest, { pkg, from, kind: kindOf(pkg, service, map) });
    }
  }
  return visits;
}

/** The packages of a service itself; where one manifest comes twice, the last counts. */
function beginnings(service: Service, map: PackageMap, symlinks: Symlinks): readonly Visit[] {
  const { path } = service;
  const begin = (pkg: Package, kind: Visit['kind']): Visit => ({ pkg, from: undefined, kind });
  return [
    ...symlinks.leadingOut(path).map(({ link, to }) => begin(linkAsPackage(link, to, service), 'own')),
    ...map.around(path).map((pkg) => begin(pkg, pkg.folder === path ? 'own' : 'around')),
    ...map.within(path).map((pkg) => begin(pkg, 'own')),
  ];
}

/** A symbolic link of a service says by itself what it uses, whether a manifest lies beside it or not. */
const linkAsPackage = (link: string, to: string, { path }: Service): Package =>
  makePackage({ manifest: link, name: link, folder: path, content: 'manifest', links: [to] });

/** A package that several services lie in is named by its manifests alone, even where one of these installs the other. */
function targetsOf({ pkg, kind }: Visit, map: PackageMap): Targets {
  return kind === 'around' && pkg.links.includes(pkg.folder)
    ? map.targetsOfLinks(pkg.links.filter((link) => link !== pkg.folder))
    : map.targetsOf(pkg);
}

/** What only hands settings on counts by its manifest, whoever has it. */
function kindOf(pkg: Package, service: Service, map: PackageMap): Visit['kind'] {
  const owners = pkg.content === 'manifest' ? [] : map.ownersOf(pkg);
  return owners.length === 0 || owners.includes(service.name) ? 'library' : 'other-service';
}

/** What is being gathered for one service. */
interface Gathered {
  readonly dependencies: Map<ServiceName, string>;
  /** By their rules: equal things have the same. */
  readonly inputs: Map<PathRules, ImportedInput>;
  readonly locks: Map<string, Map<string, LockRoot>>;
}

function collect(service: Service, visits: ReadonlyMap<string, Visit>, map: PackageMap): ServiceImports {
  const gathered: Gathered = { dependencies: new Map(), inputs: new Map(), locks: new Map() };
  for (const it of visits.values()) {
    if (it.kind === 'other-service') addDependency(gathered, it, map);
    else addPackage(gathered, it, service, map);
  }
  const locks = [...gathered.locks].map(([file, roots]) => [file, [...roots.values()]] as const);
  return { dependencies: gathered.dependencies, inputs: [...gathered.inputs.values()], locks: new Map(locks) };
}

function addDependency({ dependencies }: Gathered, { pkg, from }: Visit, map: PackageMap): void {
  for (const owner of map.ownersOf(pkg)) {
    if (!dependencies.has(owner)) dependencies.set(owner, from?.pkg.manifest ?? pkg.manifest);
  }
}

function addPackage(gathered: Gathered, visit: Visit, service: Service, map: PackageMap): void {
  const { pkg, from, kind } = visit;
  const way = wayTo(visit);
  const others = targetsOf(visit, map).paths;
  const found: readonly ImportedInput[] = [
    ...(kind === 'around' ? [{ rules: map.pathRules(pkg.manifest), way, manifest: pkg.manifest }] : []),
    ...(kind === 'library' ? [{ rules: map.rulesOf(pkg), way, manifest: from?.pkg.manifest ?? pkg.manifest }] : []),
    ...pkg.governed.map((path) => ({ rules: map.pathRules(path), way, manifest: pkg.manifest })),
    ...others.map((link) => ({ rules: map.pathRules(link), way: [...way, link], manifest: pkg.manifest })),
  ];
  for (const input of found) {
    const isOwn = service.path !== '' && isWithin(input.rules.from, service.path);
    if (!isOwn && !gathered.inputs.has(input.rules)) gathered.inputs.set(input.rules, input);
  }
  addLocks(gathered, pkg, service);
}

/** A lock file in the service's folder is a file of the service. */
function addLocks({ locks }: Gathered, { locks: files, folder, workspaces }: Package, service: Service): void {
  for (const file of files.filter((it) => service.path === '' || !isWithin(it, service.path))) {
    const roots = locks.get(file) ?? new Map<string, LockRoot>();
    locks.set(file, roots);
    roots.set(folder, { folder, development: true });
    // What the workspace itself needs to run is within reach of all its packages, whether they name it or not.
    for (const root of workspaces) if (!roots.has(root)) roots.set(root, { folder: root, development: false });
  }
}

/** Names of the packages from the first dependency on. */
function wayTo(visit: Visit): readonly string[] {
  const way: string[] = [];
  for (let at: Visit | undefined = visit; at !== undefined && at.kind === 'library'; at = at.from)
    way.push(at.pkg.name);
  return way.reverse();
}
