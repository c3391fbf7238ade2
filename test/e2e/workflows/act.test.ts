import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RealRegistry, startRealRegistry } from '../registry/real-registry.ts';
import { act, originForAct, pipelineAsTop } from './act.ts';
import { Shop } from './shop.ts';

let registry: RealRegistry;
let shop: Shop;

beforeAll(async () => {
  registry = await startRealRegistry('anonymous');
  shop = new Shop(registry.host, originForAct);
  shop.write({ '.github/workflows/ship.yml': pipelineAsTop(shop) });
  shop.commit('The shop opens');
  shop.git('push', '--quiet', 'origin', 'main');
});
afterAll(async () => {
  shop.close();
  await registry.stop();
});

test('a first push tests, builds and deploys every service through its environments', async () => {
  const run = await act(shop, { run: '101' });
  expect(run.code).toBe(0);
  expect(run.lines('checkout-3/Service/test')).toContain('checkout is tested here');
  expect(run.lines('Pipeline/ok')).toContain('All 5 selected services did.');
  for (const environment of ['dev', 'production']) {
    expect(run.lines(`checkout-3/Service/${environment}`)).toContainEqual(
      expect.stringMatching(new RegExp(`^checkout .* in ${environment}: deployed\\.`)),
    );
    expect(await shop.answer(environment, 'catalog')).toContain('Kettle');
  }
});
