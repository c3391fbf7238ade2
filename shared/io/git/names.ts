import { isUtf8 } from 'node:buffer';

const NUL = 0;
const LONGEST_SEQUENCE = 4;

/**
 * A list of names ended by NUL, as `-z` gives it. Names are UTF-8; a byte that is not becomes a lone surrogate
 * U+DC80…U+DCFF, so that no two names become one (Python's `surrogateescape`, PEP 383).
 */
export function splitNames(bytes: Buffer): readonly string[] {
  if (isUtf8(bytes)) return bytes.toString('utf8').split('\0').slice(0, -1);
  const names: string[] = [];
  let start = 0;
  for (let at = bytes.indexOf(NUL); at >= 0; at = bytes.indexOf(NUL, start)) {
    names.push(decodeName(bytes.subarray(start, at)));
    start = at + 1;
  }
  return names;
}

/** One name as text; see {@link splitNames}. */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** Length of the UTF-8 sequence that starts here; 0 when none does. */
function sequenceAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST_SEQUENCE && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

/** A difference as git tells it with `--raw -z` (git-diff(1), "Raw output format"). */
export interface RawDifference {
  readonly path: string;
  /** On either side. */
  readonly isSubmodule: boolean;
}

/**
 * Splits the output of `git diff-tree --stdin --raw -z`: for each pair of trees the line `tree tree`, then its differences
 * as {@link splitRaw} has them. What a difference begins with (`:`) no such line does, so that no name of a file can be
 * taken for one. undefined when the output is not of just these pairs, in their order.
 */
export function splitDifferences(
  bytes: Buffer,
  pairs: readonly string[],
): readonly (readonly RawDifference[])[] | undefined {
  const all: (readonly RawDifference[])[] = [];
  let at = 0;
  for (const pair of pairs) {
    if (bytes.toString('latin1', at, at + pair.length + 1) !== `${pair}\n`) return undefined;
    at += pair.length + 1;
    const start = at;
    while (bytes[at] === COLON) at = afterNul(bytes, afterNul(bytes, at));
    all.push(splitRaw(bytes.subarray(start, at)));
  }
  return at === bytes.length ? all : undefined;
}

const COLON = 0x3a;

function afterNul(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(NUL, from);
  return at < 0 ? bytes.length : at + 1;
}

/** Splits the output of `git diff --raw -z --no-renames`: `:mode mode id id status` and the path, in turns. */
export function splitRaw(bytes: Buffer): readonly RawDifference[] {
  const parts = splitNames(bytes);
  const found: RawDifference[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    found.push({ path: parts[at + 1] ?? '', isSubmodule: /^:(?:160000|\d+ 160000) /.test(parts[at] ?? '') });
  }
  return found;
}
