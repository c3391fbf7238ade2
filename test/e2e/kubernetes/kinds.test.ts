import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Shop } from './shop.ts';

const probe = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 };

describe.each(['statefulset', 'daemonset', 'cronjob'] as const)('F40: a %s', (kind) => {
  let shop: Shop;
  let good: string;
  const deploy = { timeout: kind === 'cronjob' ? '20s' : '12s' };
  const settings = { deploy, target: { workload: `${kind}/web` } };
  beforeAll(async () => {
    shop = await Shop.open(settings);
    await shop.kubectl('delete', 'deployment', 'web', '--wait');
    await shop.apply(workload(await shop.image('before')));
    good = await shop.image('good');
  });
  afterAll(() => shop.close());

  function workload(image: string): object {
    const pods = {
      metadata: { labels: { app: 'web' } },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'web', image, readinessProbe: probe }] },
    };
    const selector = { matchLabels: { app: 'web' } };
    const job = { spec: { template: { ...pods, spec: { ...pods.spec, restartPolicy: 'Never' } } } };
    return {
      statefulset: {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'web' },
        spec: { replicas: 2, selector, serviceName: 'web', template: pods },
      },
      daemonset: {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'web' },
        spec: { selector, template: pods },
      },
      cronjob: {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'web' },
        spec: { schedule: '0 0 1 1 *', jobTemplate: job },
      },
    }[kind];
  }

  test('gets its image, and is ready by its own rule', async () => {
    const ran = await shop.deploy({ image: good });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: good });
    expect(JSON.stringify(await shop.get(`${kind}/web`))).toContain(good);
    if (kind !== 'cronjob') expect(await shop.running()).toEqual([good]);
  });

  if (kind !== 'cronjob') {
    test('that never gets ready is taken back, broken pods and all', async () => {
      shop.push('bad', settings);
      const ran = await shop.deploy({ image: await shop.image('bad', { READY_AFTER: '1h', CRASH_AFTER: '300ms' }) });
      expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure' });
      expect(await shop.running()).toEqual([good]);
    });
  }

  test('is taken down, and comes back', async () => {
    expect((await shop.deploy({ mode: 'remove' })).outputs['status']).toBe('removed');
    shop.push('again', settings);
    const again = await shop.image('again');
    expect((await shop.deploy({ image: again })).outputs['status']).toBe('deployed');
    if (kind !== 'cronjob') expect(await shop.running()).toEqual([again]);
  });
});
