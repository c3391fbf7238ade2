import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { skopeoPull } from '../registry/real-registry.ts';
import { type ActionsCache, startActionsCache } from './actions-cache.ts';
import { Workbench } from './workbench.ts';

const SECRET = 'npm-very-secret-token';
const { BUILDX_CONFIG, BUILDX_BUILDER } = process.env;

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open({ BUILDX_CONFIG, BUILDX_BUILDER });
  expect((await bench.base('first')).conclusion).toBe('success');
});
afterAll(() => bench.close());

const buildx = (...args: readonly string[]): string =>
  execFileSync(process.env['SLIPWAY_BUILDX'] ?? '', [...args], {
    env: { ...process.env, ...definedOnly(bench.env) },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const definedOnly = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
const text = (log: readonly string[]): string => log.join('\n');

/** A service that is built in stages, with a secret, an argument and files that are left out. */
const app = (more: Readonly<Record<string, unknown>> = {}) => ({
  'services/app/slipway.service.yml': {
    image: { target: 'runtime', 'build-args': { FLAVOUR: 'vanilla, with cream' }, secrets: ['npm_token'], ...more },
  },
  'services/app/Dockerfile': [
    `FROM ${bench.at('base:main')} AS build`,
    'WORKDIR /src',
    'COPY src ./',
    'ARG FLAVOUR=plain',
    'RUN --mount=type=secret,id=npm_token cat /run/secrets/npm_token | wc -c > /size && echo "$FLAVOUR" > /flavour',
    'RUN ls -a /src > /listing',
    `FROM ${bench.at('base:main')} AS runtime`,
    'COPY --from=build /size /flavour /listing /',
    'RUN echo installed > /installed',
    'FROM scratch AS other',
    'COPY Dockerfile /wrong-stage',
  ].join('\n'),
  'services/app/.dockerignore': 'src/*.md\n',
  'services/app/src/main.js': 'main',
  'services/app/src/notes.md': 'left out',
});
const NPM = { env: { NPM_TOKEN: SECRET } };

describe('an image of a Dockerfile', () => {
  let commit: string;
  let image: string;
  let digest: string;

  test('stages, target, arguments, secret and ignored files are as the Dockerfile says; skopeo pulls the digest', async () => {
    commit = bench.push(app());
    const ran = await bench.build('app', {}, NPM);
    expect(text(ran.log)).not.toContain('##[error]');
    expect(ran).toMatchObject({ conclusion: 'success', annotations: [], outputs: { reused: 'false' } });
    image = ran.outputs['image'] ?? '';
    digest = ran.outputs['digest'] ?? '';
    expect(image).toBe(`${bench.at('app')}@${digest}`);
    expect(await skopeoPull(bench.registry, bench.at('app'), 'main')).toBe(digest);
    // The layer of the base, a megabyte, is mounted from the base's repository.
    expect(ran.report['uploaded-bytes']).toBeLessThan(100_000);
    const files = await bench.filesOf(bench.at('app'), digest);
    expect(files.get('/size')?.trim()).toBe(String(SECRET.length));
    expect(files.get('/flavour')).toBe('vanilla, with cream\n');
    expect(files.get('/listing')).toBe('.\n..\nmain.js\n');
    expect(files.get('/installed')).toBe('installed\n');
    expect(files.get('/note')).toBe('first');
    expect(files.has('/wrong-stage')).toBe(false);
    expect([...files.values()].some((it) => it.includes(SECRET))).toBe(false);
    expect(ran.unmasked).not.toContain(SECRET);
    expect(text(ran.log)).toContain('RUN ls -a /src > /listing');
  });

  test('it carries our labels and annotations, the date of its commit, and no attestation', async () => {
    const manifest = await bench.manifest(bench.at('app'), digest);
    expect(manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(manifest.annotations).toMatchObject({
      'org.opencontainers.image.title': 'app',
      'io.github.slipway-actions.content-key': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const config = await bench.config(bench.at('app'), digest);
    expect(config.config.Labels).toMatchObject({ 'org.opencontainers.image.title': 'app' });
    const date = bench.world.git('show', '--no-patch', '--format=%ct', commit);
    expect(Date.parse(config.created)).toBe(Number(date) * 1_000);
    expect(JSON.stringify(config)).not.toContain(SECRET);
  });

  test('the same content again is reused: nothing is built, nothing uploaded', async () => {
    const next = bench.push({ 'README.md': 'words' });
    const ran = await bench.build('app', {}, NPM);
    expect(ran.report).toMatchObject({ status: 'reused', uploads: 0, 'uploaded-bytes': 0 });
    expect(ran.outputs).toMatchObject({ image, reused: 'true' });
    expect(JSON.parse(ran.outputs['tags'] ?? '[]')).toContain(`sha-${next}`);
    expect(text(ran.log)).not.toContain('Build of app');
  });

  test('a forced build of the same commit, with no layer of before, has the same digest', async () => {
    const ran = await bench.build('app', { force: 'true' }, { ...NPM, at: commit });
    expect(ran.report).toMatchObject({ status: 'forced' });
    expect(text(ran.log)).not.toMatch(/\] (?:RUN|COPY) .*\n#\d+ CACHED/);
    expect(ran.outputs['digest']).toBe(digest);
  });

  test('a pull request builds without pushing; the layout is whole', async () => {
    bench.push({ 'services/app/src/main.js': 'for a pull request' });
    const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
    const event = { name: 'pull_request', payload };
    const ran = await bench.build('app', {}, { ...NPM, event, ref: 'refs/pull/1/merge' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { image: '', tags: '[]' } });
    expect(ran.report).toMatchObject({ uploads: 0 });
    const layout = ran.outputs['layout'] ?? '';
    const copied = `${layout}-copied`;
    execFileSync('skopeo', [
      '--insecure-policy',
      'copy',
      '--quiet',
      '--preserve-digests',
      `oci:${layout}`,
      `oci:${copied}:x`,
    ]);
    const index = JSON.parse(readFileSync(join(copied, 'index.json'), 'utf8'));
    expect(index.manifests[0].digest).toBe(ran.outputs['digest']);
  });

  test('U17: another digest under the tag of the base: it is built again, upon the new one', async () => {
    await bench.base('second');
    const ran = await bench.build('app', {}, NPM);
    expect(ran.report).toMatchObject({ status: 'built', reused: false });
    expect((await bench.filesOf(bench.at('app'), ran.outputs['digest'] ?? '')).get('/note')).toBe('second');
  });

  test('U15: what an earlier step made and git ignores is in the image and in its key', async () => {
    const made = (ran: { outputs: Readonly<Record<string, string>> }) => ran.outputs['content-key'];
    const at = bench.push({
      '.gitignore': '*.jar\n',
      'services/jar/Dockerfile': 'FROM scratch\nCOPY app.jar /\n',
      'services/jar/slipway.service.yml': {},
    });
    const keys = [];
    for (const content of ['one', 'two']) {
      const workspace = bench.world.checkout(at);
      execFileSync('sh', ['-c', `printf %s ${content} > ${workspace}/services/jar/app.jar`]);
      const ran = await bench.build('jar', { force: 'false' }, { at });
      expect(ran.conclusion).toBe('success');
      expect((await bench.filesOf(bench.at('jar'), ran.outputs['digest'] ?? '')).get('/app.jar')).toBe(content);
      keys.push(made(ran));
    }
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe('several platforms', () => {
  test('make one index of both, without attestations; the same content has the same digest', async () => {
    const at = bench.push({
      'services/multi/slipway.service.yml': { image: { platforms: ['linux/amd64', 'linux/arm64'] } },
      'services/multi/Dockerfile': 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\n',
      'services/multi/amd64': 'amd64',
      'services/multi/arm64': 'arm64',
    });
    const ran = await bench.build('multi');
    expect(ran.conclusion).toBe('success');
    const index = await bench.manifest(bench.at('multi'), 'main');
    expect(index.manifests?.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    const digest = ran.outputs['digest'] ?? '';
    expect(await skopeoPull(bench.registry, bench.at('multi'), digest)).toBe(digest);
    for (const child of index.manifests ?? []) {
      const files = await bench.filesOf(bench.at('multi'), child.digest);
      expect([{ os: 'linux', architecture: files.get('/arch') }]).toEqual([child.platform]);
    }
    const again = await bench.build('multi', { force: 'true' }, { at });
    expect(again.outputs['digest']).toBe(digest);
  });
});

describe('layers are kept between builds', () => {
  type Outputs = { readonly outputs: Readonly<Record<string, string>> };
  const filesOf = ({ outputs }: Outputs) => bench.filesOf(bench.at('cached'), outputs['digest'] ?? '');
  const lines = () => [
    `FROM ${bench.at('base:main')}`,
    'RUN cat /proc/sys/kernel/random/uuid > /once',
    'COPY file /',
    'RUN cat /file > /copy',
  ];
  const file = (text: string) => bench.push({ 'services/cached/file': text });
  const payload = { pull_request: { number: 1, base: { ref: 'main' }, head: { ref: 'x' } } };
  const pullRequest = { event: { name: 'pull_request', payload }, ref: 'refs/pull/1/merge' };
  let service: ActionsCache;
  beforeAll(async () => {
    service = await startActionsCache();
    bench.push({ 'services/cached/slipway.service.yml': {}, 'services/cached/Dockerfile': lines().join('\n') });
  });
  afterAll(() => service.close());

  const inRegistry = async () => (await bench.client.resolve(bench.at('cached'), 'buildcache')) !== undefined;
  test.each<[string, () => Promise<boolean>]>([
    ['registry', inRegistry],
    ['actions', () => Promise.resolve(service.keys().length > 0)],
  ])('%s: a builder that has nothing takes them; a run that does not push writes none', async (cache, isKept) => {
    const build = (more: Parameters<Workbench['build']>[2] = {}, inputs = { cache }) =>
      bench.build('cached', inputs, { ...more, env: service.env });
    buildx('prune', '--all', '--force');
    file(`${cache} 1`);
    expect((await build(pullRequest)).conclusion).toBe('success');
    expect(await isKept()).toBe(false);

    const first = await build();
    expect(first).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(await isKept()).toBe(true);

    buildx('prune', '--all', '--force');
    file(`${cache} 2`);
    const second = await filesOf(await build());
    expect(second.get('/copy')).toBe(`${cache} 2`);
    expect(second.get('/once')).toBe((await filesOf(first)).get('/once'));

    buildx('prune', '--all', '--force');
    file(`${cache} 3`);
    const without = await filesOf(await build({}, { cache: 'off' }));
    expect(without.get('/once')).not.toBe(second.get('/once'));
  });
});

describe('what goes wrong', () => {
  test('a step that fails: its last lines, and an annotation at its line of the Dockerfile', async () => {
    const lines = [`FROM ${bench.at('base:main')}`, 'RUN true', 'RUN echo the reason >&2; exit 7'];
    bench.push({ 'services/bad/slipway.service.yml': {}, 'services/bad/Dockerfile': lines.join('\n') });
    const ran = await bench.build('bad');
    expect(ran).toMatchObject({
      conclusion: 'failure',
      exitCode: 1,
      report: { status: 'build-failed', reason: 'build-failed' },
    });
    expect(ran.annotations).toHaveLength(1);
    expect(ran.annotations[0]).toMatchObject({ properties: { file: 'services/bad/Dockerfile', line: '3' } });
    expect(ran.annotations[0]?.message).toMatch(
      /build-failed The step `.*RUN echo the reason.*exit code: 7\. Read the build log/,
    );
    expect(ran.log.slice(-6).join('\n')).toMatch(/Last lines of .*\n.*the reason/);
  });

  test('a secret that is missing is named before anything is built', async () => {
    bench.push({ ...app(), 'services/app/src/main.js': 'without a secret' });
    const ran = await bench.build('app');
    expect(ran).toMatchObject({ conclusion: 'failure', report: { reason: 'secret-missing' } });
    expect(ran.annotations[0]?.message).toContain('NPM_TOKEN: ${{ secrets.NPM_TOKEN }}');
    expect(text(ran.log)).not.toContain('Build of app');
  });

  test('a base that is not there', async () => {
    bench.push({ 'services/bad/Dockerfile': `FROM ${bench.at('nobody:1')}` });
    expect((await bench.build('bad')).report).toMatchObject({ reason: 'image-not-found' });
  });

  test('a builder that is not there', async () => {
    bench.push({ 'services/bad/Dockerfile': 'FROM scratch\nCOPY Dockerfile /' });
    const ran = await bench.build('bad', {}, { env: { BUILDX_BUILDER: 'nobody' } });
    expect(ran.report).toMatchObject({ reason: 'build-failed' });
    expect(ran.annotations[0]?.message).toContain('nobody');
  });

  test('cancelled: the step ends soon, and so does what runs in the builder', async () => {
    const file = `FROM ${bench.at('base:main')}\nRUN echo it waits; sleep 98765\n`;
    bench.push({ 'services/bad/Dockerfile': file });
    const ran = await bench.build('bad', {}, { interrupt: { at: /it waits$/, by: 'cancel' } });
    expect(ran.conclusion).toBe('cancelled');
    expect(ran.report).toMatchObject({ reason: 'cancelled' });
    const sleeping = () => spawnSync('pgrep', ['-f', 'sleep 98765']).status === 0;
    for (let tries = 0; sleeping() && tries < 200; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sleeping()).toBe(false);
  });
});

describe('an image that another program has made', () => {
  test('an OCI archive, a layout and an archive of `docker save` are pushed as they are', async () => {
    const made = join(bench.world.root, 'made');
    mkdirSync(made);
    const context = join(bench.world.developer, 'services', 'bad');
    bench.push({ 'services/bad/Dockerfile': 'FROM scratch\nCOPY Dockerfile /\n' });
    buildx('build', '--quiet', `--output=type=oci,dest=${made}/image.tar`, context);
    buildx('build', '--quiet', '--provenance=false', `--output=type=oci,tar=false,dest=${made}/layout`, context);
    buildx('build', '--quiet', '--provenance=false', `--output=type=docker,name=x:y,dest=${made}/saved.tar`, context);
    for (const [name, source] of Object.entries({ archive: 'image.tar', layout: 'layout', saved: 'saved.tar' })) {
      bench.push({ [`services/${name}/slipway.service.yml`]: { image: { source: join(made, source) } } });
      const ran = await bench.build(name);
      expect(ran).toMatchObject({ conclusion: 'success', annotations: [] });
      const digest = ran.outputs['digest'] ?? '';
      expect(await skopeoPull(bench.registry, bench.at(name), 'main')).toBe(digest);
      const again = await bench.build(name);
      expect(again).toMatchObject({ outputs: { digest }, report: { uploads: 0 } });
    }
    const index = JSON.parse(readFileSync(join(made, 'layout', 'index.json'), 'utf8'));
    expect((await bench.client.resolve(bench.at('layout'), 'main'))?.digest).toBe(index.manifests[0].digest);
  });

  test('one of a registry is taken by its digest', async () => {
    const digest = (await bench.client.resolve(bench.at('multi'), 'main'))?.digest;
    bench.push({ 'services/taken/slipway.service.yml': { image: { source: `${bench.at('multi')}@${digest}` } } });
    const ran = await bench.build('taken');
    expect(ran).toMatchObject({ outputs: { image: `${bench.at('taken')}@${digest}` }, report: { uploads: 0 } });
    expect(await skopeoPull(bench.registry, bench.at('taken'), 'main')).toBe(digest);
  });
});
