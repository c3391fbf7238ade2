import { fromFolder, inFolder, isWithin, linkFrom, nameOf, upwards } from '../paths.ts';
import { argumentsOf, quotedIn, type Reference } from './script.ts';

/** One script of Gradle, without its comments. */
export interface Script {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

/** A build: the folder of its settings, and where its projects lie. */
export interface Build {
  readonly folder: string;
  /** Path of a project (`:libs:money`) → folder, where the settings say so. */
  readonly folders: ReadonlyMap<string, string>;
  /** Folders of builds that are included, whose plugins and libraries are used without being named. */
  readonly included: readonly string[];
  /** Catalogs of versions that lie elsewhere than usual. */
  readonly catalogs: readonly string[];
}

export const SETTINGS = ['settings.gradle', 'settings.gradle.kts'];

/** Whether a script is that of a project: `build.gradle`, or named after its folder, as settings may have it. */
export function isProject({ path, folder }: Script): boolean {
  const stem = nameOf(path).replace(/\.gradle(?:\.kts)?$/, '');
  return stem === 'build' || (folder !== '' && stem === nameOf(folder));
}

export function toBuild({ folder, text }: Script): Build {
  const folders = new Map<string, string>();
  for (const path of argumentsOf(text, 'include')) {
    const full = `:${path.replace(/^:/, '')}`;
    folders.set(full, inFolder(folder, full.slice(1).replaceAll(':', '/')));
  }
  const moved = /project\s*\(\s*(["'])([^"']+)\1\s*\)\s*\.\s*projectDir\s*=\s*(?:new\s+)?[Ff]ile\s*\(([^)]*)\)/g;
  for (const [, , path = '', written = ''] of text.matchAll(moved)) {
    const place = /(["'])([^"'$]*)\1\s*$/.exec(written.replace(/\)\s*$/, ''))?.[2]?.replace(/^\//, '');
    for (const found of linkFrom(folder, place)) folders.set(`:${path.replace(/^:/, '')}`, found);
  }
  return {
    folder,
    folders,
    included: argumentsOf(text, 'includeBuild').flatMap((it) => linkFrom(folder, it)),
    catalogs: pathsIn(text, folder, folder).filter((it) => it.endsWith('.toml')),
  };
}

/** Builds that a folder may be a part of, the nearest first: settings of any folder above, since some are left over, and those that name it. */
export function buildsOf(folder: string, builds: readonly Build[]): readonly Build[] {
  const up = [...upwards(folder)];
  const found = builds.filter((it) => up.includes(it.folder) || [...it.folders.values()].includes(folder));
  return found.sort((a, b) => b.folder.length - a.folder.length);
}

/** `:libs:money`, as the settings name the folder, else as it lies. */
export function pathOf(folder: string, build: Build): string {
  const named = [...build.folders].find(([, it]) => it === folder)?.[0];
  if (named !== undefined || folder === build.folder) return named ?? ':';
  return `:${folder.slice(build.folder === '' ? 0 : build.folder.length + 1).replaceAll('/', ':')}`;
}

/** Folders of the project that a reference means in one build; several where it is not where its path says. */
export function foldersAt(
  { path, accessor }: Reference,
  build: Build,
  folders: ReadonlySet<string>,
): readonly string[] {
  if (accessor !== undefined) return byAccessor(accessor, build, folders);
  if (path === undefined) return [];
  const full = `:${path.replace(/^:/, '')}`;
  const said = build.folders.get(full);
  const place = inFolder(build.folder, full.slice(1).replaceAll(':', '/'));
  if (said !== undefined && said !== place) return [said];
  if (folders.has(place)) return [place];
  // Settings may compute where projects lie: then the name of the folder is all there is to go by.
  const moved = [...folders].filter(
    (it) => nameOf(it) === full.slice(full.lastIndexOf(':') + 1) && isWithin(it, build.folder),
  );
  return said === undefined ? moved : [said, ...moved];
}

/** Methods of a project behind its accessor, such as `projects.libs.money.dependencyProject`, are read over. */
function byAccessor(accessor: string, build: Build, folders: ReadonlySet<string>): readonly string[] {
  const known = new Map<string, string>();
  for (const folder of folders) known.set(accessorOf(pathOf(folder, build)), folder);
  for (const [path, folder] of build.folders) known.set(accessorOf(path), folder);
  const parts = accessor.split('.');
  for (let length = parts.length; length > 0; length--) {
    const found = known.get(parts.slice(0, length).join('.'));
    if (found !== undefined) return [found];
  }
  return [];
}

/** `:libs:my-lib` is `libs.myLib` (https://docs.gradle.org/current/userguide/declaring_dependencies_basics.html). */
const accessorOf = (path: string): string =>
  path
    .split(':')
    .filter(Boolean)
    .map((part) => part.replace(/[-_.]+(\w)/g, (_, letter: string) => letter.toUpperCase()))
    .join('.');

const OF_ROOT = /^\$\{?(?:rootDir|rootProject\.(?:projectDir|rootDir)|settingsDir)\}?\/?/;
const OF_PROJECT = /^\$\{?(?:projectDir|project\.projectDir)\}?\/?/;

/** Paths out of a folder that stand in quotes, from the script's folder or from the root of its build. */
export function pathsIn(text: string, folder: string, root: string): readonly string[] {
  return quotedIn(text).flatMap((written) => {
    const rest = written.replace(OF_ROOT, '');
    const place = rest === written ? fromFolder(folder, written.replace(OF_PROJECT, './')) : fromFolder(root, rest);
    const isMeant =
      rest !== written || /^(?:\.\.\/|\$)/.test(written) || /\.gradle(?:\.kts)?$|\.versions\.toml$/.test(written);
    if (!isMeant || place === undefined || place.includes('$') || /[*?]/.test(place)) return [];
    return [place];
  });
}
