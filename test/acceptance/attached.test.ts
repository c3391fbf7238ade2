import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { monorepo, programOf, serviceFile } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

/** Programs that note how they were called, in place of those that speak with the world. */
const SYFT = `#!/bin/sh
echo "syft $*" >> "$CALLS"
for it in "$@"; do case "$it" in spdx-json=*) echo '{"spdxVersion":"SPDX-2.3"}' > "\${it#spdx-json=}";; esac; done
layout=\${2#oci-dir:}
test -f "$layout/index.json" && test -d "$layout/blobs/sha256" || exit 9
`;
const COSIGN = `#!/bin/sh
echo "cosign $*" >> "$CALLS"
echo "password \${COSIGN_PASSWORD:-none}" >> "$CALLS"
test "$FAIL_COSIGN" = "" || { echo "no identity token"; exit 1; }
`;

let world: World;
let calls: string;
let bin: string;
beforeEach(async () => {
  world = await World.start();
  bin = join(world.root, 'bin');
  calls = join(world.root, 'calls');
  mkdirSync(bin);
  writeFileSync(calls, '');
});
afterEach(() => world.close());

const install = (name: string, script: string) => {
  writeFileSync(join(bin, name), script);
  chmodSync(join(bin, name), 0o755);
};
const push = (more: object) =>
  world.push({
    ...monorepo(world),
    'services/api/slipway.service.yml': serviceFile({ image: { ...serviceFile().image, ...more } }),
  });
const build = (env: Record<string, string> = {}, inputs: Record<string, string> = {}) =>
  world.run(
    'build-and-tag-image',
    { service: 'api', ...inputs },
    { env: { PATH: `${bin}:${process.env['PATH']}`, CALLS: calls, ...env } },
  );
const called = () => readFileSync(calls, 'utf8').split('\n').filter(Boolean);
const tags = async () => {
  const answer = await fetch(`http://${world.registry.host}/v2/acme/shop/api/tags/list`);
  return answer.ok ? ((await answer.json()) as { tags: readonly string[] }).tags : [];
};

describe('lists of components', () => {
  test('are attached to every platform, once; an image that is reused gets what it lacks', async () => {
    push({ platforms: ['linux/amd64', 'linux/arm64'] });
    const plain = await build();
    expect(called()).toEqual([]);
    install('syft', SYFT);
    push({ platforms: ['linux/amd64', 'linux/arm64'], sbom: true });
    const reused = await build();
    expect(reused.report).toMatchObject({ status: 'reused', sboms: 2, digest: plain.outputs['digest'] });
    expect(reused.summary).toContain('2 lists attached');
    expect(called()).toHaveLength(2);
    for (const child of reused.report['contents'] as { digest: string }[])
      expect(await tags()).toContain(child.digest.replace(':', '-'));
    expect((await build()).report['sboms']).toBeUndefined();
    expect(called()).toHaveLength(2);
  });

  test('without syft the image goes its way, and a notice says what to add', async () => {
    push({ sbom: true });
    const ran = await build({ PATH: `${bin}:/usr/bin:/bin` });
    expect(ran).toMatchObject({ conclusion: 'success' });
    expect(ran.annotations[0]?.message).toMatch(/^sbom-failed .*this runner has no syft.*download-syft/);
  });
});

describe('signatures of cosign', () => {
  test.each<[string, unknown, Record<string, string>, string]>([
    ['by the identity of the run', 'keyless', {}, ''],
    [
      'with a key of the environment',
      { env: 'SIGN_KEY' },
      { SIGN_KEY: 'k', COSIGN_PASSWORD: 'p4ssw0rd' },
      '--key env://SIGN_KEY ',
    ],
    ['with a key that a service keeps', { kms: 'awskms:///alias/x' }, {}, '--key awskms:///alias/x '],
  ])('%s, before the tags', async (_name, cosign, env, key) => {
    install('cosign', COSIGN);
    push({ sign: { cosign, args: ['--tlog-upload=false'] } });
    const ran = await build(env);
    expect(ran).toMatchObject({ conclusion: 'success', report: { cosigned: true } });
    expect(called()[0]).toBe(`cosign sign --yes ${key}--tlog-upload=false ${ran.outputs['image']}`);
    expect(called()[1]).toBe(`password ${env['COSIGN_PASSWORD'] ?? 'none'}`);
    // What is reused was signed when it was made.
    await build(env);
    expect(called()).toHaveLength(2);
  });

  test('that cannot be had leave no tag', async () => {
    push({ sign: { cosign: 'keyless' } });
    const missing = await build({ PATH: `${bin}:/usr/bin:/bin` });
    expect(missing.annotations[0]?.message).toMatch(/^signing-failed .*no program `cosign`.*cosign-installer/);
    install('cosign', COSIGN);
    const failing = await build({ FAIL_COSIGN: 'yes' });
    expect(failing).toMatchObject({ conclusion: 'failure', report: { status: 'signing-failed' } });
    expect(failing.annotations[0]?.message).toMatch(/^signing-failed `cosign` ended with 1: no identity token/);
    expect(await tags()).toEqual([]);
  });

  test('are not made for a pull request, a preview, or without a push', async () => {
    install('cosign', COSIGN);
    push({ sign: { cosign: 'keyless' } });
    expect((await build({}, { push: 'preview' })).report['cosigned']).toBeUndefined();
    world.push({ [programOf('api')]: 'console.log("other")' });
    expect((await build({}, { push: 'never' })).conclusion).toBe('success');
    expect(called()).toEqual([]);
  });
});
