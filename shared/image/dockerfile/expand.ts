import { userError } from '../../model/index.ts';
import type { Escape } from './instructions.ts';

/** A word with its variables filled in. */
export interface Filled {
  readonly text: string;
  /** Variables that have no value and no default at their place. */
  readonly unset: readonly string[];
}

/**
 * Fills the variables of a word as BuildKit does in `FROM` and `ARG` (frontend/dockerfile/shell): `$name`, `${name}` with
 * `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/` and `//`, within double quotes too; quotes are taken off.
 * Throws `config-invalid`.
 */
export function fillWord(word: string, values: ReadonlyMap<string, string>, mark: Escape = '\\'): Filled {
  const filler = new Filler(word, values, mark);
  const text = filler.until(undefined);
  return { text, unset: [...filler.unset] };
}

const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#!?$-])/;

const MODIFIERS = new Set([':-', '-', ':+', '+', ':?', '?', '#', '%']);

class Filler {
  readonly unset = new Set<string>();
  readonly #word: string;
  readonly #values: ReadonlyMap<string, string>;
  readonly #escape: string;
  #at = 0;

  constructor(word: string, values: ReadonlyMap<string, string>, mark: string) {
    this.#word = word;
    this.#values = values;
    this.#escape = mark;
  }

  /** Reads up to a character that ends it, and over that one; undefined: up to the end. */
  until(stop: string | undefined, raw = false): string {
    let text = '';
    for (let char = this.#take(); char !== stop; char = this.#take()) {
      if (char === undefined) throw this.#invalid(`\`${stop}\` is missing`);
      text += this.#piece(char, raw);
    }
    return text;
  }

  #piece(char: string, raw: boolean): string {
    if (char === "'") return this.#quoted();
    if (char === '"') return this.#doubleQuoted();
    if (char === '$') return this.#variable();
    return char === this.#escape ? (raw ? char : '') + (this.#take() ?? '') : char;
  }

  #take(): string | undefined {
    const char = this.#word[this.#at];
    if (char !== undefined) this.#at += 1;
    return char;
  }

  #invalid(why: string): Error {
    return userError('config-invalid', `\`${this.#word}\` cannot be read: ${why}.`);
  }

  #quoted(): string {
    const end = this.#word.indexOf("'", this.#at);
    if (end < 0) throw this.#invalid('a quote has no end');
    const text = this.#word.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(): string {
    let text = '';
    for (let char = this.#take(); char !== '"'; char = this.#take()) {
      if (char === undefined) throw this.#invalid('a quote has no end');
      const next = this.#word[this.#at] ?? '';
      if (char === '$') text += this.#variable();
      else if (char === this.#escape && ['"', '$', this.#escape].includes(next)) text += this.#take() ?? '';
      else text += char;
    }
    return text;
  }

  #name(): string {
    const name = NAME.exec(this.#word.slice(this.#at))?.[0] ?? '';
    this.#at += name.length;
    return name;
  }

  #variable(): string {
    if (this.#word[this.#at] !== '{') {
      const name = this.#name();
      return name === '' ? '$' : this.#valueOf(name);
    }
    this.#at += 1;
    const name = this.#name();
    const first = this.#take() ?? '';
    if (name === '' || first === '') throw this.#invalid('a `}` is missing, or the name before it');
    if (first === '}') return this.#valueOf(name);
    const modifier = first === ':' ? `:${this.#take() ?? ''}` : first;
    return this.#modified(name, modifier);
  }

  #valueOf(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) this.unset.add(name);
    return value ?? '';
  }

  #modified(name: string, modifier: string): string {
    if (modifier === '/') return this.#replaced(name);
    if (!MODIFIERS.has(modifier)) throw this.#invalid(`\`${modifier}\` is no way to change a value`);
    const kind = modifier.slice(-1);
    const removes = kind === '#' || kind === '%';
    const word = this.until('}', removes);
    if (removes) return trimmed(this.#valueOf(name), kind, word);
    const value = this.#values.get(name);
    const has = value !== undefined && (kind === modifier || value !== '');
    if (kind === '+') return has ? word : '';
    if (has) return value;
    if (kind === '-') return word;
    throw this.#invalid(word === '' ? `\`${name}\` has no value` : word);
  }

  #replaced(name: string): string {
    const all = this.#word[this.#at] === '/';
    if (all) this.#at += 1;
    const pattern = shellPattern(this.until('/', true), '*');
    const replacement = this.until('}', true);
    return this.#valueOf(name).replace(new RegExp(pattern, all ? 'gs' : 's'), () => replacement);
  }
}

/** Takes the shortest match of a pattern off the start (`#`) or the end (`%`) of a value, doubled the longest. */
function trimmed(value: string, kind: string, word: string): string {
  const greedy = word.startsWith(kind);
  const pattern = shellPattern(greedy ? word.slice(1) : word, greedy ? '*' : '*?');
  if (kind === '#') return value.replace(new RegExp(`^(?:${pattern})`, 's'), '');
  // From the right, the shortest match is the one that begins last.
  const end = new RegExp(`^(?:${pattern})$`, 's');
  const starts = Array.from({ length: value.length + 1 }, (_it, index) => (greedy ? index : value.length - index));
  const start = starts.find((index) => end.test(value.slice(index)));
  return start === undefined ? value : value.slice(0, start);
}

const shellPattern = (word: string, star: string): string =>
  word.replace(/\\(.)|([*?])|([.+^${}()|[\]\\/])/gs, (_whole, escaped?: string, wild?: string, special?: string) => {
    if (wild !== undefined) return wild === '*' ? `.${star}` : '.';
    return (escaped ?? special ?? '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
