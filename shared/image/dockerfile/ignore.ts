import { normalize } from 'node:path/posix';
import { userError } from '../../model/index.ts';

/** What the builder leaves out of a context, decided for a path after the folder that it is in. */
export interface Ignore {
  /** @param parent the verdict on the folder that the path is in; undefined at the top */
  verdict(path: string, parent?: Verdict): Verdict;
  /** Whether something below a folder that is left out may be taken in again. */
  mayReinclude(folder: string): boolean;
}

export interface Verdict {
  readonly leftOut: boolean;
  /** Which patterns matched, in their order. */
  readonly matched: readonly boolean[];
}

/**
 * Reads a file in the form of `.dockerignore` and makes the test for it, as BuildKit has it: the package
 * moby/patternmatcher with its reader `ignorefile`, and the walk of tonistiigi/fsutil. Patterns are anchored at the
 * context, the last that matches decides, what is below a folder follows the folder, and `!` takes in again at any depth.
 * Throws `config-invalid` for what BuildKit refuses.
 *
 * @param shown path of the file, for errors
 */
export function readIgnore(text: string, shown: string): Ignore {
  const patterns = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line, index) => {
      const found = readLine(line);
      return found === undefined ? [] : [compile(found, { file: shown, line: index + 1 })];
    });
  const again = patterns.filter(({ takesIn }) => takesIn).map(({ text: pattern }) => pattern.replace(/\/\*\*?$/, ''));
  const anywhere = again.some((pattern) => /[*[\]?^\\]/.test(pattern));
  return {
    verdict: (path, parent) => judge(patterns, path, parent?.matched),
    mayReinclude: (folder) => anywhere || again.some((pattern) => `${pattern}/`.startsWith(`${folder}/`)),
  };
}

/** One line of the file; undefined where it says nothing. */
function readLine(line: string): string | undefined {
  if (line.startsWith('#')) return undefined;
  const trimmed = line.trim();
  if (trimmed === '') return undefined;
  const takesIn = trimmed.startsWith('!');
  const pattern = clean(takesIn ? trimmed.slice(1).trim() : trimmed);
  // The reader takes the slash off that anchors it, and the matcher cleans what is left once more.
  return clean(`${takesIn ? '!' : ''}${pattern.length > 1 ? pattern.replace(/^\//, '') : pattern}`.trim());
}

/** `filepath.Clean` of Go. */
const clean = (path: string): string => (path === '' ? '' : normalize(path).replace(/(.)\/$/, '$1'));

interface Pattern {
  readonly text: string;
  readonly takesIn: boolean;
  readonly matches: (path: string) => boolean;
}

/** What `filepath.Match` of Go reads without error: classes are whole, and an escape escapes something. */
const READABLE = /^(?:[^\\[]|\\.|\[\^?(?:(?:[^\\\]-]|\\.)(?:-(?:[^\\\]-]|\\.))?)+\])*$/su;

function compile(line: string, at: { readonly file: string; readonly line: number }): Pattern {
  const takesIn = line.startsWith('!');
  const text = takesIn ? line.slice(1) : line;
  if (text === '' || !READABLE.test(text)) throw unreadable(line, at);
  try {
    return { text, takesIn, matches: matcher(text) };
  } catch (cause) {
    throw unreadable(line, at, cause);
  }
}

const unreadable = (pattern: string, at: { readonly file: string; readonly line: number }, cause?: unknown): Error =>
  userError('config-invalid', `The pattern \`${pattern}\` cannot be read.`, {
    remedy: 'Put a backslash before brackets that are part of a name.',
    at,
    cause,
  });

function judge(patterns: readonly Pattern[], path: string, parent: readonly boolean[] | undefined): Verdict {
  let leftOut = false;
  const matched = patterns.map(({ takesIn, matches }, index) => {
    const match = parent?.[index] === true || (takesIn === leftOut && matches(path));
    if (match) leftOut = !takesIn;
    return match;
  });
  return { leftOut, matched };
}

/** The kinds of patterns that patternmatcher tells apart: whole names, all below, ends of paths, expressions. */
function matcher(pattern: string): (path: string) => boolean {
  const { source, kind } = translate(pattern);
  if (kind === 'exact') return (path) => path === pattern;
  if (kind === 'prefix') return (path) => path.startsWith(pattern.slice(0, -2));
  if (kind === 'suffix') {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
  }
  const expression = expressionOf(`^${source}$`);
  return (path) => expression.test(path);
}

/** By whole characters, as patternmatcher does, unless the pattern has what only the older syntax takes, such as a lone `]`. */
function expressionOf(source: string): RegExp {
  try {
    return new RegExp(source, 'su');
  } catch {
    return new RegExp(source, 's');
  }
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'expression';

/** Pieces of a pattern: `**` with the slash after it, escapes, and single characters. */
const PIECE = /\*\*\/?|\\.|[\s\S]/g;

/** `Pattern.compile` of patternmatcher. What it leaves unescaped (`|`, `{2}`) means to it what it means to expressions. */
function translate(pattern: string): { readonly source: string; readonly kind: Kind } {
  let kind: Kind = 'exact';
  let source = '';
  for (const { 0: piece, index } of pattern.matchAll(PIECE)) {
    const atEnd = index + piece.length === pattern.length;
    const many = piece.startsWith('**');
    source += many ? (atEnd ? '.*' : '(.*/)?') : (ONE[piece] ?? literal(piece));
    if (many) kind = kindWithMany(kind, index === 0, atEnd);
    else if (piece in ONE || piece.startsWith('\\')) kind = 'expression';
  }
  return { source, kind };
}

function kindWithMany(before: Kind, atStart: boolean, atEnd: boolean): Kind {
  if (atStart) return 'suffix';
  return atEnd && before === 'exact' ? 'prefix' : 'expression';
}

const ONE: Readonly<Record<string, string>> = { '*': '[^/]*', '?': '[^/]', '[': '[', ']': ']' };

const literal = (piece: string): string => (piece.startsWith('\\') ? piece : piece.replace(/[.+()$]/, '\\$&'));
