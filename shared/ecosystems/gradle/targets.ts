import { inFolder, nameOf } from '../paths.ts';
import { type Build, foldersAt, pathOf, pathsIn, type Script } from './build.ts';
import { projectReferences, quotedIn, type Reference } from './script.ts';

/** A text that counts for a project. */
export interface Said {
  readonly text: string;
  /** The folder that its paths are read from. */
  readonly from: string;
}

/**
 * Scripts that texts apply, at any distance: by the path, else by the name of the file, since the path may be an expression.
 *
 * @param roots folders of the builds that the project may be a part of
 */
export function appliedBy(
  texts: readonly Said[],
  roots: readonly string[],
  scripts: readonly Script[],
): ReadonlySet<Script> {
  const found = new Set<Script>();
  const look = ({ text, from }: Said): void => {
    const paths = new Set(roots.flatMap((root) => pathsIn(text, from, root)));
    for (const written of quotedIn(text).filter((it) => /\.gradle(?:\.kts)?$/.test(it) && !it.includes('://'))) {
      const named = scripts.filter(({ path }) => nameOf(path) === nameOf(written));
      const byPath = named.filter(({ path }) => paths.has(path));
      for (const it of byPath.length > 0 ? byPath : named) found.add(it);
    }
  };
  texts.forEach(look);
  for (const { text, folder } of found) look({ text, from: folder });
  return found;
}

export interface Targets {
  /** Folders of the projects that are depended on. */
  readonly folders: readonly string[];
  /** A reference of which it is not known what it means; undefined when there is none. */
  readonly open: string | undefined;
}

/** What all references in some texts mean to a project of some builds; in each build, since only one is the true one. */
export function targetsOf(
  texts: readonly string[],
  project: Script,
  builds: readonly Build[],
  known: ReadonlySet<string>,
): Targets {
  const resolved = texts.flatMap(projectReferences).map((it) => ({
    written: it.written,
    folders: builds.flatMap((build) => meant(it, project, build, known)),
  }));
  const quoted = texts.flatMap(quotedIn).filter((it) => it.startsWith(':'));
  return {
    folders: [
      ...resolved.flatMap((it) => it.folders),
      ...quoted.flatMap((it) => builds.flatMap((build) => projectIn(it, build, known))),
    ],
    open: resolved.find((it) => it.folders.length === 0)?.written,
  };
}

/** A path without a colon first is read from the project; from the root it is as well, to be safe. */
function meant(reference: Reference, { folder }: Script, build: Build, known: ReadonlySet<string>): readonly string[] {
  const { path } = reference;
  const own = pathOf(folder, build).replace(/:$/, '');
  const inner = path === undefined || path.startsWith(':') ? [] : projectIn(`${own}:${path}`, build, known);
  return [...foldersAt(reference, build, known), ...inner];
}

/** The project that a path of a task or of a project begins with, where there is one. */
function projectIn(written: string, build: Build, known: ReadonlySet<string>): readonly string[] {
  const parts = written.split(':').filter(Boolean);
  for (let length = parts.length; length > 0; length--) {
    const path = parts.slice(0, length);
    const said = build.folders.get(`:${path.join(':')}`);
    const place = inFolder(build.folder, path.join('/'));
    if (said !== undefined) return [said];
    if (known.has(place)) return [place];
  }
  return [];
}
