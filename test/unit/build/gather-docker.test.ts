import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { gatherImageFacts } from '../../../shared/build/index.ts';
import { type DockerFacts, keyOf, type MadeFor, type SourceFacts } from '../../../shared/image/index.ts';
import { openCheckout } from '../../../shared/io/git/index.ts';
import type { ImageSettings } from '../../../shared/model/index.ts';
import { pushSample, startWorld, type World } from '../../support/registry-world.ts';
import { COMMIT, SETTINGS, sourceFacts } from '../image/facts.ts';
import { failure } from './world.ts';

const ENVIRONMENT = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const IDENTITY = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
const NOW = Date.UTC(2026, 0, 15, 12);

let world: World;
let root = '';
let scratch = '';
let settings: Partial<ImageSettings> = {};
let service = 'services/checkout';
let covers: (path: string) => boolean = () => false;
let madeFor: MadeFor | undefined;
let withGit = false;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  if (root !== '') await rm(root, { recursive: true, force: true });
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-context-')));
  scratch = join(root, '../slipway-scratch');
  await mkdir(scratch, { recursive: true });
  settings = {};
  service = 'services/checkout';
  covers = () => false;
  madeFor = undefined;
  withGit = false;
  await put('services/checkout/Dockerfile', 'FROM scratch\nCOPY . /app\n');
  await put('services/checkout/server.js', 'console.log("hello")');
  await put('services/checkout/lib/money.js', 'export {}');
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await rm(scratch, { recursive: true, force: true });
});

async function put(path: string, text: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
const dockerfile = (...lines: readonly string[]) => put('services/checkout/Dockerfile', `${lines.join('\n')}\n`);
const git = (...args: readonly string[]) =>
  execFileSync('git', [...IDENTITY, ...args], { cwd: root, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' });
function commitAll(): void {
  git('init', '--quiet', '--template=');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  withGit = true;
}

async function facts(): Promise<DockerFacts> {
  const checkout = withGit ? await openCheckout(root, { environment: ENVIRONMENT, scratch }) : undefined;
  const found = await gatherImageFacts({
    root,
    service: { name: 'checkout', path: service, image: { ...SETTINGS, native: undefined, ...settings } },
    covers,
    source: undefined,
    now: NOW,
    registry: world.client,
    tracked: checkout?.tracked,
    madeFor,
    scratch,
  });
  if (found?.builder !== 'docker') throw new Error('it is not built with docker');
  return found;
}
const key = async () => keyOf(await facts()).value;
const paths = async () => (await facts()).context.files.map((it) => it.path);
const blob = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

/** Whether the key changes by something. */
async function changesKey(change: () => unknown): Promise<boolean> {
  const before = await key();
  await change();
  return (await key()) !== before;
}

describe('the context as the builder sees it', () => {
  test('every file, link and empty folder, tracked or not, with mode and id', async () => {
    await put('services/checkout/run', '#!');
    await chmod(join(root, 'services/checkout/run'), 0o755);
    await symlink('server.js', join(root, 'services/checkout/alias'));
    await mkdir(join(root, 'services/checkout/empty'));
    await put('services/checkout/.git/HEAD', 'ref');
    const { context } = await facts();
    expect(context.source).toBe(join(root, 'services/checkout'));
    expect(context.files).toEqual([
      { path: 'Dockerfile', mode: '100644', hash: blob('FROM scratch\nCOPY . /app\n') },
      { path: 'alias', mode: '120000', hash: blob('server.js') },
      { path: 'empty', mode: '040000', hash: blob('') },
      { path: 'lib/money.js', mode: '100644', hash: blob('export {}') },
      { path: 'run', mode: '100755', hash: blob('#!') },
      { path: 'server.js', mode: '100644', hash: blob('console.log("hello")') },
    ]);
  });

  test('the ignore file takes out, and in again below what is out; the Dockerfile and itself too', async () => {
    await put('services/checkout/node_modules/a/index.js', '');
    await put('services/checkout/node_modules/b/index.js', '');
    await put(
      'services/checkout/.dockerignore',
      'node_modules/\n!node_modules/b\n**/*.md\nDockerfile\n.dockerignore\nlib/**',
    );
    await put('services/checkout/docs/a.md', '');
    expect(await paths()).toEqual(['docs', 'lib', 'node_modules/b/index.js', 'server.js']);
  });

  test('the one beside the Dockerfile goes before that of the context', async () => {
    await put('services/checkout/.dockerignore', 'server.js');
    await put('services/checkout/Dockerfile.dockerignore', 'lib\n*.dockerignore\nDockerfile');
    expect(await paths()).toEqual(['server.js']);
  });

  test('what the builder is to be given as ignore file is what was read, and leaves `.git` out', async () => {
    await put('services/checkout/.dockerignore', 'lib');
    expect((await facts()).context.ignore).toBe('lib\n**/.git\n');
    await rm(join(root, 'services/checkout/.dockerignore'));
    expect((await facts()).context.ignore).toBe('**/.git\n');
  });

  test('a pattern that cannot be read is told with its place', async () => {
    await put('services/checkout/.dockerignore', 'a\n[b');
    const { problems } = await failure(facts());
    expect(problems[0]).toMatchObject({
      code: 'config-invalid',
      at: { file: 'services/checkout/.dockerignore', line: 2 },
    });
  });

  test('a context that is not there, and a Dockerfile that is not', async () => {
    settings = { context: 'dist' };
    expect((await failure(facts())).code).toBe('context-missing');
    settings = { dockerfile: 'other/Dockerfile' };
    expect((await failure(facts())).code).toBe('dockerfile-missing');
  });
});

describe('the key over a context', () => {
  test('U15: a file that git ignores, made by an earlier step, changes it', async () => {
    await put('services/checkout/.gitignore', '*.jar');
    commitAll();
    await put('services/checkout/app.jar', 'one');
    const before = await key();
    await put('services/checkout/app.jar', 'two');
    expect(await key()).not.toBe(before);
  });

  test.each<[string, boolean, () => unknown]>([
    ['bytes', true, () => put('services/checkout/server.js', 'console.log("hullo")')],
    ['mode', true, () => chmod(join(root, 'services/checkout/server.js'), 0o755)],
    [
      'text of a link',
      true,
      async () => {
        await rm(join(root, 'services/checkout/server.js'));
        await symlink('lib/money.js', join(root, 'services/checkout/server.js'));
      },
    ],
    ['a new file', true, () => put('services/checkout/new.js', '')],
    ['a comment in the Dockerfile', true, () => dockerfile('# x', 'FROM scratch', 'COPY . /app')],
    [
      'the ignore file, where it takes out something',
      true,
      () => put('services/checkout/Dockerfile.dockerignore', 'lib'),
    ],
    ['times', false, () => utimes(join(root, 'services/checkout/server.js'), new Date(0), new Date(0))],
    ['rights of others', false, () => chmod(join(root, 'services/checkout/server.js'), 0o666)],
    ['files beside the context', false, () => put('services/cart/server.js', 'x')],
    [
      'a file that is left out',
      false,
      async () => {
        await put('services/checkout/notes.txt', 'x');
      },
    ],
    ['git’s own files', false, () => put('services/checkout/.git/index', 'x')],
  ])('%s: %s', async (_name, relevant, change) => {
    await put('services/checkout/.dockerignore', '*.txt\n*.dockerignore');
    expect(await changesKey(change)).toBe(relevant);
  });

  test('the Dockerfile counts by its bytes, not by its place, also outside of the context', async () => {
    await put('docker/one/Dockerfile', 'FROM scratch\nCOPY . /app\n');
    await put('docker/two/other', 'FROM scratch\nCOPY . /app\n');
    await rm(join(root, 'services/checkout/Dockerfile'));
    settings = { dockerfile: '../../docker/one/Dockerfile' };
    const before = await facts();
    expect(before.dockerfile.source).toBe(join(root, 'docker/one/Dockerfile'));
    settings = { dockerfile: '../../docker/two/other' };
    const moved = await facts();
    const { settings: _one, ...one } = before;
    const { settings: _two, ...two } = moved;
    expect(keyOf(moved).value).toBe(keyOf(before).value);
    expect({ ...two, dockerfile: undefined }).toEqual({ ...one, dockerfile: undefined });
    await put('docker/two/other', 'FROM scratch\nCOPY . /srv\n');
    expect(await key()).not.toBe(keyOf(before).value);
  });

  test('a file counts the same whether git knows it or not, and whether git was asked', async () => {
    const untracked = await key();
    commitAll();
    expect(await key()).toBe(untracked);
    git('rm', '--quiet', '--cached', '-r', 'services/checkout/lib');
    expect(await key()).toBe(untracked);
    withGit = false;
    expect(await key()).toBe(untracked);
  });

  test.each<[string, string, Record<string, string>]>([
    ['line ends that git would change', '* text=auto', {}],
    ['a filter', '*.js filter=upper', { 'filter.upper.clean': 'tr a-z A-Z', 'filter.upper.smudge': 'tr A-Z a-z' }],
  ])('the bytes on disk count: %s', async (_name, attributes, config) => {
    await put('services/checkout/server.js', 'one\r\ntwo\r\n');
    const untracked = (await facts()).context.files;
    await put('.gitattributes', attributes);
    git('init', '--quiet', '--template=');
    for (const [name, value] of Object.entries(config)) git('config', name, value);
    commitAll();
    expect(git('status', '--porcelain')).toBe('');
    expect((await facts()).context.files).toEqual(untracked);
  });

  test('a file changed after it was committed counts with its bytes', async () => {
    commitAll();
    await put('services/checkout/server.js', 'console.log("HELLO")');
    const { files } = (await facts()).context;
    expect(files.find((it) => it.path === 'server.js')?.hash).toBe(blob('console.log("HELLO")'));
  });
});

describe('images that are built upon', () => {
  test('U17: are resolved, pinned, and part of the key', async () => {
    const one = await pushSample(world.client, world.at('node'), 'one');
    const two = await pushSample(world.client, world.at('node'), 'two');
    const tools = await pushSample(world.client, world.at('tools'), 'tools');
    await world.client.tag(world.at('node'), one, '24');
    await world.client.tag(world.at('tools'), tools, 'latest');
    await dockerfile(
      'ARG VERSION=22',
      `FROM ${world.at('node')}:$VERSION AS build`,
      `RUN --mount=from=${world.at('tools')},target=/t /t/make`,
      'FROM build',
      `COPY --from=${world.at('node')}@${two.digest} /a /a`,
    );
    settings = { buildArgs: { VERSION: '24' } };
    const found = await facts();
    expect(found.pins).toEqual([
      { reference: `${world.at('node')}:24`, image: { repository: world.at('node'), digest: one.digest } },
      { reference: `${world.at('tools')}:latest`, image: { repository: world.at('tools'), digest: tools.digest } },
    ]);
    expect(found.base).toEqual({ repository: world.at('node'), digest: one.digest });
    expect(await changesKey(() => world.client.tag(world.at('node'), two, '24'))).toBe(true);
    expect(await changesKey(() => world.client.tag(world.at('node'), two, 'other'))).toBe(false);
  });

  test('what reads the Dockerfile is pinned as well, and the argument goes before the line', async () => {
    const one = await pushSample(world.client, world.at('docker/dockerfile'), 'one');
    const two = await pushSample(world.client, world.at('docker/dockerfile'), 'two');
    await world.client.tag(world.at('docker/dockerfile'), one, '1');
    await dockerfile(`# syntax=${world.at('docker/dockerfile')}:1`, 'FROM scratch');
    const image = { repository: world.at('docker/dockerfile'), digest: one.digest };
    expect((await facts()).dockerfile.frontend).toEqual({ reference: `${world.at('docker/dockerfile')}:1`, image });
    expect(await changesKey(() => world.client.tag(world.at('docker/dockerfile'), two, '1'))).toBe(true);
    settings = { buildArgs: { BUILDKIT_SYNTAX: `${world.at('docker/dockerfile')}@${one.digest}` } };
    expect((await facts()).dockerfile.frontend?.image.digest).toBe(one.digest);
  });

  test('another language is not read: it is built each time', async () => {
    const other = await pushSample(world.client, world.at('acme/pack'), 'x');
    await world.client.tag(world.at('acme/pack'), other, 'latest');
    await dockerfile(`# syntax=${world.at('acme/pack')}`, 'version: 3', 'from: node');
    expect(await facts()).toMatchObject({
      pins: [],
      base: undefined,
      volatile: [expect.stringContaining('# syntax=')],
    });
  });

  test('one that no registry has is named with its line', async () => {
    await dockerfile('FROM scratch', `COPY --from=${world.at('gone')}:1 /a /a`);
    const { problems } = await failure(facts());
    expect(problems[0]).toMatchObject({
      code: 'image-not-found',
      sentence: expect.stringContaining(`${world.at('gone')}:1`),
      at: { file: 'services/checkout/Dockerfile', line: 2 },
    });
  });

  test('a name that is none is told with its line', async () => {
    await dockerfile('FROM scratch', 'FROM Not:a:name');
    const { problems } = await failure(facts());
    expect(problems[0]).toMatchObject({ code: 'config-invalid', at: { line: 2 } });
  });
});

describe('settings that reach the image', () => {
  test.each<[string, Partial<ImageSettings>, boolean]>([
    ['a build argument', { buildArgs: { MODE: 'production' } }, true],
    ['one that nobody declares', { buildArgs: { OTHER: 'x' } }, false],
    ['a proxy', { buildArgs: { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'x' } }, false],
    ['the target', { target: 'one' }, true],
    ['platforms', { platforms: ['linux/arm64'] }, true],
    ['the order of platforms', { platforms: ['linux/amd64'] }, false],
    ['a secret by its id', { secrets: ['npm_token'] }, true],
    ['the epoch', { cacheEpoch: 'again' }, true],
    ['tags', { tags: ['branch'] }, false],
    ['the repository', { repository: 'ghcr.io/acme/other' }, false],
  ])('%s: %s', async (_name, more, relevant) => {
    await dockerfile('FROM scratch AS one', 'ARG MODE', 'COPY . /app', 'FROM scratch', 'COPY . /app');
    expect(
      await changesKey(() => {
        settings = more;
      }),
    ).toBe(relevant);
  });

  test('an argument that nobody declares is told; proxies and what the builder reads are passed on', async () => {
    settings = { buildArgs: { OTHER: 'x', HTTP_PROXY: 'p', BUILDKIT_INLINE_CACHE: '1' } };
    const { buildArgs, notes } = await facts();
    expect(buildArgs).toEqual({ BUILDKIT_INLINE_CACHE: '1', HTTP_PROXY: 'p' });
    expect(notes).toMatchObject([{ code: 'build-arg-unused', sentence: expect.stringContaining('`ARG OTHER`') }]);
  });

  test('the value of a secret is nowhere', async () => {
    settings = { secrets: ['two', 'one', 'two'] };
    expect((await facts()).secrets).toEqual(['one', 'two']);
  });
});

describe('U16: what makes every commit another image', () => {
  const run = (more: Partial<SourceFacts> = {}): MadeFor => ({ source: sourceFacts(more), run: '987654321', now: NOW });
  beforeEach(async () => {
    madeFor = run();
    await dockerfile('FROM scratch', 'ARG GIT_SHA', 'ARG AT', 'COPY . /app');
  });

  test.each<[string, Record<string, string>, readonly string[]]>([
    ['a variable', { GIT_SHA: '{{sha}}' }, ['the build argument `GIT_SHA` holds `{{sha}}`']],
    ['the commit that a step wrote', { GIT_SHA: COMMIT }, ['the build argument `GIT_SHA` holds the commit']],
    ['the start of it', { GIT_SHA: `v1-${COMMIT.slice(0, 8)}` }, ['the build argument `GIT_SHA` holds the commit']],
    ['the run', { AT: 'build-987654321' }, ['the build argument `AT` holds the id of the run']],
    ['the time', { AT: '2026-01-15T11:59:30Z' }, ['the build argument `AT` holds the time of the build']],
    ['the time in seconds', { AT: String(NOW / 1000 - 60) }, ['the build argument `AT` holds the time of the build']],
    [
      'two of them',
      { GIT_SHA: COMMIT, AT: '{{date}}' },
      ['the build argument `AT` holds `{{date}}`', 'the build argument `GIT_SHA` holds the commit'],
    ],
    ['a fixed text', { GIT_SHA: 'unknown', AT: '2020-01-01T00:00:00Z' }, []],
    ['the name of the service', { GIT_SHA: '{{service}}' }, []],
    ['a number that is none of them', { AT: '1234567890' }, []],
    ['one that nobody declares', { COMMIT: '{{sha}}' }, []],
  ])('%s', async (_name, buildArgs, volatile) => {
    settings = { buildArgs };
    expect((await facts()).volatile).toEqual(volatile);
  });

  test('variables are filled in, those without a value with nothing', async () => {
    settings = { buildArgs: { GIT_SHA: '{{ short-sha }} of {{service}}', AT: '[{{semver}}]' } };
    expect((await facts()).buildArgs).toEqual({ AT: '[]', GIT_SHA: `${COMMIT.slice(0, 12)} of checkout` });
    settings = { buildArgs: { GIT_SHA: '{{key}}' } };
    expect((await failure(facts())).message).toContain('unknown variable `key`');
  });

  test('`.git` that the Dockerfile asks for is given, and nothing is reused', async () => {
    service = '';
    await put('Dockerfile', 'FROM scratch\nCOPY .git /src/.git\n');
    commitAll();
    const found = await facts();
    expect(found.volatile).toEqual(['the Dockerfile takes `.git` into the image']);
    expect(found.context.ignore).toBe('');
    expect(found.context.files.some((it) => it.path === '.git/HEAD')).toBe(true);
  });
});

describe('files that detection does not know', () => {
  const notes = async () => (await facts()).notes.map((it) => `${it.code} ${it.sentence}`);
  beforeEach(async () => {
    settings = { context: '../..' };
    for (const path of ['libs/money/index.js', 'libs/tax/index.js', 'services/cart/server.js', 'package.json'])
      await put(path, path);
  });

  test('are named, a few of them, where the Dockerfile takes everything', async () => {
    await dockerfile('FROM scratch', 'COPY . /app');
    for (let index = 0; index < 5; index += 1) await put(`other/${index}`, '');
    expect(await notes()).toEqual([
      'context-unwatched checkout is built from libs/money/index.js, libs/tax/index.js, other/0, other/1, other/2 and 4 more, which are not among its dependencies.',
    ]);
  });

  test('not those of dependencies, of the service, or left out', async () => {
    await dockerfile('FROM scratch', 'COPY . /app');
    await put('.dockerignore', 'services/cart\n.dockerignore\npackage.json');
    covers = (path) => path.startsWith('libs/');
    expect(await notes()).toEqual([]);
  });

  test.each<[string, string, readonly string[]]>([
    ['a folder', 'COPY libs/money /app/', ['libs/money/index.js']],
    ['a file as a list', 'COPY ["package.json", "/app/"]', ['package.json']],
    ['a pattern', 'COPY libs/*/index.js /app/', ['libs/money/index.js', 'libs/tax/index.js']],
    ['a mount', 'RUN --mount=type=bind,source=libs/tax,target=/t x', ['libs/tax/index.js']],
    ['of another image', 'COPY --from=scratch libs /app/', []],
    ['a cache', 'RUN --mount=type=cache,target=/c x', []],
    ['its own', 'COPY --link services/checkout ./', []],
    ['from elsewhere', 'ADD https://example.com/x /x', []],
  ])('only what the Dockerfile can take: %s', async (_name, line, expected) => {
    await dockerfile('FROM scratch', line);
    const found = await notes();
    expect(found.length).toBe(expected.length === 0 ? 0 : 1);
    for (const path of expected) expect(found[0]).toContain(path);
    if (found[0] !== undefined) expect(found[0].split(',').length - 1).toBe(expected.length);
  });

  test('but all of the context is in the key, since a base may take more', async () => {
    await dockerfile('FROM scratch', 'COPY libs/money /app/');
    expect(await changesKey(() => put('libs/tax/index.js', 'changed'))).toBe(true);
  });
});
