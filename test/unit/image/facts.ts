import type { DockerFacts, LayerFacts, LayerFile, NativeFacts, SourceFacts } from '../../../shared/image/index.ts';
import type { ImageSettings, NativeSettings } from '../../../shared/model/index.ts';

export const NATIVE: NativeSettings = {
  base: 'scratch',
  layers: [{ from: 'src', to: '/app' }],
  entrypoint: ['node', '/app/server.js'],
  cmd: [],
  env: {},
  ports: [8080],
  user: undefined,
  workdir: undefined,
};

export const SETTINGS: ImageSettings = {
  builder: undefined,
  source: undefined,
  repository: 'ghcr.io/acme/shop/checkout',
  context: '.',
  dockerfile: 'Dockerfile',
  target: undefined,
  buildArgs: {},
  secrets: [],
  platforms: [],
  native: NATIVE,
  tags: ['sha', 'branch', 'semver', 'date'],
  cacheEpoch: 'never',
  reuse: 'tag',
  reuseKey: undefined,
  gates: [],
  sbom: false,
  sign: undefined,
};

export const fileFact = (path: string, more: Partial<LayerFile> = {}): LayerFile => ({
  path,
  mode: '100644',
  hash: path.padEnd(64, '0'),
  size: 1,
  ...more,
});
export const layer = (to: string, ...files: readonly LayerFile[]): LayerFacts => ({ to, source: '/work', files });

export const imageFacts = (more: Partial<NativeFacts> = {}): NativeFacts => ({
  service: 'checkout',
  builder: 'native',
  settings: SETTINGS,
  native: NATIVE,
  layers: [layer('/app', fileFact('a.js'), fileFact('server.js'))],
  base: undefined,
  platforms: [{ os: 'linux', architecture: 'amd64' }],
  source: 'https://github.com/acme/shop',
  now: Date.UTC(2026, 0, 15),
  ...more,
});

export const dockerFacts = (more: Partial<DockerFacts> = {}): DockerFacts => ({
  service: 'checkout',
  builder: 'docker',
  settings: { ...SETTINGS, native: undefined },
  base: undefined,
  platforms: [{ os: 'linux', architecture: 'amd64' }],
  source: 'https://github.com/acme/shop',
  now: Date.UTC(2026, 0, 15),
  dockerfile: { source: '/work/Dockerfile', text: 'FROM scratch\n', hash: 'd'.repeat(64), frontend: undefined },
  context: { source: '/work', files: [fileFact('a.js'), fileFact('server.js')], ignore: '**/.git\n' },
  pins: [],
  buildArgs: {},
  target: undefined,
  secrets: [],
  volatile: [],
  notes: [],
  ...more,
});

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const sourceFacts = (more: Partial<SourceFacts> = {}): SourceFacts => ({
  service: 'checkout',
  commit: COMMIT,
  commitDate: '2026-01-02T23:30:00-03:00',
  ref: 'refs/heads/main',
  defaultBranch: 'main',
  trigger: { kind: 'push', branch: 'main', before: undefined, forced: false },
  tagsAtCommit: [],
  published: [],
  ...more,
});
export const onTag = (tag: string, more: Partial<SourceFacts> = {}): SourceFacts =>
  sourceFacts({ ref: `refs/tags/${tag}`, trigger: { kind: 'tag', tag }, tagsAtCommit: [tag], ...more });
export const onPullRequest = (number: number): SourceFacts =>
  sourceFacts({
    ref: `refs/pull/${number}/merge`,
    trigger: {
      kind: 'pull-request',
      number,
      base: { ref: 'main', sha: undefined },
      head: { ref: 'feature', sha: undefined },
      fork: false,
    },
  });
