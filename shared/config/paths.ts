import { isRecord } from '../model/index.ts';

/** Keys and places in lists that lead from the top of a document to one of its values. */
export type KeyPath = readonly (string | number)[];

/** The value at a path of untyped data; undefined when the path leads nowhere. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  let current: unknown = value;
  for (const step of path) {
    if (Array.isArray(current)) current = typeof step === 'number' ? current[step] : undefined;
    else if (isRecord(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  return current;
}

/** `deploy.verify.http[0].url`, as people write it. */
export function formatPath(path: KeyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** Issues of schemas name their path with symbols as well, which YAML does not have. */
export const keyPath = (path: readonly PropertyKey[]): KeyPath =>
  path.map((step) => (typeof step === 'symbol' ? String(step) : step));
