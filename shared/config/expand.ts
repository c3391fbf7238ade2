import { isRecord } from '../model/index.ts';
import type { KeyPath } from './paths.ts';

/** What placeholders stand for; undefined: it has no value here. */
export interface Placeholders {
  readonly service: string;
  readonly environment: string | undefined;
  readonly team: string | undefined;
}

export interface Expanded {
  readonly value: unknown;
  /** Placeholders that have no value, and where they stand. */
  readonly unfilled: readonly { readonly path: KeyPath; readonly name: keyof Placeholders }[];
}

export const PLACEHOLDER = /\{(?:service|environment|team)\}/;

/** Fills `{service}`, `{environment}` and `{team}` in all strings of a value; other braces stay as they are. */
export function expand(value: unknown, placeholders: Placeholders): Expanded {
  const unfilled: { path: KeyPath; name: keyof Placeholders }[] = [];
  const fill = (inner: unknown, path: KeyPath): unknown => {
    if (typeof inner === 'string') {
      return inner.replace(/\{(service|environment|team)\}/g, (whole, found: string) => {
        const name = found === 'service' || found === 'team' ? found : 'environment';
        if (placeholders[name] === undefined) unfilled.push({ path, name });
        return placeholders[name] ?? whole;
      });
    }
    if (Array.isArray(inner)) return inner.map((item: unknown, index) => fill(item, [...path, index]));
    if (!isRecord(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, fill(item, [...path, key])]));
  };
  return { value: fill(value, []), unfilled };
}
