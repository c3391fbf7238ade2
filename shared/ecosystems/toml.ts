import { parse } from 'smol-toml';

/** A TOML document as plain data; undefined when it is none. */
export function parseToml(text: string): unknown {
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The caller says which file it is, and what follows from it.
    return undefined;
  }
}
