/** A script of Gradle as text, Groovy or Kotlin: it is not run, so only what stands there letter by letter is found. */

/** The script without comments; texts in quotes stay as they are. */
export function withoutComments(script: string): string {
  const parts = /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return script.replace(parts, (_, text: string | undefined) => text ?? ' ');
}

const QUOTED = /(["'])((?:[^"'\\\n$]|\\.)*)\1/g;

/** Texts in quotes, those with a `$` too. */
export const quotedIn = (script: string): readonly string[] =>
  [...script.matchAll(/(["'])((?:[^"'\\\n]|\\.)*)\1/g)].map(([, , text = '']) => text);

/** Texts in quotes among the arguments of calls of a function: `include 'a', 'b'`, `include(":a", ":b")`. */
export function argumentsOf(script: string, name: string): readonly string[] {
  const call = new RegExp(`(?<![\\w.])${name}\\b\\s*(\\([^)]*\\)|(?:\\s*(?:"[^"\\n]*"|'[^'\\n]*')\\s*,?)+)`, 'g');
  return [...script.matchAll(call)].flatMap(([, list = '']) => [...list.matchAll(QUOTED)].map((it) => it[2] ?? ''));
}

/** What a project is asked for by: a path, or something that only running the script would tell. */
export interface Reference {
  /** `:libs:money`; of an accessor `projects.libs.money` in its own spelling. */
  readonly path: string | undefined;
  readonly accessor: string | undefined;
  readonly written: string;
}

/** Every `project(…)` and every `projects.…` of a script. */
export function projectReferences(script: string): readonly Reference[] {
  const calls = [...script.matchAll(/(?<!\w)(?:project|findProject)\s*\(([^)]*)\)/g)].map(
    ([written, list = '']): Reference => {
      const named = /\bpath\s*[:=]\s*(["'])([^"'$]*)\1/.exec(list) ?? /^\s*(["'])([^"'$]*)\1/.exec(list);
      return { path: named?.[2], accessor: undefined, written };
    },
  );
  const accessors = [...script.matchAll(/(?<![\w.])projects((?:\.[A-Za-z]\w*)+)/g)].map(
    ([written, way = '']): Reference => ({ path: undefined, accessor: way.slice(1), written }),
  );
  return [...calls, ...accessors];
}

/** What a script says for other projects: to which, where it names them, and the text of it. */
export interface Block {
  /** Paths of projects in the head; empty: for any below. */
  readonly projects: readonly string[];
  readonly text: string;
}

const HEAD = /(?<![\w.])(subprojects|allprojects|configure|project)\b(?=\s*[({.])/g;

/** Blocks such as `subprojects { … }`, `configure(…) { … }`, `project(':a') { … }`, and the script without them. */
export function blocksForOthers(script: string): { readonly blocks: readonly Block[]; readonly rest: string } {
  const blocks: Block[] = [];
  let rest = '';
  let from = 0;
  for (const match of script.matchAll(HEAD)) {
    if (match.index < from) continue;
    const { end, head, text } = chain(script, match.index + match[0].length);
    const projects = namedIn(head, match[1] === 'configure');
    // `project(':a')` alone, or with a closure among dependencies, is one of these; `project.x` is the script's own.
    const isDependency = match[1] === 'project' && (projects.length === 0 || depthAt(script, match.index) > 0);
    if (text === '' || isDependency) continue;
    blocks.push({ projects, text });
    rest += script.slice(from, match.index);
    from = end;
  }
  return { blocks, rest: rest + script.slice(from) };
}

/** Projects that a head is for, where it names them; `configure(subprojects - project(':a'))` leaves one out. */
function namedIn(head: string, isConfigure: boolean): readonly string[] {
  if (!isConfigure) return quotedIn(head).filter((it) => !it.includes('$'));
  if (/\b(?:sub|all)projects\b/.test(head)) return [];
  return [...head.matchAll(/\bproject\s*\(\s*(["'])([^"'$]+)\1/g)].map(([, , path = '']) => path);
}

function depthAt(script: string, index: number): number {
  const before = script.slice(0, index);
  return before.split('{').length - before.split('}').length;
}

/** What follows a name: `(…)`, `{ … }`, `.name`, as often as they come. */
function chain(script: string, from: number): { end: number; head: string; text: string } {
  let [end, head, text] = [from, '', ''];
  for (;;) {
    const next = /^\s*(?:([({])|\.\s*\w+)/.exec(script.slice(end, end + MAX_GAP));
    if (next === null) return { end, head, text };
    end += next[0].length;
    if (next[1] === undefined) continue;
    const close = closing(script, end, next[1]);
    if (next[1] === '(' && text === '') head += script.slice(end, close);
    text += next[1] === '{' ? script.slice(end, close) : '';
    end = close + 1;
  }
}

/** White space between the parts of a chain, at most. */
const MAX_GAP = 200;

function closing(script: string, from: number, open: string): number {
  const close = open === '{' ? '}' : ')';
  let depth = 1;
  for (let at = from; at < script.length; at++) {
    if (script[at] === open) depth += 1;
    else if (script[at] === close) depth -= 1;
    if (depth === 0) return at;
  }
  return script.length;
}
