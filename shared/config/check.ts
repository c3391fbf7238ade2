import type * as z from 'zod';
import { type Problem, problem } from '../model/index.ts';
import type { ConfigDocument } from './document.ts';
import { problemsOf } from './issues.ts';
import { inputSchema } from './json-schema.ts';
import { formatPath, type KeyPath, valueAt } from './paths.ts';

export interface CheckedDocument<T> {
  /** undefined when the document does not follow the schema. */
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

/** Checks what stands at a path of a document; an empty document or section counts as one without keys. */
export function check<T>(schema: z.ZodType<T>, document: ConfigDocument, at: KeyPath = []): CheckedDocument<T> {
  const content = valueAt(document.value, at) ?? {};
  const result = schema.safeParse(content, { reportInput: false });
  const problems = problemsOf(result.error?.issues ?? [], {
    value: content,
    code: document.code,
    prefix: at,
    place: (path) => document.place([...at, ...path]),
    keyPlace: (path) => document.keyPlace([...at, ...path]),
    schema: () => inputSchema(schema),
  });
  const all = [...problems, ...inexactVariables(document, at)];
  return { value: result.success && all.length === 0 ? result.data : undefined, problems: all };
}

/** Where a number counts as the text that it is written with: maps of variables, and these keys. */
const VARIABLES = ['env', 'build-args'];
const TEXTS = ['user', 'cache-epoch'];

/** `VERSION: 1.10` would become `1.1` without a word. */
function inexactVariables(document: ConfigDocument, at: KeyPath): readonly Problem[] {
  return document.inexact
    .filter(({ path }) => VARIABLES.includes(String(path.at(-2))) || TEXTS.includes(String(path.at(-1))))
    .filter(({ path }) => at.every((step, index) => path[index] === step))
    .map(({ path, written }) => {
      const sentence = `\`${formatPath(path)}\` is written \`${written}\`, but reads as the number ${String(valueAt(document.value, path))}.`;
      return problem(document.code, sentence, { remedy: 'Put it in quotes.', at: document.place(path) });
    });
}
