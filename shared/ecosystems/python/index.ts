import { at } from '../data.ts';
import { type EcosystemFiles, type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, folderOf, inFolder, isWithin, linkFrom, nameOf } from '../paths.ts';
import { parseToml } from '../toml.ts';
import { type Named, namedIn, namedInText } from './references.ts';
import { parseRequirements, RequirementsFiles, type RequirementsList } from './requirements.ts';
import {
  type Names,
  nameOfProject,
  namesOf,
  namesRequired,
  type PythonFile,
  rootOf,
  sourcesIn,
} from './uv-workspace.ts';

/** Lock files, and settings that hold below them. */
const LOCKS = ['uv.lock', 'poetry.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock', 'requirements.lock'];
const SETTINGS = ['uv.toml', '.python-version', 'pip.conf'];
/** Files that make a folder one that can be installed. */
const PROJECTS = ['pyproject.toml', 'setup.py', 'setup.cfg'];
/** What can be installed without being a folder. */
const ARCHIVE = /\.(?:whl|zip|tar\.\w+|tgz)$/;
/** Lists that lie in a folder of this name, whatever each is called. */
const IN_REQUIREMENTS = /(?:^|\/)requirements\/[^/]+$/;

/**
 * Packages of Python: pyproject.toml with path and workspace sources of uv, path dependencies of poetry and PDM, direct
 * references (PEP 508 `name @ file:…`); Pipfile; setup.py and setup.cfg as far as they name paths; and requirements files
 * with `-e`, `-r`, `-c` and paths.
 */
export const python: EcosystemReader = {
  read: ({ texts, there }) => {
    const files = [...texts].map(([path, text]) => ({ path, folder: folderOf(path), text }));
    const toml = (name: string) =>
      files.filter(({ path }) => nameOf(path) === name).map(({ text, ...it }) => ({ ...it, data: parseToml(text) }));
    const projects = toml('pyproject.toml');
    const byFolder = new Map(projects.map((it) => [it.folder, it]));
    const byName = namesOf(projects);
    const lists = listsIn(texts);
    const requirements = new RequirementsFiles(lists);
    return [
      ...projects.map((it) => toProject(it, rootOf(it, byFolder), byName, there)),
      ...toml('Pipfile').map((it) => toPipfile(it, there)),
      ...files.filter(isSetup).map(({ path, folder, text }) => toSetup(path, folder, text, there)),
      ...lists.map((it) => toList(it, requirements, there)),
    ];
  },
  further: ({ texts, sources }: EcosystemFiles) => {
    const lists = listsIn(texts);
    const files = new RequirementsFiles(lists);
    return [...lists.flatMap((it) => files.filesOf(it)), ...sources.filter((it) => IN_REQUIREMENTS.test(it))];
  },
};

const isSetup = ({ path, text }: { readonly path: string; readonly text: string }): boolean =>
  // Many a setup.cfg only has settings of linters.
  nameOf(path) === 'setup.py' || (nameOf(path) === 'setup.cfg' && /^\[(?:metadata|options)/m.test(text));

const listsIn = (texts: ReadonlyMap<string, string>): readonly RequirementsList[] =>
  [...texts]
    .filter(([path]) => ![...PROJECTS, 'Pipfile'].includes(nameOf(path)))
    .map(([path, text]) => parseRequirements(path, folderOf(path), text));

function toProject(file: PythonFile, root: PythonFile | undefined, byName: Names, there: ReadonlySet<string>): Package {
  const { path, folder, data } = file;
  const names = namesRequired(data);
  // Sources of a workspace's root hold for its members, each for what it needs.
  const sources = [
    ...sourcesIn(file, byName).map(([, link]) => link),
    ...(root === undefined ? [] : sourcesIn(root, byName).flatMap(([name, link]) => (names.has(name) ? [link] : []))),
  ];
  const { links, governed } = placesOf(namedIn(data), folder, path);
  const unknown = data === undefined ? 'it is no TOML' : undefined;
  return makePackage({
    manifest: path,
    name: nameOfProject(data) ?? (folder || path),
    folder,
    links: [...new Set([...sources.filter((it) => it !== folder && it !== path), ...links])],
    governed: [
      ...(root === undefined || root.path === path ? [] : [root.path]),
      ...locksOf(folder, root?.folder, there),
      ...above(folder, SETTINGS, there),
      ...governed,
    ],
    isPart: data !== undefined && nameOfProject(data) === undefined && at(data, 'build-system') === undefined,
    unknown,
    nameless: unknown !== undefined && root !== undefined,
  });
}

/** Those beside the project and beside the root of its workspace: either may be the true one; else the nearest above. */
function locksOf(folder: string, root: string | undefined, there: ReadonlySet<string>): readonly string[] {
  const all = above(folder, LOCKS, there);
  const near = all.filter((it) => folderOf(it) === folder || folderOf(it) === root);
  const nearest = all[0];
  return near.length > 0 || nearest === undefined ? near : all.filter((it) => folderOf(it) === folderOf(nearest));
}

/** Paths that a project names; what it is looked for from (`../..`) is none of its packages. */
function placesOf({ packages, outside }: Named, folder: string, path: string): Pick<Package, 'links' | 'governed'> {
  const links = packages.flatMap((it) => linkFrom(folder, it));
  const governed = outside.flatMap((it) => linkFrom(folder, it.replace(/(?:^|[\\/])[^\\/]*[*?][\s\S]*$/, '')));
  return { links: links.filter((it) => it !== folder && it !== path), governed };
}

function toPipfile({ path, folder, data }: PythonFile, there: ReadonlySet<string>): Package {
  return makePackage({
    manifest: path,
    name: path,
    folder,
    content: 'manifest',
    ...placesOf(namedIn(data), folder, path),
    governed: above(folder, [...LOCKS, ...SETTINGS], there),
    unknown: data === undefined ? 'it is no TOML' : undefined,
  });
}

function toSetup(path: string, folder: string, text: string, there: ReadonlySet<string>): Package {
  const { links, governed } = placesOf(namedInText(text), folder, path);
  return makePackage({
    manifest: path,
    name: /^\s*name\s*=\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? (folder || path),
    folder,
    links,
    // setuptools-scm is told by `..` where the repository is: that is no file of the package.
    governed: [...governed.filter((it) => !isWithin(folder, it)), ...above(folder, SETTINGS, there)],
  });
}

/** A requirements file: other such files, and folders, each as a path. */
function toList(list: RequirementsList, files: RequirementsFiles, there: ReadonlySet<string>): Package {
  const { path, folder, open } = list;
  const isProject = (place: string) => ARCHIVE.test(place) || PROJECTS.some((it) => there.has(inFolder(place, it)));
  const links = [
    ...files.filesOf(list),
    ...list.places.flatMap((it) => files.meant(list, it, isProject)),
    ...list.archives.flatMap((it) => files.meant(list, it, () => true)),
  ];
  return makePackage({
    manifest: path,
    name: path,
    folder,
    content: 'manifest',
    links: [...new Set(links)].filter((it) => it !== path),
    governed: above(folder, SETTINGS, there),
    unknown: open === undefined ? undefined : `what \`${open}\` means is not known`,
  });
}
