import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { SERVICE, SLIPWAY, SMALLEST } from './examples.ts';
import { load, only, serviceOf } from './helpers.ts';

const MONOREPO = {
  'slipway.yml': SLIPWAY,
  'services/checkout/slipway.service.yml': SERVICE,
  'services/pricing/Dockerfile': 'FROM scratch',
  'libs/money/slipway.service.yml': 'environments: {}',
  'services/notes/README.md': 'no service',
};

describe('the least that works', () => {
  test('is one service at the root, named after the repository, with all defaults', async () => {
    const config = await load({ 'slipway.yml': SMALLEST });
    expect({ ...config, services: [] }).toEqual({
      file: 'slipway.yml',
      registry: 'ghcr.io/acme/shop',
      services: [],
      environments: [
        { name: 'staging', class: 'staging', after: [], approval: undefined, freeze: [], require: [] },
        { name: 'production', class: 'production', after: ['staging'], approval: undefined, freeze: [], require: [] },
      ],
      sharedPaths: { from: '', patterns: [] },
      graphImport: undefined,
      ledger: { remote: 'origin', shared: false, token: undefined },
      sinks: [],
    });
    const deployed = {
      target: {
        kind: 'kubernetes',
        namespace: 'shop',
        workload: undefined,
        container: undefined,
        manifests: [],
        render: undefined,
        context: undefined,
        kubeconfig: undefined,
        prune: false,
      },
      strategy: { kind: 'rolling' },
      verify: { http: [], metrics: undefined },
      rollback: { automatic: true, hold: 'digest' },
      hooks: { before: [], after: [] },
      timeoutMs: 600_000,
    };
    expect(only(config)).toEqual({
      name: 'Shop',
      aliases: [],
      team: undefined,
      path: '',
      files: { from: '', patterns: ['**'] },
      dependencies: { services: [], paths: { from: '', patterns: [] } },
      runner: undefined,
      matrix: {},
      test: undefined,
      image: {
        builder: undefined,
        source: undefined,
        repository: 'ghcr.io/acme/shop',
        context: '.',
        dockerfile: 'Dockerfile',
        target: undefined,
        buildArgs: {},
        secrets: [],
        platforms: [],
        native: undefined,
        tags: ['sha', 'branch', 'semver'],
        cacheEpoch: 'never',
        reuse: 'verified',
        reuseKey: undefined,
        gates: [],
        sbom: false,
        sign: undefined,
      },
      deployments: new Map([
        ['staging', deployed],
        ['production', deployed],
      ]),
    });
  });
});

describe('the long example', () => {
  test('slipway.yml: each key lands in its place', async () => {
    const { services, ...config } = await load(MONOREPO);
    expect(services.map(({ name }) => name)).toEqual(['checkout', 'money', 'pricing']);
    expect(config).toEqual({
      file: 'slipway.yml',
      registry: 'ghcr.io/acme/shop',
      environments: [
        { name: 'dev', class: 'development', after: [], approval: undefined, freeze: [], require: [] },
        { name: 'staging', class: 'staging', after: ['dev'], approval: undefined, freeze: [], require: [] },
        {
          name: 'production',
          class: 'production',
          after: ['staging'],
          approval: 'production-approval',
          freeze: [{ from: '2026-12-20T00:00', to: '2027-01-02T00:00', zone: 'Europe/Berlin', reason: 'holidays' }],
          require: [{ gate: 'scan' }],
        },
      ],
      sharedPaths: { from: '', patterns: ['ci/**'] },
      graphImport: ['npm', 'go'],
      ledger: { remote: 'origin', shared: false, token: undefined },
      sinks: [],
    });
  });

  test('slipway.service.yml: each key lands in its place', async () => {
    const { image, deployments, ...service } = serviceOf(await load(MONOREPO), 'checkout');
    expect(service).toEqual({
      name: 'checkout',
      aliases: ['basket'],
      team: 'payments',
      path: 'services/checkout',
      files: { from: 'services/checkout', patterns: ['**', '!**/*.md'] },
      dependencies: { services: ['pricing'], paths: { from: '', patterns: ['libs/money/**'] } },
      runner: 'ubuntu-latest',
      matrix: {},
      test: { run: 'npm test', timeoutMs: 600_000 },
    });
    expect(image).toEqual({
      builder: 'docker',
      source: 'dist/image.tar',
      repository: 'ghcr.io/acme/shop/checkout',
      context: '.',
      dockerfile: 'Dockerfile',
      target: 'runtime',
      buildArgs: { NODE_ENV: 'production' },
      secrets: ['npm_token'],
      platforms: ['linux/amd64', 'linux/arm64'],
      native: {
        base: 'gcr.io/distroless/nodejs24@sha256:…',
        layers: [
          { from: 'node_modules', to: '/app/node_modules' },
          { from: 'dist', to: '/app' },
        ],
        entrypoint: ['node', '/app/server.js'],
        cmd: [],
        env: {},
        ports: [8080],
        user: '65532:65532',
        workdir: '/app',
      },
      tags: ['sha', 'branch', 'semver', 'date'],
      cacheEpoch: 'monthly',
      reuse: 'verified',
      reuseKey: { public: '.slipway/reuse.pub', private: { env: 'SLIPWAY_REUSE_KEY' } },
      gates: [{ name: 'scan', run: ['trivy', 'image', '--input', '{layout}', '--exit-code', '1'], timeoutMs: 600_000 }],
      sbom: false,
      sign: undefined,
    });
    expect([...deployments.keys()]).toEqual(['dev', 'production']);
    const dev = deployments.get('dev');
    expect(dev).toEqual({
      target: {
        kind: 'kubernetes',
        namespace: 'shop',
        workload: 'deployment/checkout',
        container: 'checkout',
        manifests: ['deploy/*.yaml'],
        render: undefined,
        context: undefined,
        kubeconfig: undefined,
        prune: false,
      },
      strategy: { kind: 'rolling' },
      verify: {
        http: [{ url: 'https://shop.example/healthz', status: 200, withinMs: 60_000 }],
        metrics: {
          provider: { kind: 'prometheus', url: 'http://prometheus:9090' },
          limits: [{ name: 'error rate', query: '…', max: 0.01, 'on-no-data': 'fail', 'min-samples': 20 }],
          compare: [
            {
              name: 'latency',
              query: '…',
              direction: 'increase',
              critical: true,
              'on-no-data': 'fail',
              'min-samples': 20,
            },
          ],
        },
      },
      rollback: { automatic: true, hold: 'digest' },
      hooks: { before: [{ name: 'migrate', run: ['./migrate.sh'], reversible: true }], after: [] },
      timeoutMs: 600_000,
    });
    const canary = { kind: 'canary', steps: [{ weight: 10, holdMs: 120_000 }], traffic: 'replicas' };
    expect(deployments.get('production')).toEqual({ ...dev, strategy: canary });
  });

  test('the same with CRLF and a byte order mark', async () => {
    const windows = Object.fromEntries(
      Object.entries(MONOREPO).map(([path, text]) => [path, `\uFEFF${text.replaceAll('\n', '\r\n')}`]),
    );
    expect(await load(windows)).toEqual(await load(MONOREPO));
  });
});

test('the example shop of the repository is read', async () => {
  const root = fileURLToPath(new URL('../../../examples/shop', import.meta.url));
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yml'));
  const files = paths.map((path) => [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')]);
  const config = await load(Object.fromEntries(files));
  expect(config.services.map(({ name }) => name)).toEqual(['cart', 'catalog', 'checkout', 'pricing', 'status']);
  expect(config.environments.map(({ name }) => name)).toEqual(['dev', 'production']);
  expect(serviceOf(config, 'cart').deployments.get('production')).toMatchObject({
    target: { kind: 'local', directory: '../../../shop-runtime/production/cart' },
    verify: { http: [{ url: '{url}/readyz', withinMs: 20_000 }] },
    timeoutMs: 30_000,
  });
});
