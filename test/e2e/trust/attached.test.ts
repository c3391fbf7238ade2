import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo, serviceFile } from '../../support/monorepo.ts';
import { World } from '../../support/runner.ts';
import { type RealRegistry, startRealRegistry } from '../registry/real-registry.ts';
import { Cosign, type CosignKey } from './cosign.ts';

const SPDX = 'application/spdx+json';

/** What lies in the image, for syft to find. */
const PACKAGE = JSON.stringify({ name: 'left-pad', version: '1.3.0' });

describe.each(['anonymous', 'basic'] as const)('in a registry that is %s', (mode) => {
  let registry: RealRegistry;
  let world: World;
  let cosign: Cosign;
  let key: CosignKey;
  beforeAll(async () => {
    [registry, world, cosign] = await Promise.all([startRealRegistry(mode), World.start(), Cosign.open()]);
    key = await cosign.newKey('open sesame');
    const args = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry'];
    const image = {
      ...serviceFile().image,
      platforms: ['linux/amd64', 'linux/arm64'],
      sbom: true,
      sign: { cosign: { env: 'SIGN_KEY' }, args },
    };
    world.push({
      ...monorepo(world, { registry: registry.at('acme/shop') }),
      'services/api/slipway.service.yml': serviceFile({ image }),
      'services/api/src/node_modules/left-pad/package.json': PACKAGE,
    });
  });
  afterAll(async () => {
    await Promise.all([world.close(), registry.stop(), cosign.close()]);
  });

  test('every platform has its list of components, and cosign verifies what it signed', async () => {
    const env = {
      SIGN_KEY: key.privatePem,
      COSIGN_PASSWORD: key.password,
      DOCKER_CONFIG: registry.authFile.replace(/\/[^/]+$/, ''),
    };
    const ran = await world.run('build-and-tag-image', { service: 'api' }, { env });
    expect(ran).toMatchObject({ conclusion: 'success', annotations: [], report: { sboms: 2, cosigned: true } });
    const client = registry.open();
    const repository = registry.at('acme/shop/api');
    for (const { digest } of ran.report['contents'] as { digest: `sha256:${string}` }[]) {
      const [found] = await client.referrers(repository, digest, SPDX);
      const manifest = await client.manifest(repository, found?.digest ?? '');
      const { layers } = JSON.parse(Buffer.from(manifest?.bytes ?? []).toString('utf8')) as {
        layers: { digest: `sha256:${string}`; size: number }[];
      };
      const chunks: Uint8Array[] = [];
      for (const it of layers) for await (const chunk of await client.blob(repository, it)) chunks.push(chunk);
      const { packages } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        packages: { name: string; versionInfo?: string }[];
      };
      expect(packages).toContainEqual(expect.objectContaining({ name: 'left-pad', versionInfo: '1.3.0' }));
    }
    if (mode === 'anonymous') expect(await cosign.verify(key, ran.outputs['image'] ?? '')).toMatchObject({ ok: true });
    const again = await world.run('build-and-tag-image', { service: 'api' }, { env });
    expect(again.report).toMatchObject({ status: 'reused', digest: ran.outputs['digest'] });
    expect(again.report['sboms']).toBeUndefined();
  });
});
