import { isAscii } from 'node:buffer';
import { splitNames } from './names.ts';

/** So much of a list stands in memory as text at one time. */
const PIECE_BYTES = 256 * 1024;
const NUL = 0;

/** What git says of one thing in a tree. */
export interface TreeEntry {
  /** Octal, such as `100644`. */
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/**
 * What `git ls-tree -r -z` gives: `mode SP type SP id TAB path NUL` for everything in a tree. It is kept as bytes, since the
 * names of a hundred thousand files are ten times as large as texts, and a few hundred of them are wanted.
 */
export class TreeList {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The entries of which a test takes mode and path. */
  select(takes: (path: string, mode: string) => boolean): readonly TreeEntry[] {
    const found: TreeEntry[] = [];
    for (const piece of this.#pieces()) {
      for (const line of splitNames(piece)) {
        const path = line.slice(line.indexOf('\t') + 1);
        if (takes(path, modeIn(line))) found.push(entryOf(apart(line)));
      }
    }
    return found;
  }

  /** The entries of one mode. Where there is none, as of links in most trees, that is seen without looking at each entry. */
  ofMode(wanted: string): readonly TreeEntry[] {
    const isFirst = this.#bytes.toString('latin1', 0, wanted.length) === wanted;
    const isThere = isFirst || this.#bytes.includes(`\0${wanted} `);
    return isThere ? this.select((_path, mode) => mode === wanted) : [];
  }

  all(): readonly TreeEntry[] {
    return splitNames(this.#bytes).map(entryOf);
  }

  /** Whole entries, a few at a time. */
  *#pieces(): Iterable<Buffer> {
    for (let start = 0; start < this.#bytes.length; ) {
      const end = this.#bytes.indexOf(NUL, Math.min(start + PIECE_BYTES, this.#bytes.length - 1)) + 1;
      yield this.#bytes.subarray(start, end);
      start = end;
    }
  }
}

const modeIn = (line: string): string => line.slice(0, line.indexOf(' '));

function entryOf(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  return { mode: modeIn(line), id: line.slice(line.lastIndexOf(' ', tab) + 1, tab), path: line.slice(tab + 1) };
}

/** A part of a text holds on to the whole of it in V8; this one stands alone. */
function apart(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return isAscii(bytes) ? bytes.toString('latin1') : Buffer.from(text, 'utf16le').toString('utf16le');
}
