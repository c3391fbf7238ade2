import { type EcosystemReader, makePackage, type Package, type ReadPackages } from './package.ts';
import { above, folderOf, linkFrom, nameOf } from './paths.ts';

/** What the directives of a go.mod or go.work say (https://go.dev/ref/mod#go-mod-file, #workspaces). */
interface GoFile {
  readonly path: string;
  readonly folder: string;
  readonly module: string | undefined;
  readonly requires: readonly string[];
  readonly replaces: readonly Replacement[];
}

interface Replacement {
  readonly module: string;
  /** A folder as it is written, from the file. */
  readonly folder: string;
}

/** Files up the tree that have a say in what a module is resolved to. */
const GOVERNS = ['go.work', 'go.work.sum'];

/**
 * Modules of Go: a module depends on those of the repository that it requires by their path, on the folders that it puts
 * in the place of modules, and on those that a go.work above it does.
 */
const readGo: ReadPackages = ({ texts, there }) => {
  const files = [...texts].map(([path, text]) => parseGoFile(path, text));
  const modules = files.filter(({ path }) => nameOf(path) === 'go.mod');
  const works = files.filter(({ path }) => nameOf(path) === 'go.work');
  const byModule = new Map<string, string[]>();
  for (const { module, path } of modules) {
    if (module !== undefined) byModule.set(module, [...(byModule.get(module) ?? []), path]);
  }
  return modules.map((it) => toPackage(it, works, byModule, there));
};

export const go: EcosystemReader = { read: readGo };

function toPackage(
  file: GoFile,
  works: readonly GoFile[],
  byModule: ReadonlyMap<string, readonly string[]>,
  there: ReadonlySet<string>,
): Package {
  const { path, folder, module } = file;
  const governed = above(folder, GOVERNS, there);
  const governing = works.filter((it) => governed.includes(it.path));
  const replaced = [file, ...governing].flatMap((it) =>
    it.replaces
      .filter(({ module: replacedModule }) => it === file || file.requires.includes(replacedModule))
      .flatMap((replacement) => linkFrom(it.folder, replacement.folder)),
  );
  const required = file.requires.flatMap((it) => byModule.get(it) ?? []);
  const links = [...new Set([...required, ...replaced])].filter((it) => it !== path && it !== folder);
  // The sums of a module whose folder holds several services govern each of these.
  const sums = [...above(folder, ['go.sum'], there)].filter((it) => folderOf(it) === folder);
  const unknown = module === undefined ? 'it names no module' : undefined;
  return makePackage({
    manifest: path,
    name: module ?? (folder || path),
    folder,
    links,
    governed: [...governed, ...sums],
    unknown,
    nameless: unknown !== undefined,
  });
}

function parseGoFile(path: string, text: string): GoFile {
  const directives = [...directivesOf(text)];
  const first = (verb: string) => directives.flatMap(([it, words]) => (it === verb ? words.slice(0, 1) : []));
  return {
    path,
    folder: folderOf(path),
    module: first('module')[0],
    requires: first('require'),
    replaces: directives.flatMap(([verb, words]) => (verb === 'replace' ? replacement(words) : [])),
  };
}

/** `old [version] => new [version]`; what is put in its place is a folder when it begins with `./` or `../`. */
function replacement(words: readonly string[]): readonly Replacement[] {
  const arrow = words.indexOf('=>');
  const [module, folder] = [words[0], words[arrow + 1]];
  const isFolder = arrow > 0 && folder !== undefined && /^\.{1,2}(?:\/|$)/.test(folder);
  return isFolder && module !== undefined ? [{ module, folder }] : [];
}

/** Verb and words of each line; a block in parentheses is the verb with each of its lines. */
function* directivesOf(text: string): Generator<readonly [verb: string, words: readonly string[]]> {
  let block: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const words = (line.replace(/\/\/.*$/, '').match(/"[^"]*"|`[^`]*`|[^\s"`]+/g) ?? []).map(unquote);
    const [verb = '', ...rest] = words;
    if (verb === '') continue;
    if (block !== undefined) {
      if (verb === ')') block = undefined;
      else yield [block, words];
    } else if (rest[0] === '(') block = verb;
    else yield [verb, rest];
  }
}

const unquote = (word: string): string => word.replace(/^(["`])(.*)\1$/, '$2');
