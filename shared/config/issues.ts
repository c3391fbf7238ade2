import type * as z from 'zod';
import { clip, nearest, type Place, type Problem, problem, REASONS, type ReasonCode } from '../model/index.ts';
import type { JsonSchema } from './json-schema.ts';
import { knownKeys } from './known-keys.ts';
import { formatPath, type KeyPath, keyPath, valueAt } from './paths.ts';

export type Issue = z.core.$ZodIssue;

/** What was checked, and where its parts stand. */
export interface Checked {
  readonly value: unknown;
  readonly code: ReasonCode;
  /** What leads to the value that was checked; put before the paths that people read. */
  readonly prefix: KeyPath;
  place(path: KeyPath): Place;
  keyPlace(path: KeyPath): Place;
  /** The schema's form that knows its keys; asked for only when a key is not known. */
  schema(): JsonSchema;
}

/** What the schema found, as sentences for people with their places. */
export function problemsOf(issues: readonly Issue[], checked: Checked): readonly Problem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownKeys(issue.keys, keyPath(issue.path), checked)
      : [other(issue, checked)],
  );
}

function unknownKeys(keys: readonly string[], path: KeyPath, checked: Checked): readonly Problem[] {
  const known = knownKeys(checked.schema(), checked.value, path);
  const shown = [...checked.prefix, ...path];
  return keys.map((key) => {
    const where = shown.length === 0 ? '' : ` in \`${formatPath(shown)}\``;
    const meant = nearest(key, known);
    return problem(checked.code, `The key \`${key}\` is not known${where}.`, {
      remedy: meant === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`,
      at: checked.keyPlace([...path, key]),
    });
  });
}

function other(issue: Exclude<Issue, { code: 'unrecognized_keys' }>, checked: Checked): Problem {
  const path = keyPath(issue.path);
  const value = valueAt(checked.value, path);
  const missing = value === undefined && path.length > 0;
  const at = issue.code === 'invalid_key' ? checked.keyPlace(path) : checked.place(path);
  const shown = [...checked.prefix, ...path];
  const subject = shown.length === 0 ? 'The content' : `\`${formatPath(shown)}\``;
  const sentence = missing ? `${subject} is missing.` : `${subject} ${predicate(issue, value)}.`;
  return problem(checked.code, sentence, { remedy: remedyOf(issue, value, checked.code), at });
}

/** What goes after the key. Messages of our own schemas are predicates already; those of the library are not. */
function predicate(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}, but is ${describe(value)}`;
    case 'invalid_value':
      return `must be ${choice(issue.values)}, but is ${describe(value)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'invalid_union':
      return 'options' in issue && issue.options !== undefined
        ? `must be ${choice(issue.options)}, but is ${describe(value)}`
        : `${issue.message}, but is ${describe(value)}`;
    default:
      return issue.message;
  }
}

function remedyOf(issue: Issue, value: unknown, code: ReasonCode): string {
  if (issue.code === 'custom' && typeof issue.params?.['remedy'] === 'string') return issue.params['remedy'];
  const options = optionsOf(issue);
  const meant = typeof value === 'string' ? nearest(value, options) : undefined;
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  if (value === undefined && options.length > 0) return `It is ${choice(options)}.`;
  if (issue.code !== 'invalid_type') return REASONS[code].remedy;
  if (issue.expected === 'string' && isPlain(value)) return 'Put it in quotes.';
  if (NUMBERS.includes(issue.expected) && typeof value === 'string') return 'Write it as a number, without quotes.';
  if (issue.expected === 'array' && typeof value === 'string') return 'Write a list: `[first, second]`.';
  return REASONS[code].remedy;
}

function optionsOf(issue: Issue): readonly string[] {
  const options = issue.code === 'invalid_value' ? issue.values : 'options' in issue ? (issue.options ?? []) : [];
  return options.filter((it) => typeof it === 'string');
}

const NUMBERS: readonly string[] = ['number', 'int'];
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/** The longest text of a file that a sentence repeats. */
const MAX_SHOWN = 60;

function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  const text = String(value);
  const shown = clip(text, MAX_SHOWN);
  return typeof value === 'string' ? `the text \`${shown}\`` : `\`${shown}\``;
}

const isPlain = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean';

function choice(options: readonly unknown[]): string {
  const words = options.filter((it) => it !== undefined).map((it) => `\`${String(it)}\``);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
