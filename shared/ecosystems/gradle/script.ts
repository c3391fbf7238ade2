/** A script of Gradle as text, Groovy or Kotlin: it is not run, so only what stands there letter by letter is found. */

/** The script without comments; texts in quotes stay as they are. */
export function withoutComments(script: string): string {
  const parts = /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return script.replace(parts, (_, text: string | undefined) => text ?? ' ');
}

const QUOTED = /(["'])((?:[^"'\\\n$]|\\.)*)\1/g;

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
  const calls = [...script.matchAll(/(?<![\w.])project\s*\(([^)]*)\)/g)].map(([written, list = '']): Reference => {
    const named = /\bpath\s*[:=]\s*(["'])([^"'$]*)\1/.exec(list) ?? /^\s*(["'])([^"'$]*)\1/.exec(list);
    return { path: named?.[2], accessor: undefined, written };
  });
  const accessors = [...script.matchAll(/(?<![\w.])projects((?:\.[A-Za-z]\w*)+)/g)].map(
    ([written, way = '']): Reference => ({ path: undefined, accessor: way.slice(1), written }),
  );
  return [...calls, ...accessors];
}

/** The insides of blocks `head { … }`, with what the head's pattern takes, and the script without them. */
export function splitBlocks(
  script: string,
  head: RegExp,
): { readonly blocks: readonly Block[]; readonly rest: string } {
  const blocks: Block[] = [];
  let rest = '';
  let from = 0;
  for (const match of script.matchAll(head)) {
    if (match.index < from) continue;
    const end = closingBrace(script, match.index + match[0].length);
    blocks.push({ name: match[1] ?? '', text: script.slice(match.index + match[0].length, end) });
    rest += script.slice(from, match.index);
    from = end;
  }
  return { blocks, rest: rest + script.slice(from) };
}

export interface Block {
  readonly name: string;
  readonly text: string;
}

function closingBrace(script: string, from: number): number {
  let open = 1;
  for (let at = from; at < script.length; at++) {
    const letter = script[at];
    if (letter === '{') open += 1;
    else if (letter === '}') open -= 1;
    if (open === 0) return at;
  }
  return script.length;
}
