import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listContext } from '../../../shared/build/files.ts';
import { type BuildJob, type BuildMachine, buildImage, type Layout } from '../../../shared/build/index.ts';
import { type DockerFacts, keyOf, planImage, readIgnore } from '../../../shared/image/index.ts';
import { isRecord, parseJson } from '../../../shared/model/index.ts';
import { type Call, fakeDocker, type Script } from '../../support/fake-buildx.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { bodyFrom, OCI_MANIFEST, raw, startWorld, type World } from '../../support/registry-world.ts';
import { dockerFacts, sourceFacts } from '../image/facts.ts';
import { fakeLog } from '../record/samples.ts';
import { failure } from './world.ts';

let directory: string;
let world: World;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

interface Built {
  readonly layout: Promise<Layout>;
  readonly lines: string[];
  readonly log: ReturnType<typeof fakeLog>;
  readonly learned: string[];
  calls(): Promise<readonly Call[]>;
}

interface Wanted {
  readonly script?: Script;
  readonly facts?: Partial<DockerFacts>;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly force?: boolean;
  readonly cache?: BuildJob['cache'];
}

/** The folder that is built, and what is known of it. */
async function contextOf(): Promise<DockerFacts['context']> {
  const source = join(directory, 'context');
  await mkdir(source, { recursive: true });
  for (const name of ['a.js', 'server.js']) await writeFile(join(source, name), name);
  const ignore = '**/.git\n*.md\n';
  const how = { ignore: readIgnore(ignore, '.dockerignore'), format: 'sha256', known: () => undefined } as const;
  return { source, files: await listContext(source, 'context', how), ignore };
}

async function build(wanted: Wanted = {}): Promise<Built> {
  const { bin, calls } = await fakeDocker(directory, wanted.script);
  const facts = dockerFacts({ context: await contextOf(), now: Date.now(), ...wanted.facts });
  const key = keyOf(facts);
  const lookup = { kind: 'skipped' } as const;
  const force = wanted.force === true;
  const plan = planImage({ image: facts, source: sourceFacts(), key, lookup, push: true, force, reuse: 'tag' });
  const job = { plan, root: '/work', directory: join(directory, 'layout'), date: '2026-01-02T00:00:00Z' };
  const lines: string[] = [];
  const learned: string[] = [];
  const log = { ...fakeLog(), info: (line: string) => void lines.push(line) };
  const machine: BuildMachine = {
    registry: world.client,
    env: { PATH: bin, ...wanted.env },
    log,
    learn: (it) => void learned.push(it),
    signal: wanted.signal ?? new AbortController().signal,
  };
  return { layout: buildImage(facts, { ...job, cache: wanted.cache ?? 'off' }, machine), lines, log, learned, calls };
}

const document = async ({ directory: at }: Layout, digest: string): Promise<Record<string, unknown>> => {
  const value = parseJson(await readFile(join(at, 'blobs', digest.replace(':', '/')), 'utf8'));
  return isRecord(value) ? value : {};
};

describe('an image of buildx', () => {
  test('gets our annotations, and nothing that changes with every build: the same again has the same digest', async () => {
    const first = await (await build({ script: { provenance: true } })).layout;
    const manifest = await document(first, first.top.digest);
    expect(manifest).toMatchObject({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      annotations: {
        'org.opencontainers.image.title': 'checkout',
        'io.github.slipway-actions.content-key': expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(JSON.stringify(manifest)).not.toContain('buildkit');
    expect(first.images).toHaveLength(1);
    const second = await (await build({ script: { provenance: true } })).layout;
    expect(second.top.digest).toBe(first.top.digest);
    expect(readdirSync(first.directory).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test('several platforms make an index without attestations, in which each is named', async () => {
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ];
    const layout = await (await build({ script: { provenance: true }, facts: { platforms } })).layout;
    const index = await document(layout, layout.top.digest);
    expect(index).toMatchObject({
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: platforms.map((platform) => ({ platform })),
      annotations: { 'org.opencontainers.image.title': 'checkout' },
    });
    expect(index['manifests']).toHaveLength(2);
    expect(layout.images).toHaveLength(2);
  });

  test('a platform that the builder leaves out is an error', async () => {
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ];
    const error = await failure((await build({ script: { platforms: ['linux/amd64'] }, facts: { platforms } })).layout);
    expect(error.message).toMatch(/^build-failed .*without linux\/arm64/);
  });

  test('the builder is given what was hashed, not what lies at the paths by now', async () => {
    const built = await build();
    await built.layout;
    const [call] = await built.calls();
    expect(call).toMatchObject({ dockerfile: 'FROM scratch\n', ignore: '**/.git\n*.md\n' });
    expect(call?.args.at(-1)).toBe(join(directory, 'context'));
    expect(call?.env['SOURCE_DATE_EPOCH']).toBe('1767312000');
  });

  test.each<[string, string]>([
    ['written', 'echo other > a.js'],
    ['added', 'echo new > b.js'],
    ['deleted', 'rm a.js'],
    ['made executable', 'chmod +x a.js'],
  ])('a file of the context that is %s meanwhile is an error: the key would lie', async (_how, during) => {
    const error = await failure((await build({ script: { during } })).layout);
    expect(error.message).toMatch(/^build-failed [ab]\.js in the context of checkout changed while/);
    expect(existsSync(join(directory, 'layout'))).toBe(false);
  });

  test('what the ignore file leaves out, or is only touched, may change', async () => {
    const layout = await (await build({ script: { during: 'touch a.js; echo new > notes.md' } })).layout;
    expect(layout.images).toHaveLength(1);
  });

  test('a forced build takes no layers of before', async () => {
    const built = await build({ force: true });
    await built.layout;
    expect((await built.calls())[0]?.args).toContain('--no-cache');
  });
});

describe('layers of the base', () => {
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256('layer'), size: 5 };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256('{}'), size: 2 };
  const pushed = async (repository: string) => {
    const manifest = raw({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] });
    for (const text of ['layer', '{}'])
      await world.client.pushBlob(repository, sha256(text), bodyFrom(Buffer.from(text)));
    await world.client.pushManifest(repository, manifest);
    return { repository, digest: manifest.digest };
  };

  test('in the same registry are known to be there; elsewhere, or where they cannot be read, not', async () => {
    const settings = { ...dockerFacts().settings, repository: world.at('acme/checkout') };
    const near = await pushed(world.at('acme/base'));
    const gone = { repository: world.at('acme/gone'), digest: sha256('gone') };
    const far = { repository: 'elsewhere.example/base', digest: sha256('far') };
    const pins = [gone, far].map((image) => ({ reference: image.repository, image }));
    const layout = await (await build({ facts: { settings, base: near, pins } })).layout;
    expect([...(layout.mountable ?? [])]).toEqual([[layer.digest, near.repository]]);
  });
});

describe('secrets', () => {
  test('are handed over by the environment, never in arguments, and the log learns them', async () => {
    const built = await build({ facts: { secrets: ['npm_token'] }, env: { NPM_TOKEN: 'very-secret-value' } });
    await built.layout;
    const [call] = await built.calls();
    expect(call?.args).toContain('--secret=id=npm_token,env=NPM_TOKEN');
    expect(call?.args.join(' ')).not.toContain('very-secret-value');
    expect(call?.env['NPM_TOKEN']).toBe('very-secret-value');
    expect(built.learned).toEqual(['very-secret-value']);
  });
  test('one that is missing ends it before anything is started', async () => {
    const built = await build({ facts: { secrets: ['npm_token'] } });
    expect((await failure(built.layout)).code).toBe('secret-missing');
    expect(await built.calls()).toEqual([]);
  });
});

describe('what goes wrong', () => {
  test('a step that fails: its last lines are shown again, the error is at the line of the Dockerfile', async () => {
    const fails = [
      '#1 x',
      '------',
      ' > [2/2] RUN npm ci:',
      '0.1 EACCES',
      '------',
      'Dockerfile:7',
      '-'.repeat(20),
      'ERROR: failed to solve: exit code: 1',
    ];
    const built = await build({ script: { fails } });
    const error = await failure(built.layout);
    expect(error.code).toBe('build-failed');
    expect(error.message).toContain('The step `[2/2] RUN npm ci` of checkout failed: exit code: 1.');
    expect(error.problems[0]?.at).toEqual({ file: 'Dockerfile', line: 7 });
    expect(built.lines.slice(-2)).toEqual(['Last lines of [2/2] RUN npm ci:', '  0.1 EACCES']);
    expect(existsSync(join(directory, 'layout'))).toBe(false);
  });

  test('what the builder refuses and the image can be had without is left out, and said', async () => {
    const refuses = [['--cache-to', 'Cache export is not supported for the docker driver.']] as const;
    const built = await build({ script: { refuses }, cache: 'registry' });
    await built.layout;
    expect(built.log.problems.map(({ code }) => code)).toEqual(['builder-limited']);
    const calls = await built.calls();
    expect(calls.map(({ args }) => args.some((it) => it.startsWith('--cache-to')))).toEqual([true, false]);
  });

  test('a cache of Actions where there is none: said, and built without', async () => {
    const without = await build({ cache: 'actions' });
    await without.layout;
    expect(without.log.problems.map(({ code }) => code)).toEqual(['builder-limited']);
    const within = await build({ cache: 'actions', env: { ACTIONS_RUNTIME_TOKEN: 'token' } });
    await within.layout;
    expect(within.log.problems).toEqual([]);
  });

  test('an engine that writes no layout: the image is saved from its store, and taken out of it', async () => {
    const refuses = [['type=oci', 'OCI exporter is not supported for the docker driver.']] as const;
    const built = await build({ script: { refuses } });
    const layout = await built.layout;
    expect(layout.images).toHaveLength(1);
    expect((await document(layout, layout.top.digest))['annotations']).toMatchObject({
      'org.opencontainers.image.title': 'checkout',
    });
    const calls = await built.calls();
    expect(calls.slice(2).map(({ args }) => args.slice(0, 2))).toEqual([
      ['image', 'save'],
      ['image', 'rm'],
    ]);
    expect(calls[1]?.args).toEqual(
      expect.arrayContaining(['--load', expect.stringMatching(/^--tag=slipway\.invalid\//)]),
    );
  });

  test('several platforms on such an engine: what to do about it', async () => {
    const refuses = [['--platform', 'Multi-platform build is not supported for the docker driver.']] as const;
    const error = await failure((await build({ script: { refuses } })).layout);
    expect(error.message).toMatch(/^build-failed .*docker\/setup-buildx-action/);
  });

  test('buildx by itself, where Docker has it not as a plugin', async () => {
    const { bin, calls } = await fakeDocker(join(directory, 'alone'), {}, 'buildx');
    const built = await build({ env: { PATH: bin } });
    expect((await built.layout).images).toHaveLength(1);
    expect((await calls())[0]?.args[0]).toBe('build');
  });

  test('no buildx', async () => {
    const error = await failure((await build({ env: { PATH: join(directory, 'nothing') } })).layout);
    expect(error.message).toMatch(/^builder-missing .*docker\/setup-buildx-action/);
  });

  test('cancelled: the builder is told to end, and no layout is left', async () => {
    const controller = new AbortController();
    const note = join(directory, 'note');
    const built = await build({ script: { hangs: note }, signal: controller.signal });
    while (!built.lines.includes('#1 waiting')) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    expect((await failure(built.layout)).code).toBe('cancelled');
    expect(existsSync(note)).toBe(true);
    expect(readdirSync(directory).sort()).toEqual(['bin', 'calls.jsonl', 'context', 'note']);
  });
});
