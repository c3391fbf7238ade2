/** Reads the file that `GITHUB_OUTPUT` or `GITHUB_STATE` names: `name=value` lines and heredocs (`name<<DELIMITER`). */
export function parseCommandFile(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line);
    if (heredoc) {
      const end = lines.indexOf(heredoc[2] ?? '', index + 1);
      if (end < 0) throw new Error(`The value of ${heredoc[1]} has no end.`);
      values.set(heredoc[1] ?? '', lines.slice(index + 1, end).join('\n'));
      index = end;
    } else if (line !== '') {
      const equals = line.indexOf('=');
      if (equals < 1) throw new Error(`"${line}" is no output.`);
      values.set(line.slice(0, equals), line.slice(equals + 1));
    }
  }
  return values;
}

/** One `::error file=…,line=…::message` of a log. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A workflow command on one line of output; undefined for ordinary output. */
export function parseCommand(
  line: string,
): { readonly name: string; readonly properties: Record<string, string>; readonly value: string } | undefined {
  const match = /^\s*::([a-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(line);
  if (!match) return undefined;
  const pairs = (match[2] ?? '').split(',').filter((it) => it.includes('='));
  const properties = Object.fromEntries(
    pairs.map((it) => [it.slice(0, it.indexOf('=')), unescapeData(it.slice(it.indexOf('=') + 1))]),
  );
  return { name: match[1] ?? '', properties, value: unescapeData(match[3] ?? '') };
}

function unescapeData(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
