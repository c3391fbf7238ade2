/** One line of a log is never longer than this. */
const LONGEST_LINE = 2_000;

/**
 * A text as lines that are safe in a runner's log: no terminal control, and nothing that the runner would take for a
 * workflow command (`::set-output…`, `##[…`), whoever wrote the text.
 */
export function safeLines(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map(safeLine);
}

function safeLine(line: string): string {
  const bounded = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} … (${line.length} characters)` : line;
  return stripControls(bounded)
    .replace(/^(\s*):(?=:)/, '$1:\u200b')
    .replaceAll('##[', '##\u200b[');
}

/** Takes terminal sequences and control characters out, tabs excepted. */
function stripControls(text: string): string {
  // biome's rule against control characters in patterns is met by writing them as a class of code points.
  return text.replace(ANSI, '').replace(CONTROLS, '');
}

const ESCAPE = String.fromCharCode(27);
const ANSI = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${String.fromCharCode(7)}${ESCAPE}]*(?:${String.fromCharCode(7)}|${ESCAPE}\\\\)?|[@-Z\\\\-_])`,
  'g',
);
const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** A text as the content of one cell of a Markdown table, or inline: nothing in it can become markup. */
export function markdownText(text: string): string {
  return stripControls(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()<>#+!|~@]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Lines as a Markdown code block that they cannot leave. */
export function markdownBlock(lines: readonly string[]): string {
  const body = lines.map(stripControls).join('\n');
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}
