import { type Place, userError } from '../../model/index.ts';

/** One instruction of a Dockerfile, put together from its lines. */
export interface Instruction {
  /** In lower case, such as `from`. */
  readonly name: string;
  /** `--name=value` before the arguments, without quotes. */
  readonly flags: readonly string[];
  readonly args: string;
  readonly at: Place;
}

/** What takes the meaning from the next character, and joins a line with the next. */
export type Escape = '\\' | '`';

export interface Dockerfile {
  /** What `# syntax=` names: the image that reads the file. */
  readonly syntax: string | undefined;
  readonly escape: Escape;
  readonly instructions: readonly Instruction[];
}

/** Directives stand at the top, one a line; the first line that is none ends them. */
const DIRECTIVE = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const DIRECTIVES = new Set(['syntax', 'escape', 'check']);

/**
 * Reads a Dockerfile as BuildKit does (frontend/dockerfile/parser): directives, comments, lines that go on, heredocs. What
 * instructions mean is not looked at. Throws `config-invalid`.
 *
 * @param shown path of the file, for errors
 */
export function parseDockerfile(text: string, shown: string): Dockerfile {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  const directives = readDirectives(lines);
  const mark = directives.get('escape') === '`' ? '`' : '\\';
  const reader = new LineReader(lines, mark, shown);
  const instructions: Instruction[] = [];
  for (let it = reader.next(); it !== undefined; it = reader.next()) instructions.push(it);
  return { syntax: directives.get('syntax')?.replace(/ .*$/, ''), escape: mark, instructions };
}

function readDirectives(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lines[0]?.startsWith('#!') === true ? lines.slice(1) : lines) {
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? [];
    if (!DIRECTIVES.has(name.toLowerCase())) break;
    found.set(name.toLowerCase(), value);
  }
  return found;
}

const isComment = (line: string): boolean => /^\s*#/.test(line);
const isEmpty = (line: string): boolean => line.trim() === '';

const literal = (mark: Escape): string => (mark === '\\' ? '\\\\' : mark);

class LineReader {
  readonly #lines: readonly string[];
  readonly #escape: Escape;
  readonly #shown: string;
  readonly #goesOn: RegExp;
  #index = 0;

  constructor(lines: readonly string[], mark: Escape, shown: string) {
    this.#lines = lines;
    this.#escape = mark;
    this.#shown = shown;
    const one = literal(mark);
    this.#goesOn = new RegExp(`([^${one}])${one}[ \\t]*$|^${one}[ \\t]*$`);
  }

  next(): Instruction | undefined {
    while (this.#index < this.#lines.length && (isEmpty(this.#line()) || isComment(this.#line()))) this.#index += 1;
    if (this.#index >= this.#lines.length) return undefined;
    const at: Place = { file: this.#shown, line: this.#index + 1 };
    const text = this.#logicalLine().trim();
    const [, name = '', rest = ''] = /^([^\t\v\f\r ]+)(?:[\t\v\f\r ]+(.*))?$/s.exec(text) ?? [];
    const { flags, args } = splitFlags(rest, this.#escape);
    const instruction = { name: name.toLowerCase(), flags, args, at };
    for (const heredoc of heredocsOf(instruction, text)) this.#skip(heredoc, at);
    return instruction;
  }

  #line(): string {
    return (this.#lines[this.#index] ?? '').replace(/\r+$/, '');
  }

  /** A line and those that it goes on in; comments and empty lines between them do not end it. */
  #logicalLine(): string {
    let text = '';
    for (let first = true; this.#index < this.#lines.length; first = false) {
      const line = first ? this.#line().trimStart() : this.#line();
      this.#index += 1;
      if (!first && (isComment(line) || isEmpty(line))) continue;
      text += line.replace(this.#goesOn, '$1');
      if (!this.#goesOn.test(line)) break;
    }
    return text;
  }

  #skip({ name, tabs }: Heredoc, at: Place): void {
    while (this.#index < this.#lines.length) {
      const line = this.#line();
      this.#index += 1;
      if ((tabs ? line.replace(/^\t+/, '') : line) === name) return;
    }
    throw userError('config-invalid', `The text that \`<<${name}\` begins has no end.`, {
      remedy: `Put \`${name}\` on a line of its own after it.`,
      at,
    });
  }
}

function splitFlags(text: string, mark: Escape): { readonly flags: readonly string[]; readonly args: string } {
  const one = literal(mark);
  const piece = new RegExp(
    `^\\s*(--(?:[^\\s'"${one}]|${one}.?|'(?:[^'${one}]|${one}.)*'|"(?:[^"${one}]|${one}.)*")*)(?=\\s|$)`,
    's',
  );
  const plain = new RegExp(`${one}(.?)|['"]`, 'gs');
  const flags: string[] = [];
  let rest = text;
  for (let found = piece.exec(rest); found !== null && found[1] !== '--'; found = piece.exec(rest)) {
    rest = rest.slice(found[0].length);
    flags.push((found[1] ?? '').replace(plain, (_whole, escaped: string | undefined) => escaped ?? ''));
  }
  return { flags, args: rest.replace(/^\s*--(?=\s|$)/, '').trim() };
}

interface Heredoc {
  readonly name: string;
  /** Tabs before its lines do not count. */
  readonly tabs: boolean;
}

const WITH_HEREDOCS = /^(?:onbuild\s+)?(?:run|copy|add)\s/i;
const QUOTED = /'[^']*'|"(?:[^"\\]|\\.)*"/s;
const WORD = new RegExp(`(?:[^\\s'"\\\\]|\\\\.?|${QUOTED.source})+`, 'gs');
const WORDS = new RegExp(`^(?:\\s|[^\\s'"\\\\]|\\\\.?|${QUOTED.source})*$`, 's');

function heredocsOf({ args }: Pick<Instruction, 'args'>, text: string): readonly Heredoc[] {
  if (!WITH_HEREDOCS.test(text) || !text.includes('<<') || isList(args) || !WORDS.test(text)) return [];
  return (text.match(WORD) ?? []).flatMap((word) => {
    const [, tabs, name = ''] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
    return name === '' ? [] : [{ name: name.replace(/['"]/g, '').replace(/\\(.)/gs, '$1'), tabs: tabs === '-' }];
  });
}

/** The form `["program", "argument"]`. */
function isList(args: string): boolean {
  if (!args.startsWith('[')) return false;
  try {
    const value: unknown = JSON.parse(args);
    return Array.isArray(value) && value.every((it) => typeof it === 'string');
  } catch {
    return false;
  }
}
