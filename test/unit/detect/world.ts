import type { DetectInput, DetectRequest } from '../../../shared/detect/index.ts';
import { buildGraph } from '../../../shared/graph/index.ts';
import {
  type Checkout,
  type Commit,
  type CommitFacts,
  type Config,
  type DeploySettings,
  type Environment,
  type Release,
  type RunContext,
  type Service,
  type StreamReading,
  type StreamState,
  type Trigger,
  userError,
} from '../../../shared/model/index.ts';

/** A commit id that can be told from others by its first letters. */
export const id = (name: string): Commit => Buffer.from(name).toString('hex').padEnd(40, '0').slice(0, 40);

const DEPLOY: DeploySettings = {
  target: { kind: 'local', directory: '/tmp/x', port: undefined },
  strategy: { kind: 'rolling' },
  verify: { http: [], metrics: undefined },
  rollback: { automatic: true, hold: 'digest' },
  hooks: { before: [], after: [] },
  timeoutMs: 1,
};

export function service(name: string, environments: readonly string[] = [], more: Partial<Service> = {}): Service {
  const path = more.path ?? `services/${name}`;
  return {
    name,
    aliases: [],
    team: undefined,
    path,
    files: { from: path, patterns: ['**'] },
    dependencies: { services: [], paths: { from: '', patterns: [] } },
    runner: undefined,
    matrix: {},
    test: undefined,
    image: {
      builder: undefined,
      source: undefined,
      repository: `ghcr.io/acme/shop/${name}`,
      context: '.',
      dockerfile: 'Dockerfile',
      target: undefined,
      buildArgs: {},
      secrets: [],
      platforms: [],
      native: undefined,
      tags: ['sha'],
      cacheEpoch: 'never',
      reuse: 'verified',
      reuseKey: undefined,
      gates: [],
      sbom: false,
      sign: undefined,
    },
    deployments: new Map(environments.map((it) => [it, DEPLOY])),
    ...more,
  };
}

const environment = (name: string): Environment => ({
  name,
  class: 'production',
  after: [],
  approval: undefined,
  freeze: [],
  require: [],
});

export function config(services: readonly Service[], more: Partial<Config> = {}): Config {
  const names = [...new Set(services.flatMap(({ deployments }) => [...deployments.keys()]))];
  return {
    file: 'slipway.yml',
    registry: 'ghcr.io/acme/shop',
    services,
    environments: names.map(environment),
    sharedPaths: { from: '', patterns: [] },
    graphImport: undefined,
    ledger: { remote: 'origin', shared: false, token: undefined },
    sinks: [],
    ...more,
  };
}

export function run(trigger: Trigger, sha: Commit, ref = 'refs/heads/main'): RunContext {
  return {
    repository: 'acme/shop',
    sha,
    ref,
    defaultBranch: 'main',
    trigger,
    id: '1',
    attempt: 1,
    job: 'detect',
    url: undefined,
    workflowRef: undefined,
    actor: 'ann',
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
  };
}

export const push = (before: Commit | undefined, branch = 'main'): Trigger => ({
  kind: 'push',
  branch,
  before,
  forced: false,
});

/** A history told by hand: what differs between two commits, how names resolve. Everything else is not there. */
export interface FakeHistory {
  readonly changed?: Readonly<Record<string, readonly string[]>>;
  readonly names?: Readonly<Record<string, Commit>>;
  readonly facts?: Readonly<Record<Commit, Partial<CommitFacts>>>;
  readonly mergeBases?: Readonly<Record<string, Commit>>;
  readonly tags?: Readonly<Record<string, { readonly tag: string; readonly commit: Commit }>>;
  readonly lost?: readonly Commit[];
}

/** Keys of `changed` and `mergeBases` are `<a> <b>`; a pair that is not told has not changed. */
export function fakeCheckout(history: FakeHistory): Checkout & { readonly diffs: string[] } {
  const diffs: string[] = [];
  return {
    diffs,
    root: '/work',
    shallow: false,
    resolve: async (name) => history.names?.[name],
    facts: async (sha) =>
      history.facts?.[sha] && { sha, parents: [], date: '', title: '', author: '', ...history.facts[sha] },
    obtain: async (commit) => history.lost?.includes(commit) !== true,
    mergeBase: async (a, b) => history.mergeBases?.[`${a} ${b}`],
    relation: async () => 'unknown',
    successors: async () => undefined,
    changed: async (base, head) => {
      const missing = [base, head].find((commit) => history.lost?.includes(commit));
      if (missing !== undefined) {
        const code = missing === base ? 'base-unknown' : 'git-failed';
        throw userError(code, `Commit ${missing} is not in this clone, and the remote does not give it.`);
      }
      diffs.push(`${base} ${head}`);
      return history.changed?.[`${base} ${head}`] ?? [];
    },
    at: () => ({
      read: async () => undefined,
      entries: async () => [],
      find: async () => [],
      readAll: async () => new Map(),
      links: async () => new Map(),
    }),
    tagsAt: async () => [],
    previousTag: async (prefix) => history.tags?.[prefix],
  };
}

export const REQUEST: DetectRequest = {
  base: 'auto',
  head: undefined,
  select: 'changed',
  environments: undefined,
  onUnknownBase: 'all',
};

export function input(given: Partial<DetectInput> & Pick<DetectInput, 'config' | 'run' | 'checkout'>): DetectInput {
  return {
    graph: buildGraph(given.config),
    request: REQUEST,
    stream: () => ({ kind: 'missing' }),
    configAt: async () => undefined,
    ...given,
  };
}

export function release(commit: Commit): Release {
  return {
    image: { repository: 'ghcr.io/acme/shop/a', digest: `sha256:${'1'.repeat(64)}` },
    commit,
    version: '1',
    event: 'e',
    since: '2026-11-24T12:00:00Z',
    by: 'ann',
    target: { kind: 'local', directory: '/tmp/x', port: undefined },
  };
}

/** A record that can be believed, of a stream in which `commit` runs. */
export function running(commit: Commit, more: Partial<StreamState> = {}): StreamReading {
  const live = release(commit);
  const state: StreamState = {
    v: 1,
    environment: 'production',
    service: 'a',
    repository: 'acme/shop',
    seq: 1,
    live,
    good: [live],
    held: [],
    in_doubt: null,
    needs_human: null,
    updated: '2026-11-24T12:00:00Z',
    ...more,
  };
  return { kind: 'believed', tip: id('tip'), state };
}
