import { isRecord, type Json } from '../model/index.ts';

/** Checked data as JSON: keys without a value are left out. Throws for what JSON does not have, which a schema let pass. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (!isRecord(value)) throw new TypeError(`A value of the type ${typeof value} is no JSON.`);
  const there = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(there.map(([key, inner]) => [key, toJson(inner)]));
}
