import type { Place } from '../model/index.ts';
import type { ConfigDocument, ParsedDocument } from './document.ts';
import { type KeyPath, valueAt } from './paths.ts';
import { type Plain, readPlain } from './plain-yaml.ts';

/** Reads one YAML file; what is wrong with it is among the problems. */
export type ReadDocument = (file: string, text: string) => Promise<ParsedDocument>;

/** By the whole parser, which knows where everything stands. */
export const wholly: ReadDocument = async (file, text) => (await import('./document.ts')).parseText(file, text);

/** Thrown where a document that was read quickly is asked for a place: somebody wants to say what is wrong with it. */
export const NEEDS_PLACES = new Error('the whole parser is needed');

/**
 * A reader that knows plain texts at once, gives the same value for the same text, and leaves everything else to the
 * whole parser. Its documents have no places: whoever asks for one gets {@link NEEDS_PLACES}, and reads again {@link wholly}.
 */
export function quickReader(): ReadDocument {
  const known = new Map<string, Plain | undefined>();
  return async (file, text) => {
    if (!known.has(text)) known.set(text, readPlain(text));
    const value = known.get(text);
    return value === undefined ? await wholly(file, text) : { document: plainDocument(file, value), problems: [] };
  };
}

function plainDocument(file: string, plain: Plain): ConfigDocument {
  // `null` is what an empty file says.
  const value = plain ?? undefined;
  return {
    file,
    code: 'config-invalid',
    value,
    place: noPlace,
    keyPlace: noPlace,
    depth: (path) => depthOf(value, path),
    // The quick reader takes no keys that JavaScript would put in another order.
    keys: (path) => Object.keys(mapAt(value, path)),
    inexact: [],
  };
}

function noPlace(): Place {
  throw NEEDS_PLACES;
}

function depthOf(value: unknown, path: KeyPath): number {
  const missing = path.findIndex((_step, index) => valueAt(value, path.slice(0, index + 1)) === undefined);
  return missing < 0 ? path.length : missing;
}

function mapAt(value: unknown, path: KeyPath): object {
  const found = valueAt(value, path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : {};
}
