/*
 * The reference of sinks, and what editors know of their fields: both from the schema that each kind of sink checks its
 * settings with.
 */
import { stringify } from 'yaml';
import * as z from 'zod';

/** @returns {Promise<Record<string, object>>} JSON Schema of the own fields of each kind */
export async function sinkSchemas(sinks) {
  const entries = Object.entries(sinks).map(async ([kind, load]) => {
    const { fields } = await load();
    const { $schema, additionalProperties, ...schema } = z.toJSONSchema(fields, { io: 'input' });
    return [kind, schema];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The schema of slipway.yml, in which the fields of a sink follow from its kind. */
export function withSinks(slipway, sinks) {
  const { sinks: list } = slipway.properties;
  const common = list.items;
  const shared = Object.fromEntries(Object.keys(common.properties).map((key) => [key, true]));
  const allOf = Object.entries(sinks).map(([kind, { properties, required = [] }]) => {
    const isKind = { properties: { kind: { const: kind } }, required: ['kind'] };
    const fields = { properties: { ...shared, ...properties }, additionalProperties: false, required };
    // Not written as a literal: an object with a `then` could be taken for a promise.
    return Object.fromEntries([
      ['if', isKind],
      ['then', fields],
    ]);
  });
  const { additionalProperties, ...items } = common;
  return { ...slipway, properties: { ...slipway.properties, sinks: { ...list, items: { ...items, allOf } } } };
}

/** @returns {string} Markdown */
export function sinksPage(sinks) {
  return [
    '# Sinks',
    '',
    'Systems that deploy events are sent to: `sinks` in `slipway.yml`. The ledger is the truth and a sink a picture of it: one that fails is a warning, and the deploy stands; only one with `required: true` fails the step. Every event is sent at most three times within `timeout` (default `10s`), later when the system asks for that. A start and its end, and a re-run, are one marker, except where it is said otherwise.',
    '',
    'Beside its own fields every sink has `name`, `url`, `environments`, `required` and `timeout` ([configuration](configuration.md)). Secrets stand in environment variables of the job, and the file names the variable: `{ env: NAME }`.',
    '',
    ...Object.entries(sinks).flatMap(([kind, it]) => section(kind, it)),
  ].join('\n');
}

function section(kind, { description, examples = [], properties = {}, required = [] }) {
  const rows = Object.entries(properties).map(([name, it]) => {
    const standard = it.default === undefined ? '' : `\`${JSON.stringify(it.default)}\``;
    return `| \`${name}\` | ${required.includes(name) ? '**required**' : standard} | ${cell(it.description ?? '')} |`;
  });
  const own = rows.length === 0 ? ['No fields of its own.'] : ['| Field | Default | |', '| --- | --- | --- |', ...rows];
  const yaml = examples.map((it) => stringify([{ kind, ...it }], { collectionStyle: 'flow', lineWidth: 0 }).trim());
  const lines = yaml.map((it) => `  - ${it.slice(1, -1).trim()}`);
  return [`## \`${kind}\``, '', description, '', '```yaml', 'sinks:', ...lines, '```', '', ...own, ''];
}

const cell = (text) => text.replaceAll('\n', ' ').replaceAll('|', '\\|');
