import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { SINK_KINDS } from '../../../../shared/config/schema/sinks.ts';
import { createSinks, SINKS } from '../../../../shared/record/index.ts';
import { load } from '../../config/helpers.ts';
import { depsOf } from './desk.ts';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/sinks.md');
const examples = [...page.matchAll(/## `(.+)`\n[\s\S]*?```yaml\n([\s\S]*?)```/g)].map(
  ([, kind, yaml]) => [kind, yaml] as const,
);
const secret = (): string => 'https://secret.example/0123456789abcdef';

test('every sink there is, is documented', () =>
  expect(examples.map(([kind]) => kind)).toEqual(Object.keys(SINKS).sort()));

test.each(examples)(
  'the example of %s is what the configuration, the sink and editors take',
  async (_kind, yaml = '') => {
    const { sinks } = await load({ 'slipway.yml': `version: 1\n${yaml}` });
    await expect(createSinks(sinks, { ...depsOf({}), env: secret })).resolves.toHaveLength(sinks.length);
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(read('schemas/slipway.schema.json')));
    const document = parse(`version: 1\n${yaml}`);
    expect([validate(document), validate.errors]).toEqual([true, null]);
    document.sinks[0].colour = 'red';
    expect(validate(document)).toBe(false);
  },
);

test('kinds are those of the configuration', () => {
  expect(Object.keys(SINKS).filter((kind) => !SINK_KINDS.some((it) => it === kind))).toEqual([]);
});
