import { describe, expect, test } from '@jest/globals';
import { notYet } from '../../../shared/model/index.ts';
import { load, loadOne } from './helpers.ts';

const rootOf = (text: string) => load({ 'slipway.yml': `version: 1\n${text}` });

describe('environments', () => {
  test('come in the order of promotion; what is free keeps the order of the file', async () => {
    const { environments } = await rootOf(
      'environments: { "10": { after: [us, eu] }, us: { after: staging }, dev: {}, eu: { after: [staging] }, staging: { after: dev }, "2": {} }',
    );
    expect(environments.map(({ name, after }) => [name, after])).toEqual([
      ['dev', []],
      ['staging', ['dev']],
      ['us', ['staging']],
      ['eu', ['staging']],
      ['10', ['us', 'eu']],
      ['2', []],
    ]);
  });

  test.each([
    ['production', 'production'],
    ['prod-eu', 'production'],
    ['PROD', 'production'],
    ['live', 'production'],
    ['staging', 'staging'],
    ['stage', 'staging'],
    ['preprod', 'staging'],
    ['uat', 'staging'],
    ['qa', 'staging'],
    ['dev', 'development'],
    ['development', 'development'],
    ['test', 'development'],
    ['test-2', 'development'],
    ['pr-12', 'preview'],
    ['eu', 'production'],
    ['lively', 'production'],
    ['qa2', 'production'],
    ['preproduction', 'production'],
    ['sandbox', 'production'],
  ])('%s is %s', async (name, kind) => {
    expect((await rootOf(`environments: { ${name}: {} }`)).environments[0]?.class).toBe(kind);
  });

  test('a class that is given counts', async () => {
    expect((await rootOf('environments: { live: { class: preview } }')).environments[0]?.class).toBe('preview');
  });

  test('a freeze without a zone is in UTC; seconds may be left out at one end', async () => {
    const { environments } = await rootOf(
      'environments: { x: { freeze: [{ from: 2026-12-20T00:00, to: 2026-12-20T00:00:01 }] } }',
    );
    expect(environments[0]?.freeze).toEqual([
      { from: '2026-12-20T00:00', to: '2026-12-20T00:00:01', zone: 'UTC', reason: undefined },
    ]);
  });

  test('a service goes where it says, in the order of promotion, or nowhere', async () => {
    const environments = 'environments: { a: {}, b: { after: a }, c: { after: b } }';
    expect([...(await loadOne('{ environments: { c: {}, a: {} } }', environments)).deployments.keys()]).toEqual([
      'a',
      'c',
    ]);
    expect((await loadOne('{ environments: {} }', environments)).deployments.size).toBe(0);
    expect((await loadOne('{}', environments)).deployments.size).toBe(3);
  });
});

describe('ledger and graph', () => {
  test.each<readonly [string, object]>([
    ['', { remote: 'origin', shared: false, token: undefined }],
    ['ledger: { remote: https://git.example/x }', { remote: 'https://git.example/x', shared: false, token: undefined }],
    [
      'ledger: { repository: acme/deploys, token: { env: T } }',
      { remote: 'acme/deploys', shared: true, token: { env: 'T' } },
    ],
  ])('%s', async (text, ledger) => expect((await rootOf(text)).ledger).toEqual(ledger));

  test('nothing said imports what is found; an empty list nothing', async () => {
    expect((await rootOf('')).graphImport).toBeUndefined();
    expect((await rootOf('graph: {}')).graphImport).toBeUndefined();
    expect((await rootOf('graph: { import: [] }')).graphImport).toEqual([]);
  });
});

describe('sinks', () => {
  test('have common keys and their own', async () => {
    const { sinks } = await rootOf(
      'environments: { live: {} }\nsinks:\n  - kind: github\n    deployments: native\n  - { kind: datadog, name: dd, url: "https://api.datadoghq.eu", environments: [live], required: true, timeout: 3s, token: { env: DD_API_KEY }, tags: [a, { b: 1 }] }\n  - { kind: slack, url: { env: SLACK_WEBHOOK } }',
    );
    const plain = { url: undefined, environments: undefined, required: false, timeoutMs: 10_000 };
    expect(sinks).toEqual([
      { ...plain, kind: 'github', name: 'github', fields: { deployments: 'native' } },
      {
        kind: 'datadog',
        name: 'dd',
        url: 'https://api.datadoghq.eu',
        environments: ['live'],
        required: true,
        timeoutMs: 3_000,
        fields: { token: { env: 'DD_API_KEY' }, tags: ['a', { b: 1 }] },
      },
      { ...plain, kind: 'slack', name: 'slack', url: { env: 'SLACK_WEBHOOK' }, fields: {} },
    ]);
  });

  test.each([
    'github',
    'webhook',
    'datadog',
    'grafana',
    'otlp',
    'slack',
    'pushgateway',
    'new-relic',
    'honeycomb',
    'sentry',
    'dynatrace',
    'pagerduty',
    'teams',
    'devlake',
    'postgres',
  ])('%s is a kind', async (kind) => expect((await rootOf(`sinks: [{ kind: ${kind} }]`)).sinks[0]?.kind).toBe(kind));
});

describe('targets', () => {
  const targetOf = async (text: string) =>
    (await loadOne(`{ deploy: { target: ${text} } }`, 'environments: { dev: {} }')).deployments.get('dev')?.target;

  test.each<readonly [string, object]>([
    ['{ kind: local, directory: /srv, port: 8080 }', { kind: 'local', directory: '/srv', port: 8080 }],
    [
      '{ kind: command, deploy: [a, b] }',
      { kind: 'command', deploy: ['a', 'b'], status: undefined, rollback: undefined, remove: undefined },
    ],
    [
      '{ kind: command, deploy: [a], status: [b], rollback: [c], remove: [d] }',
      { kind: 'command', deploy: ['a'], status: ['b'], rollback: ['c'], remove: ['d'] },
    ],
    [
      '{ kind: kubernetes, namespace: n, workload: "rollout/{service}", container: c, render: [helm, template], context: x, kubeconfig: k, prune: true }',
      {
        kind: 'kubernetes',
        namespace: 'n',
        workload: 'rollout/shop',
        container: 'c',
        manifests: [],
        render: ['helm', 'template'],
        context: 'x',
        kubeconfig: 'k',
        prune: true,
      },
    ],
    [
      '{ kind: gitops, repository: a/b, branch: main, file: x/values.yaml, key: image.tag, write: pull-request, wait: flux }',
      {
        kind: 'gitops',
        repository: 'a/b',
        branch: 'main',
        file: 'x/values.yaml',
        key: 'image.tag',
        kustomizeImage: undefined,
        format: 'yaml',
        write: 'pull-request',
        wait: 'flux',
      },
    ],
    [
      '{ kind: gitops, repository: a/b, file: x.tfvars, kustomize-image: shop }',
      {
        kind: 'gitops',
        repository: 'a/b',
        branch: undefined,
        file: 'x.tfvars',
        key: undefined,
        kustomizeImage: 'shop',
        format: 'tfvars',
        write: 'push',
        wait: 'none',
      },
    ],
    ['{ kind: gitops, repository: a/b, file: x.JSON, key: i }', expect.objectContaining({ format: 'json' })],
    [
      '{ kind: gitops, repository: a/b, file: x.json, key: i, format: yaml }',
      expect.objectContaining({ format: 'yaml' }),
    ],
  ])('%s', async (text, target) => {
    const service = text.replace('{service}', 'shop');
    expect(await targetOf(service)).toEqual(target);
  });

  test.each(['deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'rollout'])(
    '%s is a workload',
    async (kind) => {
      expect(await targetOf(`{ kind: kubernetes, workload: ${kind}/a }`)).toMatchObject({ workload: `${kind}/a` });
    },
  );
});

describe('a service', () => {
  test('carries its runner and free keys as they are', async () => {
    expect((await loadOne('{ runner: [self-hosted, arm] }')).runner).toEqual(['self-hosted', 'arm']);
    expect((await loadOne('{ runner: { group: big, labels: [x] } }')).runner).toEqual({ group: 'big', labels: ['x'] });
    expect((await loadOne('{ matrix: { go: 1.22, list: [1, { a: null }] } }')).matrix).toEqual({
      go: 1.22,
      list: [1, { a: null }],
    });
  });

  test('names each alias and dependency once; its own name is no alias', async () => {
    const config = await load({
      'slipway.yml': 'version: 1',
      'a/slipway.service.yml': 'aliases: [old, a, old]\ndependencies: { services: [c, b, c] }',
      'b/slipway.service.yml': '',
      'c/slipway.service.yml': 'dependencies: { services: [a, c] }',
    });
    expect(config.services[0]).toMatchObject({ aliases: ['old'], dependencies: { services: ['b', 'c'] } });
  });

  test('may write numbers and truth where variables are texts', async () => {
    const { image } = await loadOne(
      '{ image: { build-args: { A: 8080, B: true, C: 1.5 }, cache-epoch: 2026, native: { base: scratch, env: { N: 0 }, user: 65532 } } }',
    );
    expect(image.buildArgs).toEqual({ A: '8080', B: 'true', C: '1.5' });
    expect(image.cacheEpoch).toBe('2026');
    expect(image.native).toMatchObject({ env: { N: '0' }, user: '65532' });
  });

  test('a context above its folder is fine while it stays in the repository', async () => {
    const config = await load({
      'slipway.yml': 'version: 1',
      'services/a/slipway.service.yml': 'image: { context: ../.., dockerfile: ../x/../a/Dockerfile }',
    });
    expect(config.services[0]?.image).toMatchObject({ context: '../..', dockerfile: '../x/../a/Dockerfile' });
  });

  test.each<[string, string, readonly string[] | undefined]>([
    ['nothing said', '{}', undefined],
    ['within the folder', '{ context: sub, dockerfile: ./docker/Dockerfile }', undefined],
    [
      'a Dockerfile elsewhere',
      '{ dockerfile: ../../docker/x.Dockerfile }',
      ['/docker/x.Dockerfile', '/docker/x.Dockerfile.dockerignore'],
    ],
    ['a context around it', '{ context: ../.. }', ['/.dockerignore']],
    [
      'letters that mean something in patterns',
      '{ dockerfile: "../[x]*/Dockerfile" }',
      ['/services/\\[x\\]\\*/Dockerfile', '/services/\\[x\\]\\*/Dockerfile.dockerignore'],
    ],
    ['a way out and back', '{ context: ../../services/a }', undefined],
    ['built without', '{ context: ../.., builder: none }', undefined],
    ['built natively', '{ context: ../.., native: { base: scratch } }', undefined],
    ['made elsewhere', '{ context: ../.., source: out.tar }', undefined],
  ])('what an image is built by outside of the folder is known: %s', async (_name, image, patterns) => {
    const config = await load({
      'slipway.yml': 'version: 1\nservices: [services/a]',
      'services/a/slipway.service.yml': `image: ${image}`,
    });
    expect(config.services[0]?.buildFiles).toEqual(patterns && { from: '', patterns });
  });
});

test('what is understood and not carried out is said with its key', () => {
  const error = notYet({ key: 'deploy.strategy.kind', value: 'canary', service: 'cart', environment: 'live' });
  expect(error.code).toBe('not-yet');
  expect(error.message).toBe(
    'not-yet `deploy.strategy.kind: canary` of `cart` in `live` is understood, but not carried out by this version. Take the key out, or use a version that has it.',
  );
  expect(notYet({ key: 'image.source', remedy: 'Build it.' }).message).toBe(
    'not-yet `image.source` is understood, but not carried out by this version. Build it.',
  );
});
