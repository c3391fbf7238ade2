import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Shop } from './shop.ts';

const deploy = { timeout: '30s' };
const target = { manifests: ['deploy/*.yaml'] };

describe('manifests', () => {
  let shop: Shop;
  let one: string;
  beforeAll(async () => {
    shop = await Shop.open({ manifests: true, deploy, target });
    one = await shop.image('one');
  });
  afterAll(() => shop.close());

  /** Pushes a Deployment that reads its greeting from a ConfigMap. */
  function described(greeting: string, more: object = {}): void {
    const image = `${one.split('@')[0]}:latest`;
    const container = { envFrom: [{ configMapRef: { name: 'settings' } }], ...more };
    const objects = [
      shop.deployment(image, { container }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { GREETING: greeting } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ];
    const text = objects.map((it) => JSON.stringify(it)).join('\n---\n');
    shop.push(greeting, { deploy, target }, { 'services/web/deploy/all.yaml': text });
  }

  /** What the pods that run read as their greeting. */
  async function greetings(): Promise<readonly string[]> {
    const { items } = (await shop.get('pods')) as {
      items: { metadata: { name: string; deletionTimestamp?: string }; status: { podIP: string } }[];
    };
    const living = items.filter((it) => it.metadata.deletionTimestamp === undefined);
    const said = await Promise.all(
      living.map(async ({ status }) => (await fetch(`http://${status.podIP}:8080/env?GREETING`)).text()),
    );
    return [...new Set(said.map((it) => it.trim()))];
  }

  test('are applied over what kubectl had made, with the image by digest', async () => {
    described('hello');
    const ran = await shop.deploy({ image: one });
    expect(ran.outputs).toMatchObject({ status: 'deployed', image: one });
    expect(await shop.running()).toEqual([one]);
    expect(await greetings()).toEqual(['hello']);
    expect(await shop.get('service/web')).toMatchObject({ spec: { ports: [{ port: 80 }] } });
  });

  test('F45: a configuration that the pods cannot have is told, and image and configuration come back', async () => {
    described('broken', {
      envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'no-such-secret' } }],
    });
    const ran = await shop.deploy({ image: await shop.image('two') });
    expect(ran.outputs).toMatchObject({ status: 'rolled-back-after-failure', reason: 'pod-config-invalid' });
    expect(ran.summary).toMatch(/CreateContainerConfigError, secret "no-such-secret" not found/);
    expect(await shop.running()).toEqual([one]);
    expect(await greetings()).toEqual(['hello']);
  });

  test('F45: a rollback without the repository brings both back as well', async () => {
    described('goodbye');
    const three = await shop.image('three');
    expect((await shop.deploy({ image: three })).outputs).toMatchObject({ status: 'deployed' });
    expect(await greetings()).toEqual(['goodbye']);
    const back = await shop.deploy(
      { mode: 'rollback', ledger: shop.world.remote },
      { workspace: shop.world.emptyFolder() },
    );
    expect(back.outputs).toMatchObject({ status: 'rolled-back', image: one });
    expect(await shop.running()).toEqual([one]);
    expect(await greetings()).toEqual(['hello']);
  });

  test('what the API server does not take is told before anything is written', async () => {
    described('invalid', { imagePullPolicy: 'Sometimes' });
    const before = await shop.live();
    const ran = await shop.deploy({ image: await shop.image('four') });
    expect(ran.outputs).toMatchObject({ status: 'failed', reason: 'target-refused', changed: 'false' });
    expect(ran.summary).toMatch(/imagePullPolicy/);
    expect((await shop.live()).image).toBe(before.image);
  });

  test('make a workload that is not there', async () => {
    await shop.kubectl('delete', 'deployment', 'web', '--wait');
    described('anew');
    const image = await shop.image('five');
    expect((await shop.deploy({ image })).outputs).toMatchObject({ status: 'deployed', image });
    expect(await greetings()).toEqual(['anew']);
  });
});
