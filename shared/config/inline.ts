import * as z from 'zod';
import { type Config, isName, userError } from '../model/index.ts';
import { assemble } from './assemble.ts';
import { type CheckedDocument, check } from './check.ts';
import { type ConfigDocument, parseText } from './document.ts';
import type { Drafts } from './drafts.ts';
import { folderOf, INLINE, tidy } from './inline-folder.ts';
import { type KeyPath, valueAt } from './paths.ts';
import { finding, refuse } from './report.ts';
import { EMPTY_ROOT, emptyRoot } from './root.ts';
import { list, name, patterns } from './schema/parts.ts';
import { inlineService } from './schema/service.ts';

const serviceMap = z.record(name, z.unknown());
const serviceList = list(z.looseObject({ name }));
const onePattern = z
  .string()
  .transform((it) => [it])
  .pipe(patterns);

/** The whole reader of inline services: takes everything that is allowed, and says what is wrong with anything else. */
export function inlineConfig(text: string, options: { readonly repository: string }): Config {
  const { document, problems } = parseText(INLINE, text, 'input-invalid', 'names');
  refuse(problems.map((it) => finding(it)));
  if (document === undefined) throw userError('internal-error', 'The services were neither read nor refused.');
  const outer = Array.isArray(document.value) ? check(serviceList, document) : check(serviceMap, document);
  const read = entriesOf(document).map((it) => draftOf(document, it));
  return assemble(emptyRoot(parseText(INLINE, EMPTY_ROOT), options.repository), {
    drafts: read.flatMap((it) => it.drafts),
    findings: [...outer.problems.map((it) => finding(it)), ...read.flatMap((it) => it.findings)],
  });
}

interface Entry {
  readonly name: string;
  readonly path: KeyPath;
}

function entriesOf(document: ConfigDocument): readonly Entry[] {
  const { value } = document;
  const entries = Array.isArray(value)
    ? value.map((_item: unknown, index) => ({ name: String(valueAt(value, [index, 'name']) ?? ''), path: [index] }))
    : document.keys([]).map((key) => ({ name: key, path: [key] }));
  // A name that cannot be one is found by the schema of the whole.
  return entries.filter(({ name: it }) => isName(it));
}

function draftOf(document: ConfigDocument, entry: Entry): Drafts {
  const { value: fields, problems } = fieldsOf(document, entry.path);
  const draft = {
    source: { document, path: entry.path },
    fields,
    folder: fields?.path === undefined ? folderOf(fields?.paths ?? []) : tidy(fields.path),
    filesFrom: '',
    defaultName: entry.name,
    repository: undefined,
    home: () => document.keyPlace(entry.path),
  };
  return { drafts: [draft], findings: problems.map((it) => finding(it)) };
}

/** Patterns alone stand for a service that has only these. */
function fieldsOf(document: ConfigDocument, path: KeyPath): CheckedDocument<z.output<typeof inlineService>> {
  const value = valueAt(document.value, path);
  if (typeof value !== 'string' && !Array.isArray(value)) return check(inlineService, document, path);
  const checked = check(typeof value === 'string' ? onePattern : patterns, document, path);
  const fields = checked.value === undefined ? undefined : inlineService.parse({ paths: checked.value });
  return { value: fields, problems: checked.problems };
}
