import {
  bareEnvironment,
  type DeployDeps,
  type DeployFacts,
  finishCancelled,
  type NewRelease,
  type PlanSettings,
  planDeploy,
  runDeploy,
  type Step,
  settleVanished,
} from '../../../shared/deploy/index.ts';
import {
  type CheckResult,
  type DeployPlan,
  type Digest,
  type Log,
  type Release,
  redactor,
  type Settled,
  type StreamState,
  userError,
} from '../../../shared/model/index.ts';
import { LazyClock } from '../../support/lazy-clock.ts';
import { MemoryLedger } from '../../support/memory-journal.ts';
import { MemoryTarget } from '../../support/memory-target.ts';

export const digestOf = (version: number): Digest => `sha256:${String(version).padStart(4, '0').repeat(16)}`;
export const commitOf = (version: number): string => String(version).padStart(40, 'c');

export const releaseOf = (version: number): NewRelease => ({
  image: { repository: 'ghcr.io/acme/shop/checkout', digest: digestOf(version) },
  commit: commitOf(version),
  version: `v${version}`,
  by: 'dana',
  target: { kind: 'local', directory: '/srv', port: undefined },
});

export const goodRelease = (version: number): Release => ({
  ...releaseOf(version),
  event: `old:deploy:v${version}`,
  since: '2026-03-01T12:00:00.000Z',
});

export const stateOf = (change: Partial<StreamState> = {}): StreamState => ({
  v: 1,
  environment: 'production',
  service: 'checkout',
  repository: 'acme/shop',
  seq: 4,
  live: null,
  good: [],
  held: [],
  in_doubt: null,
  needs_human: null,
  updated: '2026-03-01T12:00:00.000Z',
  ...change,
});

export const settingsOf = (change: Partial<PlanSettings> = {}): PlanSettings => ({
  strategy: { kind: 'rolling' },
  verify: { http: [], metrics: undefined },
  rollback: { automatic: true, hold: 'digest' },
  hooks: { before: [], after: [] },
  ...change,
});

export const factsOf = (change: Partial<DeployFacts> = {}): DeployFacts => ({
  mode: 'deploy',
  service: 'checkout',
  environment: bareEnvironment('production'),
  release: releaseOf(2),
  record: 'missing',
  shows: { kind: 'not-looked', why: 'no credentials' },
  before: [],
  ancestry: undefined,
  now: Date.UTC(2026, 2, 2, 12),
  overrides: [],
  settings: settingsOf(),
  to: undefined,
  scope: undefined,
  by: 'dana',
  because: undefined,
  ...change,
});

export type Options = Partial<DeployFacts> & {
  /** Dies before this step. */
  readonly dieAt?: Step;
  readonly cancelAt?: Step;
  readonly lockWaitMs?: number;
};

/** One environment of one service, and runs that come and go. */
export class World {
  readonly clock = new LazyClock();
  readonly target = new MemoryTarget(this.clock);
  readonly ledger = new MemoryLedger();
  /** The ledger cannot be read when a plan is made again. */
  unreadable = false;
  readonly steps: string[] = [];
  /** Digests whose checks fail. */
  readonly unhealthy = new Set<Digest>();
  readonly log: string[] = [];
  readonly #deaths = new Map<string, () => void>();

  /** A world in which these versions settled good, the last of them live. */
  static async after(...versions: number[]): Promise<World> {
    const world = new World();
    for (const version of versions) await world.deploy(`setup-${version}`, version);
    world.target.writes.length = 0;
    world.ledger.events.length = 0;
    world.steps.length = 0;
    return world;
  }

  deploy(run: string, version: number, options: Options = {}): Promise<Settled> {
    return this.run(run, { release: releaseOf(version), ...options });
  }

  /** Runs until the end, or until death: then it gives `undefined` as a Settled never comes. */
  async run(run: string, options: Options): Promise<Settled> {
    const plan = await this.plan(options);
    return runDeploy(plan, this.deps(run, options));
  }

  /** A run that dies before a step; resolves once it is dead, or with its end when it never came there. */
  die(run: string, dieAt: Step, options: Options): Promise<Settled | 'dead'> {
    return this.dying(run, () => this.run(run, { ...options, dieAt }));
  }

  /** Resolves once this run is dead, or with what it gives when it did not die. */
  dying<T>(run: string, work: () => Promise<T>): Promise<T | 'dead'> {
    return Promise.race([this.#deathOf(run), work()]);
  }

  /** A sweep that dies before a step, if it comes there. */
  dieSweeping(run: string, dieAt: Step): Promise<unknown> {
    return this.dying(run, () => this.sweep(run, { dieAt }));
  }

  #deathOf(run: string): Promise<'dead'> {
    return new Promise((resolve) => this.#deaths.set(run, () => resolve('dead')));
  }

  cancel(run: string, cancelAt: Step, options: Options): Promise<Settled> {
    return this.run(run, { ...options, cancelAt });
  }

  /** Waits until a run has come to a step. */
  async reaches(step: string): Promise<void> {
    for (let turn = 0; turn < 10_000; turn += 1) {
      if (this.steps.includes(step)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`No run came to: ${step}`);
  }

  post(run: string, onCancel: 'revert' | 'leave' = 'revert', dieAt?: Step): Promise<Settled | undefined> {
    return finishCancelled({ ...this.deps(run, dieAt === undefined ? {} : { dieAt }), onCancel });
  }

  sweep(run: string, options: Options = {}): Promise<Settled | undefined> {
    return settleVanished(this.deps(run, options));
  }

  async plan(options: Options): Promise<DeployPlan> {
    return planDeploy(await this.facts(options));
  }

  async facts(options: Options): Promise<DeployFacts> {
    const { live } = await this.target.observe().catch(() => ({ live: undefined }));
    const record = this.ledger.state ?? 'missing';
    const liveCommit = this.ledger.state?.live?.commit;
    const commit = options.release?.commit ?? '';
    const order = liveCommit === undefined ? undefined : relation(liveCommit, commit);
    const shows =
      live === undefined ? { kind: 'nothing' as const } : { kind: 'digest' as const, digest: live.image.digest };
    return factsOf({ release: undefined, record, ancestry: order, shows, now: this.clock.now(), ...options });
  }

  deps(run: string, options: Options = {}): DeployDeps {
    const cancel = new AbortController();
    return {
      target: this.target,
      journal: this.ledger.open(run),
      verify: (url) => Promise.resolve(this.checks(url)),
      clock: this.clock,
      log: this.logger(),
      redact: redactor([]),
      owner: { id: run, url: `https://ci.example/${run}` },
      lockWaitMs: options.lockWaitMs ?? 600_000,
      timeoutMs: 600_000,
      signal: cancel.signal,
      onProgress: async (step) => {
        this.steps.push(`${run} ${step}`);
        if (step === options.cancelAt) cancel.abort();
        if (step !== options.dieAt) return;
        this.target.kill(run);
        this.#deaths.get(run)?.();
        await new Promise(() => {});
      },
      review: async () => {
        if (this.unreadable) throw userError('ledger-unavailable', 'The remote does not answer.');
        return { plan: await this.plan(options), journal: this.ledger.open(run) };
      },
    };
  }

  checks(url: string | undefined): CheckResult[] {
    const version = Number(url?.split('/v')[1]);
    const passed = !this.unhealthy.has(digestOf(version));
    return [{ name: 'healthz', passed, seen: passed ? 'HTTP 200' : 'HTTP 500: broken', attempts: 1, durationMs: 1 }];
  }

  logger(): Log {
    const say = (line: string) => void this.log.push(line);
    return {
      info: say,
      debug: say,
      notice: (it) => say(it.sentence),
      warning: (it) => say(it.sentence),
      error: (it) => say(it.sentence),
      group: (title) => say(title),
      fold: (title) => {
        say(title);
        return () => undefined;
      },
    };
  }

  get running(): string | undefined {
    return this.target.live?.release.version;
  }

  get liveByLedger(): string | undefined {
    return this.ledger.state?.live?.version;
  }

  /** Ends of each event, to see that none ended twice. */
  ends(): Map<string, number> {
    const ends = new Map<string, number>();
    for (const it of this.ledger.events) {
      if (it.phase !== 'start') ends.set(it.id, (ends.get(it.id) ?? 0) + 1);
    }
    return ends;
  }
}

function relation(live: string, commit: string) {
  if (live === commit) return 'same';
  return commit > live ? 'ahead' : 'behind';
}
