import * as z from 'zod';
import { type Config, isName, userError } from '../model/index.ts';
import { assemble } from './assemble.ts';
import { type CheckedDocument, check } from './check.ts';
import { type ConfigDocument, parseText } from './document.ts';
import type { Drafts } from './drafts.ts';
import { type KeyPath, valueAt } from './paths.ts';
import { finding, refuse } from './report.ts';
import { emptyRoot } from './root.ts';
import { list, name, patterns } from './schema/parts.ts';
import { inlineService } from './schema/service.ts';

/** Stands for the file of a configuration that came from an input. */
const INLINE = 'inline';

const serviceMap = z.record(name, z.unknown());
const serviceList = list(z.looseObject({ name }));
const onePattern = z
  .string()
  .transform((it) => [it])
  .pipe(patterns);

/**
 * Services of the input `services` of detect-changed-services, as YAML or JSON: a map `name: [patterns]` or
 * `name: {fields of a service file}`, or a list of such with `name`. Patterns are from the root of the repository.
 * There are no environments, and no dependencies are imported. Throws `input-invalid` with all problems.
 *
 * @param options.repository `owner/repository`, for the default registry
 */
export function inlineConfig(text: string, options: { readonly repository: string }): Config {
  const { document, problems } = parseText(INLINE, text, 'input-invalid', 'names');
  refuse(problems.map((it) => finding(it)));
  if (document === undefined) throw userError('internal-error', 'The services were neither read nor refused.');
  const outer = Array.isArray(document.value) ? check(serviceList, document) : check(serviceMap, document);
  const read = entriesOf(document).map((it) => draftOf(document, it));
  return assemble(emptyRoot(INLINE, options.repository), {
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
    home: document.keyPlace(entry.path),
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

/** The folder that the first pattern names letter by letter; the root when it names none. */
function folderOf(paths: readonly string[]): string {
  const first = paths.find((it) => !it.startsWith('!')) ?? '';
  if (!first.replace(/\/+$/, '').includes('/')) return '';
  const parts = tidy(first).split('/');
  const open = parts.findIndex((part) => /[*?[\]{}()\\]/.test(part));
  if (open >= 0) return parts.slice(0, open).join('/');
  // What has an ending is a file.
  return (parts.at(-1)?.includes('.') === true ? parts.slice(0, -1) : parts).join('/');
}

const tidy = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
