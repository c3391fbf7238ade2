import { isRecord, parseJson } from '../model/index.ts';
import { MAX_FILE_CHARACTERS } from './limits.ts';

/** Plain data as JSON has it. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * Reads YAML as most people write a configuration: maps by indentation, lists of single values, lists and maps in brackets
 * on one line, texts plain or in quotes without escapes, whole numbers, `true` and `false`, comments. A text that is all
 * brackets, as JSON is, may go over many lines.
 *
 * It gives what the whole parser gives for the same text, or undefined where the text has anything else in it: anchors,
 * tags, escapes, folded texts, duplicate keys, other characters than those of ASCII, or a mistake. Nobody needs it to be
 * right about more; it is there because reading a thousand small files with the whole parser takes half a second.
 */
export function readPlain(text: string): Plain | undefined {
  if (text.length > MAX_FILE_CHARACTERS || !PRINTABLE.test(text)) return undefined;
  try {
    return /^[\s]*[[{]/.test(text) ? (readJson(text) ?? readBrackets(text)) : new Blocks(text).whole();
  } catch (thrown) {
    if (thrown === UNUSUAL) return undefined;
    throw thrown;
  }
}

/** A key and a word, without a character that has a meaning. */
const FLAT_LINE = /^[A-Za-z_][\w.-]*: [A-Za-z_/][\w./*+@={}-]*$/;

/**
 * The entries of a text that is nothing but lines `key: word`, as most lists of services are: those that {@link readPlain}
 * gives for it, but for keys that are there twice, which are left to the caller. undefined for any other text.
 */
export function readFlat(text: string): readonly (readonly [key: string, word: string])[] | undefined {
  if (text.length > MAX_FILE_CHARACTERS) return undefined;
  const entries: (readonly [string, string])[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end);
    const colon = line.indexOf(':');
    const [key, word] = [line.slice(0, colon), line.slice(colon + 2)];
    if (!FLAT_LINE.test(line) || hasMeaning(key) || hasMeaning(word)) return undefined;
    entries.push([key, word]);
    at = end + 1;
  }
  return entries.length === 0 ? undefined : entries;
}

/** No longer word is one of {@link NO_TEXT}. */
const LONGEST_NO_TEXT = 5;

const hasMeaning = (word: string): boolean =>
  (word.length <= LONGEST_NO_TEXT && NO_TEXT.test(word)) || word === '__proto__';

const PRINTABLE = /^[\n\x20-\x7e]*$/;
/** Thrown where the text leaves what this reader knows, caught above. */
const UNUSUAL = new Error('the text needs the whole parser');
/** Deeper ones are left to the whole parser, which has a bound of its own. */
const MAX_DEPTH = 16;
/** Longer keys are left to it as well: YAML has a bound for some. */
const MAX_KEY = 256;

/** In brackets fewer characters may stand without quotes than in a line of their own. */
const WORDS = {
  line: /[A-Za-z_/][\w./*+:@={}-]*(?: [\w./*+:@={}-]+)*/y,
  brackets: /[A-Za-z_/][\w./*+-]*(?: [\w./*+-]+)*/y,
};
const QUOTED = /"([^"\\\n]*)"|'([^'\n]*)'/y;
const NUMBER = /0|[1-9]\d{0,9}/y;
const DURATION = /\d{1,9}(?:ms|s|m|h|d)/y;
const KEY = /[A-Za-z_][\w.-]*(?=:(?: |\n|$))|(?:"[^"\\\n]*"|'[^'\n]*')(?=:)/y;
const GAP = /[ \n]*/y;
/** Words that are no texts, or were none in earlier versions of YAML. */
const NO_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Goes through a text; every method takes what it finds, and moves behind it. */
class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  must(character: string): void {
    if (this.text[this.at] !== character) throw UNUSUAL;
    this.at += 1;
  }

  is(character: string): boolean {
    const found = this.text[this.at] === character;
    if (found) this.at += 1;
    return found;
  }
}

/**
 * A text that is what JSON.stringify makes, where nothing in it has another meaning in YAML: it has no key twice, none that
 * is a number, and no number in a form of its own, or it would not come out the same.
 */
function readJson(text: string): Plain | undefined {
  if (ONLY_BRACKETS.test(text)) return undefined;
  const value = parseJson(text);
  if (value === undefined || !isPlain(value, 0)) return undefined;
  const indent = /^[[{]\n( +)/.exec(text)?.[1]?.length;
  return JSON.stringify(value, null, indent) === text.trimEnd() ? value : undefined;
}

/** Escapes differ a little, and this key is none in JavaScript. */
const ONLY_BRACKETS = /\\|"__proto__"/;

/** Texts, lists and maps of texts; everything else is read with more care. */
function isPlain(value: unknown, depth: number): value is Plain {
  if (typeof value === 'string') return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((it) => isPlain(it, depth + 1));
  return (
    isRecord(value) &&
    Object.entries(value).every(([key, it]) => key !== '' && key.length <= MAX_KEY && isPlain(it, depth + 1))
  );
}

function readBrackets(text: string): Plain {
  const cursor = new Cursor(text);
  cursor.take(GAP);
  const value = readValue(cursor, 'brackets', 0);
  cursor.take(GAP);
  if (cursor.at !== text.length) throw UNUSUAL;
  return value;
}

/** @param where between brackets, or alone on a line, where brackets have to close on that line */
function readValue(cursor: Cursor, where: keyof typeof WORDS, depth: number): Plain {
  if (depth > MAX_DEPTH) throw UNUSUAL;
  if (cursor.is('[')) return readList(cursor, depth);
  if (cursor.is('{')) return readMap(cursor, depth);
  return readScalar(cursor, where);
}

function readScalar(cursor: Cursor, where: keyof typeof WORDS): Plain {
  const quoted = cursor.take(QUOTED);
  if (quoted !== undefined) return quoted.slice(1, -1);
  const word = cursor.take(DURATION) ?? cursor.take(WORDS[where]);
  if (word === undefined) {
    const number = cursor.take(NUMBER);
    if (number === undefined) throw UNUSUAL;
    return Number(number);
  }
  if (word === 'true' || word === 'false') return word === 'true';
  // A colon before a space makes a key of what is before it.
  if (NO_TEXT.test(word) || /:(?: |$)/.test(word)) throw UNUSUAL;
  return word;
}

function readList(cursor: Cursor, depth: number): Plain {
  const items: Plain[] = [];
  cursor.take(GAP);
  if (cursor.is(']')) return items;
  for (;;) {
    items.push(readValue(cursor, 'brackets', depth + 1));
    cursor.take(GAP);
    if (cursor.is(']')) return items;
    cursor.must(',');
    cursor.take(GAP);
  }
}

function readMap(cursor: Cursor, depth: number): Plain {
  const map: Record<string, Plain> = {};
  cursor.take(GAP);
  if (cursor.is('}')) return map;
  for (;;) {
    const key = readKey(cursor, map);
    cursor.take(GAP);
    map[key] = readValue(cursor, 'brackets', depth + 1);
    cursor.take(GAP);
    if (cursor.is('}')) return map;
    cursor.must(',');
    cursor.take(GAP);
  }
}

/** A key with its colon, which must be new to the map, and no number: JavaScript would put that before the others. */
function readKey(cursor: Cursor, map: Readonly<Record<string, Plain>>): string {
  const written = cursor.take(KEY) ?? '';
  cursor.must(':');
  const key = /^["']/.test(written) ? written.slice(1, -1) : written;
  if (Object.hasOwn(map, key) || key === '__proto__' || NO_TEXT.test(key) || /^\d*$/.test(key)) throw UNUSUAL;
  return key;
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Maps and lists by indentation. */
class Blocks {
  readonly #lines: readonly Line[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.split('\n').flatMap((line): readonly Line[] => {
      const indent = line.search(/[^ ]/);
      return indent < 0 || line[indent] === '#' ? [] : [{ indent, text: line }];
    });
  }

  whole(): Plain {
    const value = this.#block(this.#lines[0]?.indent ?? 0, 0);
    if (this.#next !== this.#lines.length || this.#lines[0]?.indent !== 0) throw UNUSUAL;
    return value;
  }

  #block(indent: number, depth: number): Plain {
    if (depth > MAX_DEPTH) throw UNUSUAL;
    return this.#isItem(indent) ? this.#list(indent) : this.#map(indent, depth);
  }

  #isItem(indent: number): boolean {
    const line = this.#lines[this.#next];
    return line?.indent === indent && line.text.startsWith('- ', indent);
  }

  #list(indent: number): Plain {
    const items: Plain[] = [];
    while (this.#isItem(indent)) {
      const cursor = this.#line(indent + 1);
      cursor.take(GAP);
      items.push(this.#single(cursor));
      if ((this.#lines[this.#next]?.indent ?? 0) > indent) throw UNUSUAL;
    }
    return items;
  }

  #map(indent: number, depth: number): Plain {
    const map: Record<string, Plain> = {};
    while (this.#lines[this.#next]?.indent === indent && !this.#isItem(indent)) {
      const cursor = this.#line(indent);
      const key = readKey(cursor, map);
      map[key] = this.#after(cursor, indent, depth);
      if ((this.#lines[this.#next]?.indent ?? 0) > indent) throw UNUSUAL;
    }
    return map;
  }

  /** What belongs to a key: the rest of its line, else the lines below it. */
  #after(cursor: Cursor, indent: number, depth: number): Plain {
    const spaces = cursor.take(GAP) ?? '';
    if (!endsHere(cursor, spaces)) {
      if (spaces === '') throw UNUSUAL;
      return this.#single(cursor);
    }
    const below = this.#lines[this.#next]?.indent ?? -1;
    if (below > indent) return this.#block(below, depth + 1);
    return this.#isItem(indent) ? this.#list(indent) : null;
  }

  #line(from: number): Cursor {
    const cursor = new Cursor(this.#lines[this.#next]?.text ?? '');
    cursor.at = from;
    this.#next += 1;
    return cursor;
  }

  /** One value that fills the rest of a line, but for a comment. */
  #single(cursor: Cursor): Plain {
    const value = readValue(cursor, 'line', 0);
    if (!endsHere(cursor, cursor.take(GAP) ?? '')) throw UNUSUAL;
    return value;
  }
}

const endsHere = ({ text, at }: Cursor, spaces: string): boolean =>
  at === text.length || (spaces !== '' && text[at] === '#');
