import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Shop } from './shop.ts';

describe('a rollout that is doomed', () => {
  let shop: Shop;
  let good: string;
  beforeAll(async () => {
    shop = await Shop.open({ deploy: { timeout: '90s' } });
    good = await shop.image('good');
    expect((await shop.deploy({ image: good })).outputs['status']).toBe('deployed');
  });
  afterAll(() => shop.close());

  /** What must hold after every one of them: what ran before runs, and only that. */
  async function isBack(): Promise<void> {
    expect((await shop.live()).image).toBe(good);
    expect(await shop.running()).toEqual([good]);
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: null, needs_human: null });
  }

  test('F30: an image that cannot be pulled is told by its cause, and what ran before is back', async () => {
    shop.push('hollow', { deploy: { timeout: '90s' } });
    const ran = await shop.deploy({ image: await shop.hollowImage('hollow') });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'image-not-found' });
    expect(ran.summary).toMatch(/container web.*: (ErrImagePull|ImagePullBackOff), .*not found/);
    await isBack();
  });

  test('F32: a crash loop is told with the last lines of the container before', async () => {
    shop.push('crashing', { deploy: { timeout: '90s' } });
    const ran = await shop.deploy({ image: await shop.image('crashing', { CRASH_AFTER: '200ms', READY_AFTER: '1h' }) });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'start-failed' });
    expect(ran.summary).toMatch(/exit code 1, 3 times/);
    expect(ran.summary).toContain('crashing as told by CRASH_AFTER');
    await isBack();
  });

  test('F37: readiness that never comes ends at the deadline with what the probe saw', async () => {
    shop.push('never ready', { deploy: { timeout: '12s' } });
    const ran = await shop.deploy({ image: await shop.image('unready', { READY_AFTER: '1h' }) });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'unhealthy' });
    expect(ran.summary).toMatch(/0 of 2 new pods available/);
    expect(ran.summary).toMatch(/Readiness probe failed.*503/);
    await isBack();
  });

  test('F29: a quota that allows no more pods is told', async () => {
    await shop.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small' },
      spec: { hard: { pods: '2' } },
    });
    shop.push('too many', { deploy: { timeout: '60s' } });
    const ran = await shop.deploy({ image: await shop.image('many') });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'quota-exceeded' });
    await shop.kubectl('delete', 'quota', 'small');
    await isBack();
  });

  test('F35: what the pods need and do not have is named', async () => {
    // By hand: the old pods run on beside one that cannot start.
    const envFrom = [{ secretRef: { name: 'no-such-secret' } }];
    await shop.apply(shop.deployment(good, { container: { envFrom } }));
    shop.push('unconfigured', { deploy: { timeout: '30s' } });
    const ran = await shop.deploy({ image: await shop.image('unconfigured') });
    // Going back brings the image back, and not what somebody changed beside it.
    expect(ran.outputs).toMatchObject({ status: 'rollback-failed' });
    expect(ran.summary).toMatch(/CreateContainerConfigError, secret "no-such-secret" not found/);
    expect(ran.conclusion).toBe('failure');
  });
});

test('F42: a first deploy that fails brings back what another tool had deployed', async () => {
  const shop = await Shop.open({ deploy: { timeout: '10s' } });
  const before = (await shop.live()).image;
  const ran = await shop.deploy({ image: await shop.image('unready', { READY_AFTER: '1h' }) });
  expect(ran.outputs).toMatchObject({ status: 'failed', reason: 'unhealthy' });
  expect((await shop.live()).image).toBe(before);
  await shop.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await shop.close();
});
