import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo, serviceFile } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

/** Passes when the layout is whole: every blob that its manifests name is there with its own bytes. */
const WHOLE = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [layout, digest] = process.argv.slice(2);
const blob = (it) => {
  const bytes = readFileSync(layout + '/blobs/' + it.replace(':', '/'));
  if ('sha256:' + createHash('sha256').update(bytes).digest('hex') !== it) throw new Error('other bytes under ' + it);
  return bytes;
};
const index = JSON.parse(readFileSync(layout + '/index.json', 'utf8'));
if (index.manifests[0].digest !== digest) throw new Error('another image');
const { config, layers } = JSON.parse(blob(digest));
for (const it of [config, ...layers]) blob(it.digest);
console.log('all of ' + (layers.length + 1) + ' blobs are there');
`;
/** Fails while the file \`vulnerable\` is in the repository, which is no part of the image. */
const SCAN = `
import { existsSync } from 'node:fs';
console.log('scanning ' + process.argv[2] + ' with password=hunter2-hunter2');
if (existsSync('vulnerable')) { console.log('CVE-2026-0001 critical'); process.exit(1); }
`;

const image = (gates: readonly object[]) => ({ ...serviceFile().image, gates });
const GATES = [
  { name: 'whole', run: ['node', 'whole.mjs', '{layout}', '{digest}'] },
  { name: 'scan', run: ['node', 'scan.mjs', '{image}'] },
];

const pullRequest = {
  event: { name: 'pull_request', payload: { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } } },
  ref: 'refs/pull/1/merge',
};

describe('gates', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    world.push({
      ...monorepo(world),
      'services/api/slipway.service.yml': serviceFile({ image: image(GATES) }),
      'services/api/whole.mjs': WHOLE,
      'services/api/scan.mjs': SCAN,
    });
  });
  afterAll(() => world.close());

  const build = (settings: Parameters<World['run']>[2] = {}, inputs: Record<string, string> = {}) =>
    world.run('build-and-tag-image', { service: 'api', ...inputs }, settings);
  const tagPuts = (since: number) =>
    world.registry.requests
      .slice(since)
      .filter(({ method, path }) => method === 'PUT' && /\/manifests\/(?!sha256:)/.test(path));

  test('pass before the tags: their output is in the log, the summary and the report, without secrets', async () => {
    const ran = await build();
    expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(ran.report['gates']).toEqual([
      expect.objectContaining({ name: 'whole', verdict: 'passed', output: ['all of 2 blobs are there'] }),
      expect.objectContaining({ name: 'scan', verdict: 'passed' }),
    ]);
    expect(ran.log.join('\n')).toContain(`scanning ${ran.outputs['image']}`);
    expect(ran.summary).toContain('✓ The gate scan passed.');
    expect(ran.summary).toContain('all of 2 blobs are there');
    expect(`${ran.log.join()}${ran.summary}${JSON.stringify(ran.report)}`).not.toContain('hunter2');
  });

  test('run again on reuse, on the image that is fetched; one that fails leaves no tag there either', async () => {
    const mark = world.registry.requests.length;
    const next = world.push({ 'services/api/vulnerable': 'yes' });
    const ran = await build();
    expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(ran.outputs).toMatchObject({ image: '', digest: '', tags: '[]' });
    expect(ran.report).toMatchObject({ status: 'gate-failed', reason: 'gate-failed', digest: expect.any(String) });
    expect(ran.report['gates']).toMatchObject([
      { name: 'whole', verdict: 'passed', output: ['all of 2 blobs are there'] },
      { name: 'scan', verdict: 'failed', output: [expect.any(String), 'CVE-2026-0001 critical'] },
    ]);
    expect(ran.annotations[0]?.message).toMatch(/^gate-failed The gate scan did not pass: it ended with 1/);
    expect(ran.summary).toContain('CVE-2026-0001 critical');
    expect(tagPuts(mark)).toEqual([]);
    expect(await tags(world)).not.toContain(`sha-${next}`);
  });

  test('a new image that does not pass is in the registry by digest alone', async () => {
    const mark = world.registry.requests.length;
    world.push({ 'services/api/src/server.mjs': 'console.log("other")' });
    const ran = await build();
    expect(ran.report).toMatchObject({ status: 'gate-failed' });
    expect(ran.log.join('\n')).toContain('CVE-2026-0001 critical');
    expect(world.registry.requests.slice(mark).some(({ method }) => method === 'PUT')).toBe(true);
    expect(tagPuts(mark)).toEqual([]);
  });

  test('without a push: the layout is looked at, a gate that asks for {image} is left out and says so', async () => {
    const ran = await build(pullRequest);
    expect(ran.report).toMatchObject({
      status: 'built',
      gates: [{ verdict: 'passed' }, { name: 'scan', verdict: 'left-out' }],
    });
    expect(ran.summary).toContain('– The gate scan asks for');
  });

  test('an image with a base is whole for its gates', async () => {
    const base = (await world.run('build-and-tag-image', { service: 'job' })).outputs['image'] ?? '';
    const native = { ...serviceFile().image.native, base };
    world.push({
      'services/api/slipway.service.yml': serviceFile({ image: { native, gates: GATES.slice(0, 1) } }),
    });
    const ran = await build();
    expect(ran.report['gates']).toMatchObject([{ verdict: 'passed', output: ['all of 3 blobs are there'] }]);
  });

  test('a program that is not there is named, and its timeout is of the configuration', async () => {
    world.push({
      'services/api/slipway.service.yml': serviceFile({
        image: image([
          { name: 'trivy', run: ['no-such-scanner', '{layout}'] },
          { name: 'slow', run: ['node', '-e', 'setTimeout(() => {}, 60000)'], timeout: '500ms' },
        ]),
      }),
    });
    const ran = await build();
    expect(ran.annotations[0]?.message).toMatch(/there is no program `no-such-scanner`.*slow did not end within/);
  });
});

async function tags(world: World): Promise<readonly string[]> {
  const answer = await fetch(`http://${world.registry.host}/v2/acme/shop/api/tags/list`);
  return ((await answer.json()) as { tags: readonly string[] }).tags;
}
