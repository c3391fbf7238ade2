import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { ZodType } from 'zod';
import { type JsonSchema, jsonSchemas } from '../../../shared/config/index.ts';
import { service } from '../../../shared/config/schema/service.ts';
import { slipway } from '../../../shared/config/schema/slipway.ts';
import { isRecord } from '../../../shared/model/index.ts';
import { SERVICE, SLIPWAY, SMALLEST } from './examples.ts';

const schemas = await jsonSchemas();
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const accepts = { slipway: ajv.compile(schemas.slipway), service: ajv.compile(schemas.service) };

/** slipway.yml with more of its keys than the documentation has. */
const FULL = `${SLIPWAY.replace('sinks: []', 'sinks: [{ kind: slack, url: { env: X }, room: a }]').replace(/^deploy: \{\}/m, 'deploy: { target: { kind: gitops, repository: a/b, file: c }, strategy: { keep-warm: 5m } }')}\n`;

describe('the JSON Schemas', () => {
  test.each([
    ['the least that works', accepts.slipway, SMALLEST],
    ['the long example', accepts.slipway, SLIPWAY],
    ['one with more keys', accepts.slipway, FULL],
    ['the example of a service', accepts.service, SERVICE],
    ['a service that says nothing', accepts.service, '{}'],
    [
      'sections with nothing in them',
      accepts.slipway,
      'version: 1\nimage:\ndeploy:\nservice:\nenvironments:\n  dev:\n',
    ],
  ] as const)('accept %s', (_name, validate, text) => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['an unknown key', accepts.slipway, 'version: 1\nx: 1'],
    ['no version', accepts.slipway, '{}'],
    ['a key of another kind', accepts.slipway, 'version: 1\ndeploy: { target: { kind: local, namespace: x } }'],
    ['a kind that there is not', accepts.slipway, 'version: 1\ndeploy: { target: { kind: x } }'],
    [
      'a target of others, which is what none means',
      accepts.slipway,
      'version: 1\ndeploy: { target: { kind: foreign } }',
    ],
    ['a name that cannot be one', accepts.slipway, 'version: 1\nenvironments: { "a b": {} }'],
    ['no duration', accepts.service, 'deploy: { timeout: 10 }'],
    ['a literal for a reference', accepts.service, 'image: { reuse-key: { public: a, private: b } }'],
    ['a list that has to hold something', accepts.service, 'image: { gates: [{ name: a, run: [] }] }'],
  ] as const)('refuse %s', (_name, validate, text) => expect(validate(parse(text))).toBe(false));

  test('are of draft 2020-12, and each key has a title and a description', () => {
    for (const schema of Object.values(schemas)) {
      expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
      expect(undocumented(schema, '')).toEqual([]);
    }
  });

  test('are plain data, the same each time', async () => {
    expect(JSON.parse(JSON.stringify(schemas))).toEqual(schemas);
    expect(await jsonSchemas()).toEqual(schemas);
  });
});

describe('the two kinds of schema agree', () => {
  const junk = fc.constantFrom<unknown>(
    null,
    0,
    -1,
    1.5,
    true,
    '',
    'x',
    '10m',
    [],
    ['x'],
    [1],
    {},
    { x: 1 },
    { env: 'A' },
    { kind: 'local' },
  );

  test.each<readonly [string, ZodType, keyof typeof accepts, unknown]>([
    ['slipway.yml', slipway, 'slipway', parse(FULL)],
    ['slipway.service.yml', service, 'service', parse(SERVICE)],
  ])('on whatever %s is turned into', (_name, schema, key, example) => {
    const change = fc.constantFrom(...pathsOf(example));
    fc.assert(
      fc.property(change, junk, fc.boolean(), (path, value, addKey) => {
        const changed = replaced(example, addKey ? [...path, 'nokey'] : path, value);
        const issues = schema.safeParse(changed).error?.issues ?? [];
        const structural = issues.filter(({ code }) => code !== 'custom');
        expect([accepts[key](changed), JSON.stringify(changed)]).toEqual([
          structural.length === 0,
          JSON.stringify(changed),
        ]);
      }),
      { numRuns: 600 },
    );
  });
});

function undocumented(schema: JsonSchema, at: string): readonly string[] {
  return Object.entries(schema).flatMap(([word, value]) => {
    if (word === 'properties' && isRecord(value)) {
      return Object.entries(value).flatMap(([key, inner]) => {
        if (!isRecord(inner) || 'not' in inner) return [];
        const bare = typeof inner['title'] !== 'string' || describedBy(inner).length < 10 ? [`${at}.${key}`] : [];
        return [...bare, ...undocumented(inner, `${at}.${key}`)];
      });
    }
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
    return parts.filter(isRecord).flatMap((it) => undocumented(it, at));
  });
}

const describedBy = (schema: JsonSchema): string => String(schema['description'] ?? '');

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((item, index) => pathsOf(item, [...at, index]))];
  if (!isRecord(value)) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? replaced(item, rest, by) : item));
  return isRecord(value) ? { ...value, [step]: replaced(value[step], rest, by) } : by;
}
