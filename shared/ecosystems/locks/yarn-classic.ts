/** Deeper than this no yarn.lock is: entries, their fields, and the dependencies among these. */
const MAX_DEPTH = 3;

type Block = { [key: string]: string | Block };

/**
 * The classic yarn.lock: `key value` and `key:` with what is indented by two more below it. Keys and values stand in
 * double quotes where they have to, a key may be a list with commas (https://classic.yarnpkg.com/lang/en/docs/yarn-lock/).
 *
 * @returns undefined when a line cannot be read
 */
export function parseClassic(text: string): Block | undefined {
  const root = block();
  const open = [root];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const indent = (/^ */.exec(line)?.[0].length ?? 0) / 2;
    const parent = open[indent];
    if (parent === undefined || indent >= MAX_DEPTH) return undefined;
    open.length = indent + 1;
    const words = line.trim();
    if (words.endsWith(':')) {
      const inner = block();
      parent[plain(words.slice(0, -1))] = inner;
      open.push(inner);
      continue;
    }
    const pair = /^("(?:[^"\\]|\\.)*"|[^\s"]+) (.+)$/.exec(words);
    if (pair === null) return undefined;
    parent[plain(pair[1] ?? '')] = plain(pair[2] ?? '');
  }
  return root;
}

/** A null prototype, so that a package named `__proto__` stays a key. */
const block = (): Block => Object.create(null);

/** Texts without their quotes, also within a list. */
const plain = (text: string): string =>
  text.replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'));
