import { isRecord } from '../model/index.ts';

/** What is under some keys of untyped data; undefined when a part of the way is not there. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

export const textAt = (value: unknown, ...keys: readonly string[]): string | undefined => {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
};

/** Keys and values of untyped data; none when it is no record. */
export function entriesAt(value: unknown, ...keys: readonly string[]): readonly (readonly [string, unknown])[] {
  const found = at(value, ...keys);
  return isRecord(found) ? Object.entries(found) : [];
}

/** The items of a list; a single thing is a list of itself, nothing is none. */
export function listAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = at(value, ...keys);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

export const textsAt = (value: unknown, ...keys: readonly string[]): readonly string[] =>
  listAt(value, ...keys).filter((it) => typeof it === 'string');

/** Pairs whose value is a text. */
export const textEntriesAt = (value: unknown, ...keys: readonly string[]): readonly (readonly [string, string])[] =>
  entriesAt(value, ...keys).filter((it): it is readonly [string, string] => typeof it[1] === 'string');

type Table = Readonly<Record<string, unknown>>;

/**
 * Every text in untyped data with the key that it is under; keys are texts too.
 *
 * @param shape what a table means, before it is looked into
 */
export function* textsWithin(
  value: unknown,
  key = '',
  shape: (table: Table) => Table = (it) => it,
): Generator<readonly [key: string, text: string]> {
  if (typeof value === 'string') yield [key, value];
  else if (Array.isArray(value)) for (const it of value) yield* textsWithin(it, key, shape);
  else if (isRecord(value)) {
    for (const [name, it] of Object.entries(shape(value))) {
      yield ['', name];
      yield* textsWithin(it, name, shape);
    }
  }
}
