import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chainOf, rowsOf } from '../../../shared/detect/index.ts';
import type { Environment } from '../../../shared/model/index.ts';
import { config, service } from './world.ts';

const environment = (name: string, more: Partial<Environment> = {}): Environment => ({
  name,
  class: 'production',
  after: [],
  approval: undefined,
  freeze: [],
  require: [],
  ...more,
});

describe('the chain of a run', () => {
  const dev = environment('dev');
  const staging = environment('staging', { after: ['dev'] });
  const eu = environment('eu', { after: ['staging'], approval: 'people' });
  const us = environment('us', { after: ['staging'], approval: 'people' });
  const report = environment('report', { after: ['us'] });
  const perf = environment('perf', { after: ['dev'] });

  test('is cut where somebody is asked, and after that', () => {
    expect(chainOf([dev, staging, eu, us, perf, report], undefined)).toEqual({
      first: ['dev', 'staging', 'perf'],
      approvals: ['people'],
      approved: ['eu', 'us', 'report'],
    });
  });

  test('has what is wanted of it, and no previews', () => {
    const preview = environment('pull', { class: 'preview' });
    expect(chainOf([preview, dev, staging], undefined)).toEqual({
      first: ['dev', 'staging'],
      approvals: [],
      approved: [],
    });
    // An approval that is not on the way is not asked for; what comes after it waits all the same.
    expect(chainOf([dev, staging, eu, us, report], ['dev', 'report'])).toEqual({
      first: ['dev'],
      approvals: [],
      approved: ['report'],
    });
  });

  test('loses no environment, and keeps the order', () => {
    const environments = fc.array(fc.record({ asks: fc.boolean(), after: fc.nat(9) }), { maxLength: 10 }).map((list) =>
      list.map(({ asks, after }, at) =>
        environment(`e${at}`, {
          after: after < at ? [`e${after}`] : [],
          approval: asks ? 'people' : undefined,
        }),
      ),
    );
    fc.assert(
      fc.property(environments, (list) => {
        const { first, approved } = chainOf(list, undefined);
        expect([...first, ...approved].sort()).toEqual(list.map((it) => it.name).sort());
        expect([first, approved]).toEqual([[...first].sort(), [...approved].sort()]);
        for (const { name, after } of list)
          if (after.some((it) => approved.includes(it))) expect(approved).toContain(name);
      }),
    );
  });
});

describe('rows for a pipeline', () => {
  const rowOf = (it: ReturnType<typeof service>, stages: readonly string[], runner?: string) => {
    const verdicts = [{ service: it.name, selected: true, reasons: [], bases: [] }];
    return rowsOf({ verdicts }, config([it]), { stages, runner })[0];
  };

  test('say where a service goes only if it does not go everywhere', () => {
    expect(rowOf(service('a', ['dev', 'production']), ['dev', 'production'])).not.toHaveProperty('environments');
    expect(rowOf(service('a', ['production']), ['dev', 'production'])).toMatchObject({ environments: ['production'] });
    expect(rowOf(service('a', []), ['dev'])).toMatchObject({ environments: [] });
  });

  test('carry tests in whole minutes, and that nothing is built', () => {
    const tested = service('a', [], { test: { run: 'npm test', timeoutMs: 90_000 } });
    expect(rowOf(tested, [])).toMatchObject({ test: 'npm test', timeout: 2 });
    const image = { ...tested.image, builder: 'none' } as const;
    expect(rowOf(service('a', [], { image }), [])).toMatchObject({ builder: 'none' });
    expect(rowOf(service('a'), [])).not.toHaveProperty('builder');
  });

  test('have none of this for another matrix', () => {
    const tested = service('a', ['dev'], { test: { run: 'npm test', timeoutMs: 90_000 } });
    const verdicts = [{ service: 'a', selected: true, reasons: [], bases: [] }];
    const [row] = rowsOf({ verdicts }, config([tested]));
    expect(Object.keys(row ?? {})).toEqual(['service', 'path', 'repository', 'team', 'runner']);
  });

  test('have the runner of the run, unless a service names its own', () => {
    expect(rowOf(service('a'), [], 'large')).toMatchObject({ runner: 'large' });
    expect(rowOf(service('a', [], { runner: 'gpu' }), [], 'large')).toMatchObject({ runner: 'gpu' });
  });
});
