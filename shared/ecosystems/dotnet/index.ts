import picomatch from 'picomatch';
import { type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, folderOf, isWithin, nameOf } from '../paths.ts';
import { ELSEWHERE, Evaluation, placeOf, UNKNOWN } from './evaluation.ts';
import { type DotnetFile, type Mention, parseDotnetFile } from './file.ts';

/** Files that MSBuild and NuGet look for up the tree, in the letters that they are usually written with. */
const GOVERNS = [
  'Directory.Build.props',
  'Directory.Build.targets',
  'Directory.Build.rsp',
  'Directory.Packages.props',
  'global.json',
  ...['NuGet.config', 'NuGet.Config', 'Nuget.Config', 'Nuget.config', 'nuget.config', 'nuget.Config'],
  'packages.lock.json',
  '.config/dotnet-tools.json',
];
const PROJECT = /\.(?:cs|fs|vb|sh|sql|vcx|wix|es|dc)?proj$/;
/** Files that import files that import files: what comes later is not read. */
const MAX_ROUNDS = 20;

/** The files of a tree by their paths, and in small letters, as Windows finds them. */
interface DotnetTree {
  readonly files: ReadonlyMap<string, DotnetFile>;
  readonly lower: ReadonlyMap<string, string>;
  readonly there: ReadonlySet<string>;
}

/**
 * Projects of .NET: `ProjectReference`, imported files (shared projects among them), and files that are taken in from
 * elsewhere, their own and those of the Directory.Build files above and of all that is imported. Of MSBuild's language that
 * is: properties, its own for folders, and the functions that find and join paths. Conditions are not weighed: what may
 * count does. What else a name means makes the project unknown.
 */
export const dotnet: EcosystemReader = {
  read: ({ texts, there }) => {
    const files = new Map([...texts].map(([path, text]) => [path, parseDotnetFile(path, text)]));
    const lower = new Map([...files.keys()].map((path) => [path.toLowerCase(), path]));
    const projects = [...files.values()].filter(({ path }) => PROJECT.test(path));
    return projects.map((it) => toPackage(it, { files, lower, there }));
  },
};

function toPackage(project: DotnetFile, tree: DotnetTree): Package {
  const governing = above(project.folder, GOVERNS, tree.there);
  const evaluation = new Evaluation(project, tree.there);
  const files = withImports(project, governing, evaluation, tree);
  const named = files.flatMap((file) => file.mentions.flatMap((it) => placesOf(it, file, project, evaluation, tree)));
  const open = named.find(({ path }) => path === undefined);
  const broken = files.find(({ isXml }) => !isXml);
  const why = open === undefined ? undefined : `what \`${open.written}\` means is not known`;
  return makePackage({
    manifest: project.path,
    name: nameOf(project.path).replace(PROJECT, ''),
    folder: project.folder,
    links: [...new Set(named.flatMap(({ path }) => path ?? []))].filter((it) => it !== project.path),
    governed: governing.filter((it) => folderOf(it) !== project.folder),
    // What lies in its folder is compiled by default, whether another project is there or not.
    isPart: true,
    unknown: broken === undefined ? why : `${broken === project ? 'it' : broken.path} is no XML`,
  });
}

/** A project, the files above that hold for it, and all that these import, with their properties handed to the evaluation. */
function withImports(
  project: DotnetFile,
  governing: readonly string[],
  evaluation: Evaluation,
  tree: DotnetTree,
): readonly DotnetFile[] {
  const found = new Set([project, ...governing.flatMap((path) => tree.files.get(path) ?? [])]);
  for (const it of found) evaluation.add(it);
  // An import may hang on a property that another import sets.
  for (let round = 0, known = 0; round < MAX_ROUNDS && known < found.size; round++) {
    known = found.size;
    for (const file of [...found]) {
      const imports = file.mentions.filter(({ kind }) => kind === 'import');
      const places = imports.flatMap((it) => placesOf(it, file, project, evaluation, tree));
      for (const it of places.flatMap(({ path }) => tree.files.get(path ?? '') ?? [])) {
        if (!found.has(it)) evaluation.add(it);
        found.add(it);
      }
    }
  }
  return [...found];
}

interface Place {
  readonly written: string;
  /** undefined when it cannot be found out. */
  readonly path: string | undefined;
}

/** MSBuild reads paths of an import from the file that has it, and all others from the project. */
function placesOf(
  { kind, written }: Mention,
  file: DotnetFile,
  project: DotnetFile,
  evaluation: Evaluation,
  tree: DotnetTree,
): readonly Place[] {
  if (kind === 'property' && !IS_FILE.test(written)) return [];
  // What is written without either lies in the folder of the project.
  if (kind !== 'import' && kind !== 'project' && !/\.\.|\$\(/.test(written)) return [];
  const meanings = evaluation.meanings(written, file);
  if (kind === 'property' || kind === 'argument') {
    const found = meanings.flatMap((it) => placesIn(it, project.folder));
    return found.filter((path) => kind === 'argument' || IS_FILE.test(path)).map((path) => ({ written, path }));
  }
  const base = kind === 'import' ? file.folder : project.folder;
  return meanings.flatMap((text): readonly Place[] => {
    if (text.startsWith(ELSEWHERE)) return kind === 'project' ? [{ written, path: undefined }] : [];
    if (isOpen(kind, text)) return [{ written, path: undefined }];
    return pathsOf(kind, text, base, tree).flatMap((path) => (path === project.folder ? [] : [{ written, path }]));
  });
}

/** Whether what a text means is not known; items that are named by other items are known where those are. */
function isOpen(kind: Mention['kind'], text: string): boolean {
  if (kind === 'project') return text.includes(UNKNOWN) || text.includes(ELSEWHERE);
  return text.startsWith(UNKNOWN) && (kind === 'import' || text.includes('/'));
}

/** The part before a wildcard, or before what is not known; of imports each file that it may be. */
function pathsOf(kind: Mention['kind'], text: string, base: string, tree: DotnetTree): readonly string[] {
  const isPattern = /[*?\uE001\uE002]/.test(text);
  const place = placeOf(isPattern ? text.replace(/(?:^|\/)[^/]*[*?\uE001\uE002][\s\S]*$/, '') : text, base);
  if (place === undefined) return [];
  if (!isPattern) return [tree.lower.get(place.toLowerCase()) ?? place];
  if (kind !== 'import') return [place];
  const rest = text.slice(text.search(/[^/]*[*?\uE001\uE002]/)).replace(/[\uE001\uE002]/g, '*');
  const pattern = place === '' ? rest : `${place}/${rest}`;
  const matching = [...tree.files.keys()].filter((path) => picomatch.isMatch(path, pattern, { windows: false }));
  return [place, ...matching];
}

const IS_FILE = /\.\w+$/;

/** Paths that stand somewhere in a text, but those that the project itself lies below: a build may run there. */
function placesIn(text: string, folder: string): readonly string[] {
  const words = text.match(/(?:\uE000|(?<![\w.])\.\.\/)[^\s"'|<>&,;\uE000-\uE002]*/g) ?? [];
  return words.flatMap((word) => placeOf(word, folder) ?? []).filter((it) => !isWithin(folder, it));
}
