import type { Ecosystem, PathRules, Service, ServiceName } from '../model/index.ts';
import type { Package } from './package.ts';
import { upwards } from './paths.ts';
import type { Workspace } from './workspace.ts';

/** What links mean. */
export interface Targets {
  readonly packages: readonly Package[];
  readonly paths: readonly string[];
}

/** Packages by where they lie, and whose they are. */
export class PackageMap {
  readonly #byManifest = new Map<string, Package>();
  readonly #byFolder = new Map<string, Package[]>();
  readonly #byService = new Map<string, ServiceName[]>();
  readonly #folders: readonly string[];
  readonly #ecosystems: ReadonlyMap<string, Ecosystem>;
  /** Folders with packages of an ecosystem that are things of their own. */
  readonly #apart = new Map<Ecosystem, Set<string>>();
  readonly #packageRules = new Map<string, PathRules>();
  readonly #targets = new Map<Package, Targets>();
  readonly #pathRules = new Map<string, PathRules>();

  constructor(workspace: Workspace, services: readonly Service[]) {
    const ecosystems = new Map<string, Ecosystem>();
    for (const [ecosystem, packages] of workspace.packages) {
      const apart = packages.filter(({ content, isPart }) => content === 'folder' && !isPart);
      this.#apart.set(ecosystem, new Set(apart.map(({ folder }) => folder)));
      for (const it of packages) {
        this.#byManifest.set(it.manifest, it);
        push(this.#byFolder, it.folder, it);
        ecosystems.set(it.manifest, ecosystem);
      }
    }
    for (const { name, path } of services) push(this.#byService, path, name);
    this.#ecosystems = ecosystems;
    this.#folders = [...new Set([...this.#byFolder.keys(), ...this.#byService.keys()])].sort();
  }

  /** The packages that a link means: one by its manifest, or those of a folder. */
  linked(link: string): readonly Package[] {
    const exact = this.#byManifest.get(link);
    return exact === undefined ? (this.#byFolder.get(link) ?? []) : [exact];
  }

  /** What the links of a package mean: packages, and what lies at paths that no package covers. The same each time. */
  targetsOf(pkg: Package): Targets {
    const known = this.#targets.get(pkg) ?? this.targetsOfLinks(pkg.links);
    this.#targets.set(pkg, known);
    return known;
  }

  targetsOfLinks(links: readonly string[]): Targets {
    return {
      packages: [...new Set(links.flatMap((link) => this.linked(link)))],
      paths: links.filter((link) => !this.#covers(link)),
    };
  }

  #covers(link: string): boolean {
    return this.linked(link).some(({ manifest, content }) => manifest === link || content === 'folder');
  }

  within(folder: string): readonly Package[] {
    return this.#below(folder).flatMap((it) => this.#byFolder.get(it) ?? []);
  }

  /** For each ecosystem the packages of the nearest folder that a folder is in. */
  around(folder: string): readonly Package[] {
    const found = new Map<Ecosystem | undefined, readonly Package[]>();
    for (const at of upwards(folder)) {
      const here = this.#byFolder.get(at) ?? [];
      for (const ecosystem of new Set(here.map((it) => this.#ecosystems.get(it.manifest)))) {
        const packages = here.filter((it) => this.#ecosystems.get(it.manifest) === ecosystem);
        if (!found.has(ecosystem)) found.set(ecosystem, packages);
      }
    }
    return [...found.values()].flat();
  }

  /** The services whose folder a package lies in, the innermost; what lies at the root of all is a package, not a part. */
  ownersOf({ folder }: Pick<Package, 'folder'>): readonly ServiceName[] {
    for (const at of upwards(folder)) {
      const names = this.#byService.get(at);
      if (names !== undefined && (at !== '' || folder === '')) return names;
    }
    return [];
  }

  /** The files of a package: its folder, without packages of its ecosystem within it that are things of their own. */
  rulesOf(pkg: Package): PathRules {
    if (pkg.content === 'manifest') return this.pathRules(pkg.manifest);
    const ecosystem = this.#ecosystems.get(pkg.manifest);
    const key = `${ecosystem}:${pkg.folder}`;
    const rules = this.#packageRules.get(key) ?? this.#folderRules(pkg.folder, ecosystem);
    this.#packageRules.set(key, rules);
    return rules;
  }

  /** The rules of a path that is no package; the same ones each time. */
  pathRules(path: string): PathRules {
    const rules = this.#pathRules.get(path) ?? fileRules(path);
    this.#pathRules.set(path, rules);
    return rules;
  }

  #folderRules(folder: string, ecosystem: Ecosystem | undefined): PathRules {
    const apart = ecosystem === undefined ? undefined : this.#apart.get(ecosystem);
    const inner = this.#below(folder).filter((it) => it !== folder && apart?.has(it));
    return { from: folder, patterns: ['**', ...inner.map((it) => `!/${literal(it.slice(folder.length))}/`)] };
  }

  /** Folders with packages or services at or below one. */
  #below(folder: string): readonly string[] {
    if (folder === '') return this.#folders;
    const start = place(this.#folders, `${folder}/`);
    const inner = this.#folders.slice(start, place(this.#folders, `${folder}0`));
    return this.#byFolder.has(folder) || this.#byService.has(folder) ? [folder, ...inner] : inner;
  }
}

/** Index of the first of sorted texts that is not before one. */
function place(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A file or folder itself and all below it. */
const fileRules = (path: string): PathRules => ({ from: path, patterns: ['**'] });

/** A path as a pattern that means it letter by letter. */
const literal = (path: string): string => path.replace(/^\//, '').replace(/[*?[\]{}\\]/g, '\\$&');

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
