import {
  type Commit,
  type DeployEvent,
  type Digest,
  type Graph,
  type GraphNode,
  NOTHING_IMPORTED,
  type Release,
  type Service,
  type ServiceName,
  type StreamState,
} from '../../../shared/model/index.ts';

/** Noon of a day in March 2026, minutes added. */
export const at = (minutes: number): string => new Date(Date.UTC(2026, 2, 2, 12) + minutes * 60_000).toISOString();

const hex = (text: string, length: number): string =>
  [...text]
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .padEnd(length, '0')
    .slice(0, length);

/** A digest that starts with the letters of a name, so that histories can be written as A, B, A. */
export const digest = (name: string): Digest => `sha256:${hex(name, 64)}`;
export const commit = (name: string): Commit => hex(name, 40);

export interface Step {
  readonly id?: string;
  readonly attempt?: number;
  readonly service?: ServiceName;
  readonly environment?: string;
  readonly class?: DeployEvent['env']['class'];
  readonly kind?: DeployEvent['kind'];
  readonly status?: DeployEvent['status'];
  readonly outcome?: DeployEvent['outcome'];
  readonly phase?: DeployEvent['phase'];
  readonly changed?: boolean;
  /** Name of the image; its version and digest follow from it. */
  readonly image?: string;
  readonly commit?: string;
  /** Minutes. */
  readonly committed?: number;
  readonly started?: number;
  readonly finished?: number;
  readonly verified?: 'passed' | 'failed' | 'none';
  readonly overridden?: readonly string[];
  readonly links?: Partial<DeployEvent['links']>;
  readonly title?: string;
  readonly message?: string;
  readonly evidence?: DeployEvent['evidence'];
  readonly by?: string;
  readonly repository?: string;
}

/** Events as a writer would have made them: places in the stream and what ran before follow from the order of the steps. */
export function history(...steps: readonly Step[]): readonly DeployEvent[] {
  const seqs = new Map<string, number>();
  const live = new Map<string, DeployEvent>();
  return steps.map((step, index) => {
    const stream = `${step.repository ?? ''}/${step.environment ?? 'production'}/${step.service ?? 'shop'}`;
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const event = make(step, index, seq, live.get(stream));
    if (event.status === 'success' && event.changed && event.kind !== 'remove') live.set(stream, event);
    return event;
  });
}

const PLAIN = {
  attempt: 1,
  service: 'shop',
  environment: 'production',
  class: 'production',
  kind: 'deploy',
  outcome: null,
  phase: 'both',
  image: 'A',
  verified: 'passed',
  overridden: [],
  title: null,
  message: null,
  evidence: null,
  by: 'ada',
  repository: 'acme/shop',
} as const;

function make(step: Step, index: number, seq: number, before: DeployEvent | undefined): DeployEvent {
  const open = step.phase === 'start';
  const started = step.started ?? index * 60;
  const status = step.status ?? (open ? 'in_progress' : 'success');
  const it = { ...PLAIN, id: `event-${index}`, finished: started + 5, committed: started - 30, ...step };
  return {
    v: 1,
    id: it.id,
    stream: `${it.environment}/${it.service}`,
    seq,
    phase: it.phase,
    kind: it.kind,
    status,
    outcome: it.outcome,
    reason: null,
    message: it.message,
    service: it.service,
    team: null,
    env: { name: it.environment, class: it.class, url: null },
    artifact: { name: 'ghcr.io/acme/shop', digest: digest(it.image), purl: 'pkg:oci/shop' },
    version: it.image,
    commit: {
      sha: commit(step.commit ?? it.image),
      repo: it.repository,
      ref: 'refs/heads/main',
      title: it.title,
      date: at(it.committed),
    },
    prev: before === undefined ? null : previous(before),
    actor: { login: it.by, type: 'user' },
    strategy: { type: 'rolling' },
    times: { started: at(started), finished: open ? null : at(it.finished) },
    run: { id: String(1000 + index), attempt: it.attempt, job: 'deploy', url: null, workflow_ref: null },
    changed: step.changed ?? (!open && (status === 'success' || status === 'failure')),
    verify: { result: it.verified, checks: [] },
    evidence: it.evidence,
    gates: { overridden: it.overridden },
    links: { rolls_back: null, remediates: null, incident: null, supersedes: null, ...step.links },
    target: null,
    lease: null,
    annotations: {},
  };
}

const previous = (before: DeployEvent): DeployEvent['prev'] => ({
  event_id: before.id,
  version: before.version,
  commit: before.commit.sha,
  digest: before.artifact?.digest ?? null,
});

export function release(image: string, minutes = 0, by = 'ada'): Release {
  return {
    image: { repository: 'ghcr.io/acme/shop', digest: digest(image) },
    commit: commit(image),
    version: image,
    event: `event-${image}`,
    since: at(minutes),
    by,
    target: { kind: 'local', directory: '/srv', port: undefined },
  };
}

export function state(
  service: ServiceName,
  environment: string,
  live: Release | null,
  more: Partial<StreamState> = {},
): StreamState {
  return {
    v: 1,
    environment,
    service,
    repository: 'acme/shop',
    seq: 1,
    live,
    good: live === null ? [] : [live],
    held: [],
    in_doubt: null,
    needs_human: null,
    updated: live?.since ?? at(0),
    ...more,
  };
}

/** A graph from direct dependencies; aliases and teams by service. */
export function graph(
  dependencies: Readonly<Record<ServiceName, readonly ServiceName[]>>,
  more: Readonly<Record<ServiceName, { readonly aliases?: readonly ServiceName[]; readonly team?: string }>> = {},
): Graph {
  const node = ([name, direct]: [ServiceName, readonly ServiceName[]]): [ServiceName, GraphNode] => [
    name,
    { service: service(name, more[name]), dependencies: direct, imported: NOTHING_IMPORTED, closure: new Map() },
  ];
  return { nodes: new Map(Object.entries(dependencies).map(node)), cycles: [] };
}

function service(
  name: ServiceName,
  more: { readonly aliases?: readonly ServiceName[]; readonly team?: string } = {},
): Service {
  const none = { from: '', patterns: [] };
  return {
    name,
    aliases: more.aliases ?? [],
    team: more.team,
    path: `services/${name}`,
    files: none,
    dependencies: { services: [], paths: none },
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
      tags: [],
      cacheEpoch: 'never',
      reuse: 'off',
      reuseKey: undefined,
      gates: [],
      sbom: false,
      sign: undefined,
    },
    deployments: new Map(),
  };
}
