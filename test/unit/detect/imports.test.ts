import { describe, expect, test } from '@jest/globals';
import { detect, explain } from '../../../shared/detect/index.ts';
import { buildGraph } from '../../../shared/graph/index.ts';
import {
  type ImportsSince,
  NOTHING_IMPORTED,
  type Selection,
  type ServiceImports,
} from '../../../shared/model/index.ts';
import { config, fakeCheckout, id, input, push, run, service } from './world.ts';

const BASE = id('base');
const HEAD = id('head');
const services = [service('api'), service('web'), service('job')];

const money: ServiceImports = {
  ...NOTHING_IMPORTED,
  inputs: [
    {
      rules: { from: 'libs/money', patterns: ['**'] },
      way: ['@shop/cart', '@shop/money'],
      manifest: 'libs/cart/package.json',
    },
    { rules: { from: 'pom.xml', patterns: ['**'] }, way: [], manifest: 'services/api/pom.xml' },
  ],
};
const usesApi: ServiceImports = {
  ...NOTHING_IMPORTED,
  dependencies: new Map([['api', 'services/web/package.json']]),
};

async function ask(
  changed: readonly string[],
  imports: Readonly<Record<string, ServiceImports>>,
  since: Partial<ImportsSince> = {},
): Promise<Selection> {
  const settings = config(services);
  return await detect(
    input({
      config: settings,
      graph: buildGraph(settings, new Map(Object.entries(imports))),
      run: run(push(BASE), HEAD),
      checkout: fakeCheckout({ changed: { [`${BASE} ${HEAD}`]: changed }, names: { HEAD } }),
      importsSince: async () => ({ graphs: [], locks: new Map(), ...since }),
    }),
  );
}

const selected = (it: Selection) => it.verdicts.filter((verdict) => verdict.selected).map((verdict) => verdict.service);
const lines = (it: Selection, name: string) =>
  it.verdicts.flatMap((verdict) => (verdict.service === name ? explain(verdict) : [])).join('\n');

describe('what manifests say', () => {
  test('a library selects those who have it as an input, and those who depend on these', async () => {
    const found = await ask(['libs/money/x.js'], { api: money, web: usesApi });
    expect(selected(found)).toEqual(['api', 'web']);
    expect(lines(found, 'api')).toContain(
      'The package @shop/money, used by @shop/cart (by libs/cart/package.json), changed since',
    );
    expect(lines(found, 'web')).toContain('It depends on api (by services/web/package.json), whose files changed');
  });

  test('what governs is told as that', async () => {
    const found = await ask(['pom.xml'], { api: money });
    expect(selected(found)).toEqual(['api']);
    expect(lines(found, 'api')).toContain('What services/api/pom.xml is resolved through changed since');
  });

  test('what a service had at the base and has no more still counts', async () => {
    const before = buildGraph(
      config(services),
      new Map([
        ['api', money],
        ['job', usesApi],
      ]),
    );
    const found = await ask(['libs/money/x.js'], {}, { graphs: [before] });
    expect(selected(found)).toEqual(['api', 'job']);
    expect(selected(await ask(['libs/money/x.js'], {}))).toEqual([]);
  });

  test('a lock file selects those for whom it says something else, and those who depend on them', async () => {
    const lock = { file: 'yarn.lock', moved: ['lodash 1 → 2'], count: 3, whole: null };
    const found = await ask(
      ['yarn.lock'],
      { web: usesApi },
      {
        locks: new Map([
          ['api', [lock]],
          ['job', []],
        ]),
      },
    );
    expect(selected(found)).toEqual(['api', 'web']);
    expect(lines(found, 'api')).toContain('yarn.lock resolves its dependencies otherwise than at');
    expect(lines(found, 'api')).toContain('lodash 1 → 2 and 2 more.');
    const whole = { file: 'yarn.lock', moved: [], count: 0, whole: 'nobody knows it' };
    const all = await ask(['yarn.lock'], {}, { locks: new Map([['job', [whole]]]) });
    expect(lines(all, 'job')).toContain('counts as a whole: nobody knows it.');
  });
});
