import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Shop } from './shop.ts';

describe('a Deployment', () => {
  let shop: Shop;
  let one: string;
  let two: string;
  beforeAll(async () => {
    shop = await Shop.open({ deploy: { timeout: '60s' } });
    one = await shop.image('one');
    two = await shop.image('two');
  });
  afterAll(() => shop.close());

  test('gets its image by digest; the deploy is recorded', async () => {
    const ran = await shop.deploy({ image: one });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: one, changed: 'true' });
    expect((await shop.live()).image).toBe(one);
    expect(await shop.running()).toEqual([one]);
    expect(await shop.note('event')).toBe(shop.world.events('web', 'dev')[0]?.['id']);
    expect(shop.world.events('web', 'dev').map((it) => it['status'])).toEqual(['in_progress', 'success']);
  });

  test('F61: that is unchanged gets nothing written', async () => {
    const before = [await shop.live(), shop.writes().length];
    const ran = await shop.deploy({ image: one });
    expect(ran.outputs).toMatchObject({ status: 'unchanged', changed: 'false' });
    expect([await shop.live(), shop.writes().length]).toEqual(before);
  });

  test('F60: a plan writes nothing', async () => {
    const before = shop.writes().length;
    const ran = await shop.deploy({ image: two, mode: 'plan' });
    expect(ran.outputs).toMatchObject({ status: 'planned' });
    expect(shop.writes()).toHaveLength(before);
  });

  test('is rolled back on request in one wave, and what was left is held', async () => {
    shop.push('second', { deploy: { timeout: '60s' } });
    expect((await shop.deploy({ image: two })).outputs['status']).toBe('deployed');
    const back = await shop.deploy({ mode: 'rollback' });
    expect(back.outputs).toMatchObject({ status: 'rolled-back', image: one });
    expect((await shop.live()).image).toBe(one);
    expect(await shop.running()).toEqual([one]);
    const { spec } = (await shop.live()) as { spec?: { strategy?: unknown } };
    expect(spec?.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    });
    // U6: an unrelated push brings the same image along.
    shop.push('third', { deploy: { timeout: '60s' } });
    const again = await shop.deploy({ image: two });
    expect(again.outputs).toMatchObject({ status: 'held', changed: 'false' });
    expect((await shop.live()).image).toBe(one);
  });

  test('is taken down on request, and comes back with the next deploy', async () => {
    expect((await shop.deploy({ mode: 'remove' })).outputs['status']).toBe('removed');
    expect((await shop.live()) as object).toMatchObject({ spec: { replicas: 0 } });
    const three = await shop.image('three');
    shop.push('fourth', { deploy: { timeout: '60s' } });
    expect((await shop.deploy({ image: three })).outputs['status']).toBe('deployed');
    expect((await shop.live()) as object).toMatchObject({ spec: { replicas: 2 }, image: three });
  });
});
