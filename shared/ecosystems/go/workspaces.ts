import { linkFrom, upwards } from '../paths.ts';
import type { GoFile } from './file.ts';

/** Reading more source files than this takes longer than a build of what may have changed. */
export const MAX_GO_SOURCES = 10_000;

/** A go.work and the modules of the repository that it uses. */
interface GoWorkspace {
  readonly modules: readonly GoFile[];
  /** Source files of these by the folder of the module; undefined when there are too many. */
  readonly sources: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * Modules that are used by one go.work: each may import packages of the others without requiring them
 * (https://go.dev/ref/mod#workspaces), so only their source says which.
 */
export class GoWorkspaces {
  readonly #all: readonly GoWorkspace[];

  constructor(works: readonly GoFile[], modules: readonly GoFile[], sources: readonly string[]) {
    const used = works.map((work) => {
      const folders = new Set(work.uses.flatMap((it) => linkFrom(work.folder, it)));
      return modules.filter(({ folder }) => folders.has(folder));
    });
    const several = used.filter(({ length }) => length > 1);
    const byModule = several.length === 0 ? new Map<string, string[]>() : bySource(modules, sources);
    this.#all = several.map((all) => ({ modules: all, sources: ofModules(all, byModule) }));
  }

  /** Source files that say who imports whom. */
  get sources(): readonly string[] {
    return this.#all.flatMap(({ sources }) => [...(sources?.values() ?? [])].flat());
  }

  /** Why it is not known what a module imports: there is too much to read, or a file that cannot be read. */
  whyOpen(module: GoFile, texts: ReadonlyMap<string, string>): string | undefined {
    for (const { modules, sources } of this.#all.filter((it) => it.modules.includes(module))) {
      if (sources === undefined)
        return `the ${modules.length} modules of its go.work have more than ${MAX_GO_SOURCES} source files`;
      const unread = sources.get(module.folder)?.find((path) => !texts.has(path));
      if (unread !== undefined) return `${unread}, which may import modules of its go.work, could not be read`;
    }
    return undefined;
  }

  /** Manifests of modules of its workspaces that a module imports packages of. */
  importedBy(module: GoFile, texts: ReadonlyMap<string, string>): readonly string[] {
    return this.#all.flatMap(({ modules, sources }) => {
      if (!modules.includes(module)) return [];
      const names = new Map(modules.map((it) => [it.module, it.path]));
      const read = (sources?.get(module.folder) ?? []).flatMap((path) => texts.get(path) ?? []);
      const found = new Set<string>();
      for (const path of [...read.flatMap(quoted), ...module.tools]) {
        // The longest path of a module that a package is below is the one it is of.
        const name = [...upwards(path)].find((it) => names.has(it));
        if (name !== undefined) found.add(names.get(name) ?? '');
      }
      return [...found].filter((it) => it !== module.path);
    });
  }
}

/** Every text that may be the path of an import: more than there are, never less. */
const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/["`]([\w.~\-/]+)["`]/g)].map(([, path = '']) => path);

/** A file is of the module of the nearest folder; what is vendored imports nothing of the repository. */
function bySource(modules: readonly GoFile[], sources: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>(modules.map(({ folder }) => [folder, []]));
  for (const path of sources) {
    if (/(?:^|\/)vendor\//.test(path)) continue;
    for (const folder of upwards(path)) {
      const list = found.get(folder);
      list?.push(path);
      if (list !== undefined) break;
    }
  }
  return found;
}

function ofModules(modules: readonly GoFile[], byModule: ReadonlyMap<string, readonly string[]>) {
  const found = new Map(modules.map(({ folder }) => [folder, byModule.get(folder) ?? []]));
  const count = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  return count > MAX_GO_SOURCES ? undefined : found;
}
