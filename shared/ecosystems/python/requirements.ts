import { fromFolder, linkFrom, upwards } from '../paths.ts';
import { directReference } from './references.ts';

/** What a requirements file names, as it is written (https://pip.pypa.io/en/stable/reference/requirements-file-format/). */
export interface RequirementsList {
  readonly path: string;
  readonly folder: string;
  /** Other such files: `-r`, `-c`. */
  readonly files: readonly string[];
  /** Folders and archives that are installed. */
  readonly places: readonly string[];
  /** Folders with archives: `--find-links`. */
  readonly archives: readonly string[];
  /** What only the environment says. */
  readonly open: string | undefined;
}

type Kind = 'files' | 'places' | 'archives';

/** Options that name a path, by what it is. */
const OPTIONS: Readonly<Record<string, Kind>> = {
  '-r': 'files',
  '--requirement': 'files',
  '-c': 'files',
  '--constraint': 'files',
  '-e': 'places',
  '--editable': 'places',
  '-f': 'archives',
  '--find-links': 'archives',
};
const OPTION = /^(-[rcef]|--(?:requirement|constraint|editable|find-links))[\s=]*(.*)$/;
const VARIABLE = /\$\{[A-Z0-9_]+\}/;

export function parseRequirements(path: string, folder: string, text: string): RequirementsList {
  const named = linesOf(text).flatMap((line) => [...namedBy(line)]);
  const open = named.find(([, written]) => VARIABLE.test(written))?.[1];
  const ofKind = (kind: Kind) =>
    named.flatMap(([it, written]) => (it === kind && !VARIABLE.test(written) ? [written] : []));
  return { path, folder, files: ofKind('files'), places: ofKind('places'), archives: ofKind('archives'), open };
}

/** What a line names: by an option, by a URL of a file, or as a path alone. */
function namedBy(line: string): readonly (readonly [Kind, string])[] {
  const [, option = '', rest = ''] = OPTION.exec(line) ?? [];
  const kind = OPTIONS[option] ?? 'places';
  const written = unquoted(option === '' ? line : rest);
  const direct = kind === 'files' ? undefined : directReference(written);
  if (direct !== undefined) return [[kind, direct]];
  if (/^[a-z][a-z+]+:/i.test(written)) return [];
  const place = option === '' ? pathAlone(written) : kind === 'files' ? written : withoutExtras(written);
  return place === undefined || place === '' ? [] : [[kind, place]];
}

/** Lines as pip joins them: without comments, `\` at the end goes on. */
const linesOf = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .replace(/\\\r?\n/g, '')
    .split(/\r?\n/)
    .map((it) => it.replace(/(^|\s+)#.*$/, '').trim())
    .filter((it) => it !== '');

/** pip reads options as a shell would. */
const unquoted = (written: string): string => /^(["'])(.*?)\1/.exec(written)?.[2] ?? written.replace(/["']/g, '');

/** A path without extras, markers, fragments and further options. */
const withoutExtras = (written: string): string =>
  written.replace(/\s+(?:-|;|\[)[\s\S]*$/, '').replace(/(?:#.*|;.*|\[[^\]]*\])$/, '');

/** A requirement that pip takes for a path, since it has a separator or begins with a dot, and is no name with a URL. */
function pathAlone(line: string): string | undefined {
  const first = line.split(/[\s;[]/)[0] ?? '';
  return /^\.|[\\/]/.test(first) && !/^-|:\/\//.test(first) ? first : undefined;
}

/** Lists by path, with the folders that paths in each may be meant from. */
export class RequirementsFiles {
  readonly #lists: ReadonlyMap<string, RequirementsList>;
  readonly #bases = new Map<string, Set<string>>();

  constructor(lists: readonly RequirementsList[]) {
    this.#lists = new Map(lists.map((it) => [it.path, it]));
    for (const list of lists) this.#hand(list);
  }

  /** pip reads `-r` and `-c` from the file that has them. */
  filesOf({ folder, files }: RequirementsList): readonly string[] {
    return files.flatMap((it) => linkFrom(folder, it));
  }

  /**
   * All that a path may mean: pip reads it from the folder that it runs in. That is most often the folder of the file, or
   * of one that includes it, or one above; a folder other than the first counts when there is something to install.
   */
  meant(list: RequirementsList, written: string, isThere: (path: string) => boolean): readonly string[] {
    const own = fromFolder(list.folder, written);
    const onlyUp = /^[./\\]*$/.test(written);
    if (onlyUp && own !== undefined && isThere(own)) return [own];
    const bases = [...(this.#bases.get(list.path) ?? [])].flatMap((it) => [...upwards(it)]);
    const others = bases.flatMap((base) => linkFrom(base, written)).filter(isThere);
    return [...new Set([...(own === undefined ? [] : [own]), ...others])];
  }

  /** Hands a list's folder on to all that it includes, at any distance. */
  #hand(from: RequirementsList): void {
    const seen = new Set([from.path]);
    for (const path of seen) {
      const list = this.#lists.get(path);
      if (list === undefined) continue;
      this.#bases.set(path, (this.#bases.get(path) ?? new Set()).add(from.folder));
      for (const it of this.filesOf(list)) seen.add(it);
    }
  }
}
