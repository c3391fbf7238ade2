import { describe, expect, test } from '@jest/globals';
import { cacheArguments } from '../../../shared/build/docker/cache.ts';
import { type BuildCommand, buildArguments, buildEnvironment } from '../../../shared/build/docker/command.ts';
import { concessionFor } from '../../../shared/build/docker/concessions.ts';
import { fields } from '../../../shared/build/docker/fields.ts';
import { KEPT_LINES, readFailure, Tail } from '../../../shared/build/docker/output.ts';
import { remedyFor } from '../../../shared/build/docker/remedies.ts';
import { findSecrets } from '../../../shared/build/docker/secrets.ts';
import { UserError } from '../../../shared/model/index.ts';
import { dockerFacts } from '../image/facts.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;

const command = (more: Partial<BuildCommand> = {}): BuildCommand => ({
  facts: dockerFacts(),
  labels: {},
  dockerfile: '/tmp/Dockerfile',
  secrets: [],
  cache: { from: [], to: [] },
  fresh: false,
  output: { kind: 'layout', directory: '/tmp/out', rewrite: true },
  engineName: 'slipway.invalid/x:build',
  ...more,
});

describe('the command line of a build', () => {
  test('the least', () => {
    expect(buildArguments(command())).toEqual([
      'build',
      '--progress=plain',
      '--file=/tmp/Dockerfile',
      '--platform=linux/amd64',
      '--output=type=oci,tar=false,dest=/tmp/out,rewrite-timestamp=true',
      '/work',
    ]);
  });

  test('everything: target, arguments, labels, pins by digest, frontend, secrets by the name of their variable, cache', () => {
    const image = { repository: 'docker.io/library/node', digest: DIGEST };
    const facts = dockerFacts({
      target: 'runtime',
      buildArgs: { NODE_ENV: 'a=b, c' },
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ],
      pins: [{ reference: 'node:24', image }],
      dockerfile: {
        ...dockerFacts().dockerfile,
        frontend: {
          reference: 'docker/dockerfile:1',
          image: { repository: 'docker.io/docker/dockerfile', digest: DIGEST },
        },
      },
    });
    const args = buildArguments(
      command({
        facts,
        labels: { 'org.opencontainers.image.title': 'checkout' },
        secrets: [{ id: 'npm_token', variable: 'NPM_TOKEN' }],
        cache: { from: ['type=gha'], to: ['type=gha,mode=max'] },
        fresh: true,
      }),
    );
    expect(args.slice(3, -2)).toEqual([
      '--platform=linux/amd64,linux/arm/v7',
      '--target=runtime',
      '--build-arg=NODE_ENV=a=b, c',
      `--build-arg=BUILDKIT_SYNTAX=docker.io/docker/dockerfile@${DIGEST}`,
      '--label=org.opencontainers.image.title=checkout',
      '--secret=id=npm_token,env=NPM_TOKEN',
      `--build-context=node:24=docker-image://docker.io/library/node@${DIGEST}`,
      '--cache-from=type=gha',
      '--cache-to=type=gha,mode=max',
      '--no-cache',
    ]);
  });

  test('values with commas and quotes stay one field', () => {
    expect(fields({ dest: '/a,b', name: 'say "x"' })).toBe('"dest=/a,b","name=say ""x"""');
  });
});

describe('the environment of a build', () => {
  const env = {
    PATH: '/bin',
    DOCKER_HOST: 'unix:///x',
    INPUT_SERVICE: 'checkout',
    STATE_saved: '{}',
    ACTIONS_RUNTIME_TOKEN: 'secret',
    ACTIONS_RESULTS_URL: 'https://x',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'other',
    BUILDX_GIT_LABELS: 'full',
  };

  test('what belongs to the action stays with it; all times are that of the commit; nothing that changes with every run is added', () => {
    expect(buildEnvironment(env, { date: '2026-01-02T23:30:00-03:00', cache: false, secrets: [] })).toEqual({
      PATH: '/bin',
      DOCKER_HOST: 'unix:///x',
      SOURCE_DATE_EPOCH: '1767407400',
      BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
      BUILDX_GIT_LABELS: undefined,
      NO_COLOR: '1',
    });
  });

  test('the cache of Actions gets what it is reached by, a secret its variable, and nothing else', () => {
    const secrets = [{ id: 'service', variable: 'INPUT_SERVICE' }];
    const given = buildEnvironment(env, { date: '2026-01-02T00:00:00Z', cache: true, secrets });
    expect(given).toMatchObject({
      ACTIONS_RUNTIME_TOKEN: 'secret',
      ACTIONS_RESULTS_URL: 'https://x',
      INPUT_SERVICE: 'checkout',
    });
    expect(given).not.toHaveProperty('ACTIONS_ID_TOKEN_REQUEST_TOKEN');
    expect(given).not.toHaveProperty('STATE_saved');
  });
});

describe('secrets', () => {
  test.each<[string, Record<string, string>, string]>([
    ['npm_token', { npm_token: 'x', NPM_TOKEN: 'y' }, 'npm_token'],
    ['npm_token', { NPM_TOKEN: 'y' }, 'NPM_TOKEN'],
    ['npm-token.2', { NPM_TOKEN_2: 'y' }, 'NPM_TOKEN_2'],
    ['npm_token', { npm_token: '', NPM_TOKEN: 'y' }, 'NPM_TOKEN'],
  ])('%s in %j is found as %s', (id, env, variable) => {
    expect(findSecrets('checkout', [id], env)).toEqual([{ id, variable }]);
  });

  test('all that are missing are named at once, an empty one among them', () => {
    const find = () => findSecrets('checkout', ['npm_token', 'there', 'pip'], { there: 'x', PIP: '' });
    expect(find).toThrow(UserError);
    expect(find).toThrow(
      /^secret-missing checkout .*`npm_token`.*NPM_TOKEN, nor npm_token\. .*\nsecret-missing .*`pip`/,
    );
  });
});

describe('the cache of layers', () => {
  const facts = { service: 'checkout', repository: 'ghcr.io/acme/checkout', epoch: '', write: true };

  test('beside the image, in a form that every registry takes', () => {
    expect(cacheArguments({ ...facts, kind: 'registry' })).toEqual({
      from: ['type=registry,ref=ghcr.io/acme/checkout:buildcache'],
      to: [
        'type=registry,ref=ghcr.io/acme/checkout:buildcache,image-manifest=true,oci-mediatypes=true,mode=max,ignore-error=true',
      ],
    });
  });
  test('in the cache of Actions, a scope for each service', () => {
    expect(cacheArguments({ ...facts, kind: 'actions' })).toEqual({
      from: ['type=gha,scope=slipway-checkout'],
      to: ['type=gha,scope=slipway-checkout,mode=max,ignore-error=true'],
    });
  });
  test('a run that does not push reads and does not write', () => {
    expect(cacheArguments({ ...facts, kind: 'registry', write: false }).to).toEqual([]);
    expect(cacheArguments({ ...facts, kind: 'actions', write: false }).to).toEqual([]);
  });
  test('layers of another epoch do not come back', () => {
    const of = (epoch: string) => cacheArguments({ ...facts, epoch, kind: 'registry' }).from;
    expect(of('2026-01')).not.toEqual(of('2026-02'));
    expect(of('2026-01')[0]).toMatch(/:buildcache-[0-9a-f]{8}$/);
  });
  test('off', () => expect(cacheArguments({ ...facts, kind: 'off' })).toEqual({ from: [], to: [] }));
});

describe('what a builder refuses', () => {
  const cached = command({ cache: { from: ['a'], to: ['b'] } });
  test.each<[string, string, BuildCommand, Partial<BuildCommand>]>([
    ['the cache', 'Cache export is not supported for the docker driver.', cached, { cache: { from: ['a'], to: [] } }],
    [
      'an OCI layout',
      'OCI exporter is not supported for the docker driver.',
      command(),
      { output: { kind: 'engine', name: 'slipway.invalid/x:build' } },
    ],
    [
      'an OCI layout, in the words of older releases',
      'error: OCI exporter feature is currently not supported for docker driver. Please switch to a different driver',
      command(),
      { output: { kind: 'engine', name: 'slipway.invalid/x:build' } },
    ],
    [
      'times',
      'failed to solve: unrecognized option rewrite-timestamp',
      command(),
      { output: { kind: 'layout', directory: '/tmp/out', rewrite: false } },
    ],
  ])('%s is left out', (_what, words, asked, without) => {
    expect(concessionFor(asked, words)?.command).toEqual({ ...asked, ...without });
  });
  test('what is left out already is not the reason', () => {
    expect(concessionFor(command(), 'Cache export is not supported for the docker driver.')).toBeUndefined();
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const several = command({ facts: dockerFacts({ platforms }) });
    expect(concessionFor(several, 'OCI exporter is not supported for the docker driver.')).toBeUndefined();
    const engine = command({ output: { kind: 'engine', name: 'x' } });
    expect(concessionFor(engine, 'OCI exporter is not supported; rewrite-timestamp')).toBeUndefined();
  });
  test('a failing step is no refusal', () => {
    expect(concessionFor(cached, 'process "/bin/sh -c npm ci" did not complete successfully')).toBeUndefined();
  });
});

describe('what to do about a build that failed', () => {
  test.each<[string, string | undefined, RegExp]>([
    [
      'failed to connect to the docker API at unix:///x.sock; check if the path is correct',
      undefined,
      /buildx inspect/,
    ],
    ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', undefined, /buildx inspect/],
    ['no builder "nobody" found', undefined, /buildx inspect/],
    ['context deadline exceeded', '[internal] waiting for connection', /buildx inspect/],
    ['Multi-platform build is not supported for the docker driver. Switch to', undefined, /setup-buildx-action/],
    ['OCI exporter is not supported for the docker driver. Switch to', undefined, /setup-buildx-action/],
    ['unsupported frontend capability moby.buildkit.frontend.contexts', undefined, /too old/],
    ['process "/bin/sh" did not complete: exec /bin/sh: exec format error', '[1/1] RUN x', /setup-qemu-action/],
    ['write /x: no space left on device', '[1/1] RUN x', /prune/],
  ])('%s', (error, step, remedy) => expect(remedyFor({ error, step })).toMatch(remedy));

  test('a step that fails by itself: its log says it', () => {
    expect(
      remedyFor({ error: 'process "/bin/sh -c npm ci" did not complete', step: '[1/2] RUN npm ci' }),
    ).toBeUndefined();
  });
});

describe('why a build failed', () => {
  const BUILDX = [
    '#6 [stage-1 2/2] RUN echo one; exit 3',
    '#6 0.060 one',
    '#6 ERROR: process "/bin/sh -c echo one; exit 3" did not complete successfully: exit code: 3',
    '------',
    ' > [stage-1 2/2] RUN echo one; exit 3:',
    '0.060 one',
    '------',
    'Dockerfile:5',
    '--------------------',
    '   4 |     RUN true',
    '   5 | >>> RUN echo one; exit 3',
    '--------------------',
    'ERROR: failed to build: failed to solve: process "/bin/sh -c echo one; exit 3" did not complete successfully: exit code: 3',
  ];

  test('a step: which, its last lines, where, and the words', () => {
    expect(readFailure(BUILDX)).toEqual({
      step: '[stage-1 2/2] RUN echo one; exit 3',
      lines: ['0.060 one'],
      line: 5,
      error: 'process "/bin/sh -c echo one; exit 3" did not complete successfully: exit code: 3',
    });
  });
  test('many lines of a step: the last', () => {
    const lines = Array.from({ length: 60 }, (_, at) => `line ${at}`);
    expect(readFailure(['------', ' > [1/1] RUN x:', ...lines, '------', 'ERROR: x']).lines).toEqual(lines.slice(-25));
  });
  test('no step: the words, also those after the first line', () => {
    expect(
      readFailure(['ERROR: failed to build: Multi-platform build is not supported.', 'Switch to another.']),
    ).toEqual({
      step: undefined,
      lines: [],
      line: undefined,
      error: 'Multi-platform build is not supported. Switch to another.',
    });
    expect(readFailure(['unknown flag: --output', '']).error).toBe('unknown flag: --output');
    expect(readFailure([]).error).toBe('it said nothing');
  });
  test('only the end of a long output is kept', () => {
    const tail = new Tail();
    for (let at = 0; at < KEPT_LINES + 10; at += 1) tail.add(String(at));
    expect(tail.lines()).toHaveLength(KEPT_LINES);
    expect(tail.lines()[0]).toBe('10');
  });
});
