import { parse } from 'yaml';

/** What is in a text; `{}` for nothing, undefined when it cannot be read. */
export function parseYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' }) ?? {};
  } catch {
    // What cannot be read is told apart from what says nothing: the caller says what follows.
    return undefined;
  }
}
