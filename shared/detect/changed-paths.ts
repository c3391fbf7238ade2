import { compilePatterns, literalFolder } from '../graph/index.ts';
import type { PathRules } from '../model/index.ts';

/** How many paths a reason names; the others are counted. */
export const MAX_PATHS_NAMED = 10;

/** The changed paths that match some rules. */
export interface Hits {
  /** The first of them, sorted. */
  readonly paths: readonly string[];
  readonly count: number;
}

const NOTHING: readonly string[] = [];
export const NO_HITS: Hits = { paths: NOTHING, count: 0 };

/** Tests for paths, made once for equal rules: a thousand services often share one list of patterns. */
export class Matchers {
  readonly #made = new Map<string, (path: string) => boolean>();

  of(rules: PathRules): (path: string) => boolean {
    const key = keyOf(rules);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const matches = compilePatterns(rules);
    this.#made.set(key, matches);
    return matches;
  }
}

/**
 * Changed paths in order, so that the few below a folder are found without looking at the others: the time of a detection
 * then grows with the number of services plus that of files, not with their product.
 */
export class ChangedPaths {
  readonly #sorted: readonly string[];
  /** Those that end with a slash: a folder of rules may lie in them. */
  readonly #submodules: readonly string[];
  readonly #matchers: Matchers;
  /** By the rules themselves, which are asked for once for each dependent, and by what they say, which many share. */
  readonly #asked = new Map<PathRules, Hits>();
  readonly #known = new Map<string, Hits>();

  constructor(paths: readonly string[], matchers: Matchers) {
    this.#sorted = [...paths].sort();
    this.#submodules = paths.filter((path) => path.endsWith('/'));
    this.#matchers = matchers;
  }

  /** The changed paths that match. */
  matching(rules: PathRules): Hits {
    if (rules.patterns.length === 0) return NO_HITS;
    if (this.#hasNothingBelow(rules)) return NO_HITS;
    const asked = this.#asked.get(rules);
    if (asked !== undefined) return asked;
    const key = keyOf(rules);
    const hits = this.#known.get(key) ?? this.#find(rules);
    this.#known.set(key, hits);
    this.#asked.set(rules, hits);
    return hits;
  }

  /**
   * What is so for almost every service of a run, and known without leaving anything behind: its one pattern names a folder
   * in which nothing has changed.
   */
  #hasNothingBelow({ from, patterns }: PathRules): boolean {
    if (this.#sorted.length === 0) return true;
    const [only] = patterns;
    if (only === undefined || patterns.length > 1 || this.#submodules.length > 0 || only.startsWith('!')) return false;
    const folder = joined(from, literalFolder(only));
    return folder !== '' && this.#sorted[this.#place(folder)]?.startsWith(folder) !== true;
  }

  #find(rules: PathRules): Hits {
    const candidates = foldersOf(rules).map((folder) => [...this.#around(folder), ...this.#under(folder)]);
    if (candidates.every((it) => it.length === 0)) return NO_HITS;
    const found = candidates.flat().filter(this.#matchers.of(rules));
    return found.length === 0 ? NO_HITS : { paths: found.slice(0, MAX_PATHS_NAMED), count: found.length };
  }

  /** Submodules that a folder lies in. */
  #around(folder: string): readonly string[] {
    return this.#submodules.filter((it) => folder.startsWith(it));
  }

  /** The folder itself, which can be a changed path when it is a submodule or a link, and what is below it. */
  #under(folder: string): readonly string[] {
    if (folder === '') return this.#sorted;
    const self = this.#place(folder);
    // Most folders have nothing changed: then what comes next in order is something else.
    if (this.#sorted[self]?.startsWith(folder) !== true) return NOTHING;
    const own = this.#sorted[self] === folder ? [folder] : [];
    // The character after `/` is `0`.
    return [...own, ...this.#sorted.slice(this.#place(`${folder}/`), this.#place(`${folder}0`))];
  }

  /** Index of the first path that is not before `text`. */
  #place(text: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const keyOf = (rules: PathRules): string => [rules.from, ...rules.patterns].join('\0');

/** Folders outside of which nothing can match, none within another, sorted. */
export function foldersOf({ from, patterns }: PathRules): readonly string[] {
  const [only] = patterns;
  if (patterns.length === 1 && only !== undefined && !only.startsWith('!')) return [joined(from, literalFolder(only))];
  const folders = patterns.filter((it) => !it.startsWith('!')).map((it) => joined(from, literalFolder(it)));
  const sorted = [...new Set(folders)].sort();
  return sorted.filter((folder) => !sorted.some((other) => other !== folder && isWithin(folder, other)));
}

const isWithin = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);
const joined = (a: string, b: string): string => (a === '' || b === '' ? a + b : `${a}/${b}`);
