import type { Evidence, Intent, Lease, Readiness, Release, StreamState } from '../../model/index.ts';
import { keptStream } from '../kept.ts';
import { applyRelease } from './apply.ts';
import { type Instance, readState, type State, writeIntent, writeState, writeStream } from './files.ts';
import { saidEnd } from './instances.ts';
import { RENEW_EVERY_MS } from './lease-store.ts';
import { untilReady } from './ready.ts';
import { IMAGES_KEPT, intentFile, type Site, stateFile, streamFile } from './site.ts';

/** The right to write in the directory, until someone else has it. */
export class LocalLease implements Lease {
  readonly sequence: number;
  readonly renewEveryMs = RENEW_EVERY_MS;
  readonly #site: Site;

  constructor(site: Site, sequence: number) {
    this.#site = site;
    this.sequence = sequence;
  }

  renew(): Promise<void> {
    return this.#site.leases.renew(this.sequence);
  }

  intend(intent: Intent | undefined): Promise<void> {
    return this.fence(() => writeIntent(intentFile(this.#site), intent));
  }

  remember(state: StreamState): Promise<void> {
    return this.fence(() => writeStream(streamFile(this.#site), keptStream(state)));
  }

  async prepare(release: Release, signal?: AbortSignal): Promise<void> {
    await this.#check();
    await this.#site.images.prepare(release.image, (act) => this.fence(act), signal);
  }

  async apply(release: Release): Promise<void> {
    await this.#check();
    await applyRelease(this.#site, this, release);
  }

  async ready(signal: AbortSignal, progress: (line: string) => void): Promise<Readiness> {
    await this.#check();
    const live = (await this.state()).live;
    if (live === null) return { kind: 'failed', reason: 'start-failed', sentence: 'Nothing is applied.' };
    return untilReady(this.#site, live, signal, progress);
  }

  async evidence(): Promise<Pick<Evidence, 'summary' | 'log'>> {
    await this.#check();
    const { live } = await this.state();
    if (live === null) return { summary: 'Nothing is applied.', log: [] };
    const summary = (await this.#site.instances.isAlive(live.id))
      ? `The process runs (port ${live.port}).`
      : `The process has ended${saidEnd(this.#site.instances.endOf(live.id))}.`;
    return { summary, log: await this.#site.instances.log(live.id) };
  }

  async settle(): Promise<void> {
    const { live, kept } = await this.state();
    const keep = live === null ? kept : [live.image.digest, ...kept.filter((it) => it !== live.image.digest)];
    const settled = await this.write((state) => ({ ...state, settled: state.live, kept: keep.slice(0, IMAGES_KEPT) }));
    await this.#site.instances.keepOnly(idsOf(live), (act) => this.fence(act));
    await this.fence(() => this.#site.images.keep(settled.kept));
  }

  async remove(): Promise<void> {
    await this.write((state) => ({ ...state, live: null, settled: null }));
    await this.#site.instances.keepOnly([], (act) => this.fence(act));
  }

  release(): Promise<void> {
    return this.#site.leases.release(this.sequence);
  }

  /** Does something while nobody else can take the lease; throws Fenced, doing nothing, when somebody has. */
  fence<T>(act: () => Promise<T>): Promise<T> {
    return this.#site.leases.fenced(this.sequence, act);
  }

  /** Throws Fenced when the lease is lost, before anything else is looked at. */
  #check(): Promise<void> {
    return this.fence(() => Promise.resolve());
  }

  async state(): Promise<State> {
    return (await readState(stateFile(this.#site))) ?? NOTHING;
  }

  /** Changes state.json by one rename, under the lease. */
  write(change: (state: State) => State): Promise<State> {
    return this.fence(async () => {
      const next = { ...change(await this.state()), sequence: this.sequence };
      await writeState(stateFile(this.#site), next);
      return next;
    });
  }
}

const NOTHING: State = { v: 1, sequence: 0, live: null, settled: null, kept: [] };

const idsOf = (instance: Instance | null): readonly string[] => (instance === null ? [] : [instance.id]);
