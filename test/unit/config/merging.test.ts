import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { merge } from '../../../shared/config/merge.ts';
import { FOREIGN_TARGET, isForeign } from '../../../shared/model/index.ts';
import { load, loadOne, serviceOf } from './helpers.ts';

const ENVIRONMENTS = 'environments: { dev: {}, live: { after: dev } }';

describe('the layers of deploy', () => {
  test('slipway.deploy < its environment < the service < its environment', async () => {
    const layer = (timeout: string) => `deploy: { timeout: ${timeout} }`;
    const timeouts = async (root: string, inRoot: string, own: string, inOwn: string) => {
      const config = await load({
        'slipway.yml': `version: 1\nenvironments: { dev: {}, live: { ${inRoot} } }\n${root}`,
        'a/slipway.service.yml': `${own}\nenvironments: { dev: {}, live: { ${inOwn} } }`,
      });
      const { deployments } = serviceOf(config, 'a');
      return [deployments.get('dev')?.timeoutMs, deployments.get('live')?.timeoutMs];
    };
    expect(await timeouts('', '', '', '')).toEqual([600_000, 600_000]);
    expect(await timeouts(layer('1s'), '', '', '')).toEqual([1_000, 1_000]);
    expect(await timeouts(layer('1s'), layer('2s'), '', '')).toEqual([1_000, 2_000]);
    expect(await timeouts(layer('1s'), layer('2s'), layer('3s'), '')).toEqual([3_000, 3_000]);
    expect(await timeouts(layer('1s'), layer('2s'), layer('3s'), layer('4s'))).toEqual([3_000, 4_000]);
    expect(await timeouts('', layer('2s'), '', layer('4s'))).toEqual([600_000, 4_000]);
  });

  test('maps merge by key at any depth, lists replace', async () => {
    const { deployments } = await loadOne(
      '{ deploy: { target: { container: main }, rollback: { hold: none }, hooks: { before: [{ name: b, run: [y] }] } } }',
      `${ENVIRONMENTS}\ndeploy:\n  target: { kind: kubernetes, namespace: shop, manifests: [a, b] }\n  rollback: { automatic: false }\n  hooks: { before: [{ name: a, run: [x] }], after: [{ name: c, run: [z] }] }`,
    );
    expect(deployments.get('live')).toMatchObject({
      target: { kind: 'kubernetes', namespace: 'shop', container: 'main', manifests: ['a', 'b'] },
      rollback: { automatic: false, hold: 'none' },
      hooks: { before: [{ name: 'b' }], after: [{ name: 'c' }] },
    });
  });

  test('a map of another kind replaces; one without a kind adds', async () => {
    const { deployments } = await loadOne(
      '{ environments: { dev: { deploy: { strategy: { keep-warm: 5m } } }, live: { deploy: { strategy: { kind: canary, steps: [{ weight: 5 }] }, target: { kind: local, directory: x } } } } }',
      `${ENVIRONMENTS}\ndeploy: { strategy: { kind: blue-green, keep-warm: 1m }, target: { kind: kubernetes, namespace: x } }`,
    );
    expect(deployments.get('dev')?.strategy).toEqual({ kind: 'blue-green', keepWarmMs: 300_000 });
    expect(deployments.get('live')?.strategy).toEqual({
      kind: 'canary',
      steps: [{ weight: 5, holdMs: 60_000 }],
      traffic: 'replicas',
    });
    expect(deployments.get('live')?.target).toEqual({ kind: 'local', directory: 'x', port: undefined });
  });

  test('a section with nothing in it changes nothing', async () => {
    const files = (rest: string) => ({
      'slipway.yml': `version: 1\n${ENVIRONMENTS}\ndeploy: { timeout: 1s }\n${rest}`,
    });
    const empty = await load({
      ...files('image:\n'),
      'a/slipway.service.yml': 'deploy:\nimage:\nenvironments:\n  dev:\n  live:\n',
    });
    const absent = await load({ ...files(''), 'a/slipway.service.yml': '' });
    expect(empty).toEqual(absent);
  });

  test('a service without a target is deployed by others', async () => {
    const { deployments } = await loadOne('{}', ENVIRONMENTS);
    expect(deployments.get('live')?.target).toEqual(FOREIGN_TARGET);
    expect([...deployments.values()].every(({ target }) => isForeign(target))).toBe(true);
    await expect(loadOne('{}', `${ENVIRONMENTS}\ndeploy: { target: { kind: foreign } }`)).rejects.toThrow(/`foreign`/);
    await expect(loadOne('{}', `${ENVIRONMENTS}\ndeploy: { target: { kind: command, deploy: [] } }`)).rejects.toThrow(
      'must name a program',
    );
  });
});

describe('placeholders', () => {
  test('are filled in all strings of deploy and image; other braces stay', async () => {
    const config = await load({
      'slipway.yml': `version: 1\n${ENVIRONMENTS}\nimage: { repository: "ghcr.io/acme/{service}", build-args: { TEAM: "{team}-{other}" }, tags: ["{{semver.major}}"], gates: [{ name: g, run: [x, "{layout}", "{image}", "{digest}"] }] }\ndeploy:\n  target: { kind: command, deploy: ["./{service}.sh", "{environment}/{team}"] }\n  verify: { http: [{ url: "{url}/{environment}" }] }`,
      'a/slipway.service.yml': 'name: cart\nteam: "{service}"',
    });
    const { image, deployments } = serviceOf(config, 'cart');
    expect(image.repository).toBe('ghcr.io/acme/cart');
    expect(image.buildArgs).toEqual({ TEAM: '{service}-{other}' });
    expect(image.tags).toEqual(['{{semver.major}}']);
    expect(image.gates[0]?.run).toEqual(['x', '{layout}', '{image}', '{digest}']);
    // What a team is called is not read again.
    expect(deployments.get('live')?.target).toMatchObject({ deploy: ['./cart.sh', 'live/{service}'] });
    expect(deployments.get('dev')?.verify.http[0]?.url).toBe('{url}/dev');
  });
});

describe('merge', () => {
  const value = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('x', 1, true, 'y'),
      fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'constructor', '10', 'kind'), tie('tree'), { maxKeys: 3 }),
    ),
  })).tree;

  test('nothing over a value, and a value over nothing, is the value', () => {
    fc.assert(
      fc.property(value, (it) => {
        expect(merge(it, undefined)).toEqual(it);
        expect(merge(it, null)).toEqual(it);
        expect(merge(undefined, it)).toEqual(it);
        expect(merge(it, it)).toEqual(it);
      }),
    );
  });

  test('for maps without kinds it does not matter what is merged first', () => {
    const plain = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.dictionary(fc.constantFrom('d', 'e'), fc.integer()));
    fc.assert(
      fc.property(plain, plain, plain, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  test('every key is there, the higher value where both are single; neither side is changed', () => {
    const flat = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.array(fc.integer())));
    fc.assert(
      fc.property(flat, flat, (base, over) => {
        const before = JSON.stringify([base, over]);
        expect(merge(base, over)).toEqual({ ...base, ...over });
        expect(JSON.stringify([base, over])).toBe(before);
      }),
    );
  });
});
