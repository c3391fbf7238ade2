import { isRecord } from '../model/index.ts';

/**
 * Lays one value over another: maps merge by key; lists, single values, and maps whose `kind` differs, replace.
 * What is empty (`null`) or not there changes nothing. Neither value is changed.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (over === undefined || over === null) return base;
  if (!isRecord(base) || !isRecord(over) || kindDiffers(base, over)) return over;
  const merged = Object.entries(over).map(([key, value]): [string, unknown] => [
    key,
    Object.hasOwn(base, key) ? merge(base[key], value) : value,
  ]);
  return Object.fromEntries([...Object.entries(base), ...merged]);
}

/** A map without `kind` adds to the one below it, whatever that is. */
function kindDiffers(base: Record<string, unknown>, over: Record<string, unknown>): boolean {
  const [before, after] = [base['kind'], over['kind']];
  return before !== undefined && after !== undefined && before !== after;
}
