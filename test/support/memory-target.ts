import {
  type Acquired,
  type Clock,
  type Digest,
  Fenced,
  type Intent,
  type Lease,
  type Observation,
  type Owner,
  type Readiness,
  type Release,
  type StreamState,
  type Target,
  userError,
} from '../../shared/model/index.ts';

/** How long a lease holds without being renewed. */
const TTL_MS = 60_000;

interface Write {
  readonly owner: string;
  readonly what: string;
}

/** `never`: it does not become ready before the signal ends the wait. */
type Behaviour = 'ready' | 'failed' | 'never' | 'throws';

interface Holder {
  readonly owner: Owner;
  readonly sequence: number;
  readonly since: string;
  renewed: number;
}

/**
 * A target in memory, with a lease as real ones have it: one holder, a sequence that grows, expiry by the target's clock,
 * and writes that a lost lease refuses. A killed owner is gone at once: whatever it still calls never answers.
 */
export class MemoryTarget implements Target {
  readonly kind = 'local';
  readonly writes: Write[] = [];
  readonly behaviours = new Map<Digest, Behaviour>();
  /** Digest → why it cannot be prepared. */
  readonly missing = new Set<Digest>();
  /** The next apply happens, but its answer is lost. */
  loseAnswer = false;
  unreachable = false;
  live: { readonly release: Release; readonly sequence: number } | undefined;
  intent: Intent | undefined;
  stream: StreamState | undefined;
  /** Every intent that was written. */
  readonly intents: Intent[] = [];
  readonly warm = new Set<Digest>();
  #holder: Holder | undefined;
  #sequence = 0;
  readonly #dead = new Set<string>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get holder(): string | undefined {
    return this.#holder?.owner.id;
  }

  /** Who has the lease and lives; what a dead one left hinders nobody. */
  get livingHolder(): string | undefined {
    return this.#holder && this.#isAlive(this.#holder) ? this.#holder.owner.id : undefined;
  }

  /** The writes that changed what runs. */
  get changes(): readonly Write[] {
    return this.writes.filter((it) => it.what.startsWith('apply') || it.what === 'remove');
  }

  /** The process of this owner ends without a word. */
  kill(owner: string): void {
    this.#dead.add(owner);
  }

  /** The same machine runs again under this name (`post:` after a main that died). */
  revive(owner: string): void {
    this.#dead.delete(owner);
  }

  /** Lets the lease run out, as when its holder is paused for too long. */
  expire(): void {
    if (this.#holder) this.#holder.renewed = this.#clock.now() - TTL_MS - 1;
  }

  applied(owner?: string): readonly string[] {
    const mine = this.writes.filter((it) => owner === undefined || it.owner === owner);
    return mine.filter((it) => it.what.startsWith('apply')).map((it) => it.what);
  }

  async observe(): Promise<Observation> {
    await turn();
    if (this.unreachable) throw userError('target-unavailable', 'The target does not answer.');
    const live = this.live;
    return {
      live: live && { image: live.release.image, event: live.release.event, sequence: live.sequence },
      url: live && `http://127.0.0.1/${live.release.version}`,
      intent: this.intent,
      stream: this.stream,
      lease: this.#holder && { owner: this.#holder.owner, alive: this.#isAlive(this.#holder) },
      warm: [...this.warm],
    };
  }

  async acquire(owner: Owner, options: { readonly force: boolean }): Promise<Acquired> {
    await this.#alive(owner.id);
    const holder = this.#holder;
    if (holder && this.#isAlive(holder) && holder.owner.id !== owner.id && !options.force) {
      return { kind: 'busy', holder: holder.owner, since: holder.since };
    }
    this.#sequence += 1;
    const now = this.#clock.now();
    const mine = { owner, sequence: this.#sequence, since: new Date(now).toISOString(), renewed: now };
    this.#holder = mine;
    return { kind: 'held', lease: this.#lease(mine) };
  }

  #lease(mine: Holder): Lease {
    const write = async (what: string, act: () => void) => {
      await this.#alive(mine.owner.id);
      if (this.#holder !== mine) throw new Fenced(this.#holder?.owner);
      if (this.unreachable) throw userError('target-unavailable', 'The target does not answer.');
      if (what !== 'renew') this.writes.push({ owner: mine.owner.id, what });
      act();
    };
    return {
      sequence: mine.sequence,
      renewEveryMs: 15_000,
      renew: () =>
        write('renew', () => {
          mine.renewed = this.#clock.now();
        }),
      intend: (intent) =>
        write(`intend ${intent?.step ?? 'nothing'}`, () => {
          this.intent = intent;
          if (intent !== undefined) this.intents.push(intent);
        }),
      remember: (state) =>
        write(`remember ${state.seq}`, () => {
          this.stream = state;
        }),
      prepare: (release) =>
        write(`prepare ${release.version}`, () => {
          if (this.missing.has(release.image.digest)) throw userError('image-not-found', 'The image is gone.');
          this.warm.add(release.image.digest);
        }),
      apply: async (release, pace) => {
        await write(`apply ${release.version} ${pace}`, () => {
          this.live = { release, sequence: mine.sequence };
        });
        if (!this.loseAnswer) return;
        this.loseAnswer = false;
        throw userError('target-unavailable', 'The connection broke.');
      },
      ready: (signal) => this.#ready(mine, signal),
      evidence: async () => {
        await this.#alive(mine.owner.id);
        return { summary: 'It ended with exit code 1.', log: ['starting', 'password=hunter22 was refused'] };
      },
      settle: () => write('settle', () => {}),
      remove: () =>
        write('remove', () => {
          this.live = undefined;
        }),
      release: async () => {
        await this.#alive(mine.owner.id);
        if (this.#holder === mine) this.#holder = undefined;
      },
    };
  }

  async #ready(mine: Holder, signal: AbortSignal): Promise<Readiness> {
    await this.#alive(mine.owner.id);
    if (this.#holder !== mine) throw new Fenced(this.#holder?.owner);
    const release = this.live?.release;
    const behaviour = (release && this.behaviours.get(release.image.digest)) ?? 'ready';
    if (behaviour === 'throws') throw userError('target-unavailable', 'The target does not answer.');
    if (behaviour === 'never' && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    if (behaviour === 'ready') return { kind: 'ready', url: `http://127.0.0.1/${release?.version}` };
    return { kind: 'failed', reason: 'start-failed', sentence: `${release?.version} did not start: token=abc123def.` };
  }

  #isAlive(holder: Holder): boolean {
    return !this.#dead.has(holder.owner.id) && this.#clock.now() - holder.renewed <= TTL_MS;
  }

  async #alive(owner: string): Promise<void> {
    await turn();
    if (this.#dead.has(owner)) await new Promise(() => {});
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
