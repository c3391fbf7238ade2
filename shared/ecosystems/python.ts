import picomatch from 'picomatch';
import { at, entriesAt, listAt, textAt, textsAt } from './data.ts';
import { type EcosystemReader, makePackage, type Package, type ReadPackages } from './package.ts';
import { above, folderOf, linkFrom, nameOf, upwards } from './paths.ts';
import { parseToml } from './toml.ts';

/** Lock files, and settings that hold below them. */
const LOCKS = ['uv.lock', 'poetry.lock', 'pdm.lock', 'pylock.toml'];
const SETTINGS = ['uv.toml', '.python-version'];

interface PythonFile {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly data: unknown;
}

/**
 * Packages of Python: pyproject.toml with path and workspace sources of uv, path dependencies of poetry and PDM, direct
 * references (PEP 508 `name @ file:…`), and requirements files with `-e`, `-r` and paths.
 */
const readPython: ReadPackages = ({ texts, there }) => {
  const all = [...texts].map(([path, text]) => ({ path, folder: folderOf(path), text }));
  const projects = all
    .filter(({ path }) => nameOf(path) === 'pyproject.toml')
    .map(({ text, ...it }) => ({ ...it, data: parseToml(text) }));
  const byFolder = new Map(projects.map((it) => [it.folder, it]));
  const byName = namesOf(projects);
  const lists = all.filter(({ path }) => nameOf(path) !== 'pyproject.toml');
  return [
    ...projects.map((it) => toPackage(it, rootOf(it, byFolder), byName, there)),
    ...lists.map(({ path, folder, text }) => toRequirements(path, folder, text, there)),
  ];
};

export const python: EcosystemReader = { read: readPython };

function toPackage(file: PythonFile, root: PythonFile | undefined, byName: Names, there: ReadonlySet<string>): Package {
  const { path, folder, data } = file;
  const wanted = requirementsOf(data);
  const names = new Set(wanted.map(nameInRequirement));
  // Sources of a workspace's root hold for its members, each for what it needs.
  const sources = [
    ...sourcesIn(file, byName).map(([, link]) => link),
    ...(root === undefined ? [] : sourcesIn(root, byName).flatMap(([name, link]) => (names.has(name) ? [link] : []))),
  ];
  const direct = wanted.flatMap((it) => directReference(folder, it));
  const lock = above(folder, LOCKS, there).slice(0, 1);
  const rootFile = root === undefined || root.path === path ? [] : [root.path];
  const unknown = data === undefined ? 'it is no TOML' : undefined;
  const name = nameOfProject(data);
  return makePackage({
    manifest: path,
    name: name ?? (folder || path),
    folder,
    links: [...new Set([...sources, ...direct, ...poetryPaths(file)])].filter((it) => it !== folder && it !== path),
    governed: [...rootFile, ...lock, ...above(folder, SETTINGS, there)],
    unknown,
    nameless: unknown !== undefined && root !== undefined,
  });
}

const nameOfProject = (data: unknown): string | undefined =>
  textAt(data, 'project', 'name') ?? textAt(data, 'tool', 'poetry', 'name');

type Names = ReadonlyMap<string, readonly string[]>;

function namesOf(projects: readonly PythonFile[]): Names {
  const found = new Map<string, string[]>();
  for (const { path, data } of projects) {
    const name = nameOfProject(data);
    if (name !== undefined) found.set(normal(name), [...(found.get(normal(name)) ?? []), path]);
  }
  return found;
}

/** Names are equal without regard to case and to which of `-_.` they have (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Requirements of PEP 508, of every group. */
function requirementsOf(data: unknown): readonly string[] {
  const groups = [
    ...entriesAt(data, 'project', 'optional-dependencies'),
    ...entriesAt(data, 'dependency-groups'),
    ...entriesAt(data, 'tool', 'pdm', 'dev-dependencies'),
  ];
  return [
    ...textsAt(data, 'project', 'dependencies'),
    ...textsAt(data, 'build-system', 'requires'),
    ...textsAt(data, 'tool', 'uv', 'dev-dependencies'),
    ...groups.flatMap(([, list]) => textsAt(list)),
  ];
}

const nameInRequirement = (text: string): string => normal(/^\s*([A-Za-z0-9][\w.-]*)/.exec(text)?.[1] ?? '');

/** `tool.uv.sources`: a path, or a member of the workspace; one source or several. */
function sourcesIn({ data, folder }: PythonFile, byName: Names): readonly (readonly [string, string])[] {
  return entriesAt(data, 'tool', 'uv', 'sources').flatMap(([name, written]) =>
    listAt(written).flatMap((source) => {
      if (at(source, 'workspace') === true)
        return (byName.get(normal(name)) ?? []).map((it) => [normal(name), it] as const);
      return linkFrom(folder, textAt(source, 'path')).map((link) => [normal(name), link] as const);
    }),
  );
}

/** `{ path = "../x" }` in any table of dependencies of poetry. */
function poetryPaths({ data, folder }: PythonFile): readonly string[] {
  const groups = entriesAt(data, 'tool', 'poetry', 'group').map(([, group]) => at(group, 'dependencies'));
  const tables = [
    at(data, 'tool', 'poetry', 'dependencies'),
    at(data, 'tool', 'poetry', 'dev-dependencies'),
    ...groups,
  ];
  return tables.flatMap((table) =>
    entriesAt(table).flatMap(([, written]) => listAt(written).flatMap((it) => linkFrom(folder, textAt(it, 'path')))),
  );
}

/** `name @ file:…`, `-e file:…` (PDM), with what stands for the project's own folder. */
function directReference(folder: string, requirement: string): readonly string[] {
  const url = /(?:@\s*|^\s*-e\s+)((?:file:|\{root:uri\}|\.{1,2}\/)[^\s;#]*)/.exec(requirement)?.[1];
  if (url === undefined) return [];
  const written = url
    .replace(/^file:(?:\/\/(?=\/|\$|\.))?/, '')
    .replace(/^\/?\$\{?PROJECT_ROOT\}?\/?|^\{root:uri\}\/?/, './');
  return linkFrom(folder, written);
}

/** The root of the workspace of uv that a project is in: the nearest above that takes it in, or itself. */
function rootOf({ folder }: PythonFile, byFolder: ReadonlyMap<string, PythonFile>): PythonFile | undefined {
  for (const up of upwards(folder)) {
    const root = byFolder.get(up);
    const workspace = at(root?.data, 'tool', 'uv', 'workspace');
    if (workspace === undefined) continue;
    const inner = up === '' ? folder : folder.slice(up.length + 1);
    const matches = (key: string) => picomatch.isMatch(inner, [...textsAt(workspace, key)], { windows: false });
    if (up === folder || (matches('members') && !matches('exclude'))) return root;
  }
  return undefined;
}

/** A requirements file: other such files, and folders, each as a path (https://pip.pypa.io/en/stable/reference/requirements-file-format/). */
function toRequirements(path: string, folder: string, text: string, there: ReadonlySet<string>): Package {
  const lines = text.split(/\r?\n/).map((it) => it.replace(/(^|\s)#.*$/, '').trim());
  const links = lines.flatMap((line) => {
    const file = /^(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)$/.exec(line)?.[1];
    const place = /^(?:(?:-e|--editable)[\s=]*)?(\.{1,2}(?:\/[^\s;[]*)?)/.exec(line)?.[1];
    const found = file ?? place;
    return found === undefined ? directReference(folder, line) : linkFrom(folder, found);
  });
  return makePackage({
    manifest: path,
    name: path,
    folder,
    content: 'manifest',
    links: links.filter((it) => it !== folder && it !== path),
    governed: above(folder, SETTINGS, there),
  });
}
