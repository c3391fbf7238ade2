import { folderOf } from '../paths.ts';

/** What the directives of a go.mod or go.work say (https://go.dev/ref/mod#go-mod-file, #workspaces). */
export interface GoFile {
  readonly path: string;
  readonly folder: string;
  readonly module: string | undefined;
  /** The minor version after `go 1.`; 0 when none is told. */
  readonly version: number;
  readonly requires: readonly string[];
  readonly replaces: readonly Replacement[];
  /** Folders of a go.work, as they are written. */
  readonly uses: readonly string[];
  /** Packages of tools, by their paths. */
  readonly tools: readonly string[];
}

export interface Replacement {
  readonly module: string;
  /** A folder as it is written, from the file. */
  readonly folder: string;
}

export function parseGoFile(path: string, text: string): GoFile {
  const directives = [...directivesOf(text)];
  const first = (verb: string) => directives.flatMap(([it, words]) => (it === verb ? words.slice(0, 1) : []));
  return {
    path,
    folder: folderOf(path),
    module: first('module')[0],
    version: Number(/^1\.(\d+)/.exec(first('go')[0] ?? '')?.[1] ?? 0),
    requires: first('require'),
    replaces: directives.flatMap(([verb, words]) => (verb === 'replace' ? replacement(words) : [])),
    uses: first('use'),
    tools: first('tool'),
  };
}

/** `old [version] => new [version]`; what is put in its place is a folder when it begins with `./` or `../`. */
function replacement(words: readonly string[]): readonly Replacement[] {
  const arrow = words.indexOf('=>');
  const [module, folder] = [words[0], words[arrow + 1]];
  const isFolder = arrow > 0 && folder !== undefined && /^\.{1,2}(?:[\\/]|$)/.test(folder);
  return isFolder && module !== undefined ? [{ module, folder }] : [];
}

/** Verb and words of each line; a block in parentheses is the verb with each of its lines. */
function* directivesOf(text: string): Generator<readonly [verb: string, words: readonly string[]]> {
  let block: string | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [verb = '', ...rest] = wordsOf(line);
    if (verb === '') continue;
    if (block !== undefined) {
      if (verb === ')') block = undefined;
      else yield [block, [verb, ...rest]];
    } else if (rest[0] === '(') block = rest.includes(')') ? undefined : verb;
    else yield [verb, rest];
  }
}

/** Words without quotes, up to a comment; parentheses are words of their own, with blanks around them or not. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|\/\/|[()]|(?:(?!\/\/)[^\s"`()])+/g)) {
    if (word === '//') break;
    words.push(word.replace(/^(["`])(.*)\1$/, '$2'));
  }
  return words;
}
