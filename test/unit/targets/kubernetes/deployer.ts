import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bareEnvironment,
  planDeploy,
  runDeploy,
  type SettleDeps,
  settleVanished,
} from '../../../../shared/deploy/index.ts';
import { systemClock } from '../../../../shared/io/clock.ts';
import type { Clock, Log, Settled } from '../../../../shared/model/index.ts';
import { MemoryLedger } from '../../../support/memory-journal.ts';
import { digestOf, fast, owner, type Place, REPOSITORY } from './place.ts';

interface Order {
  readonly run: string;
  /** The end is its number, by which commits are ordered. */
  readonly version: string;
  readonly mode?: 'deploy' | 'rollback' | 'sweep';
  /** It dies before this step, without a word. */
  readonly dieAt?: string;
  /** It dies with this request, which still arrives or does not. */
  readonly dieWith?: { readonly request: number; readonly arrives: boolean };
}

const silent: Log = { info() {}, debug() {}, notice() {}, warning() {}, error() {}, group() {}, fold: () => () => {} };
const noHttp = { http: [], metrics: undefined };

/** Deploys of a fake cluster by the whole protocol, with a ledger in memory, that may be killed anywhere. */
export class Deployer {
  readonly ledger = new MemoryLedger();
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Never settles for a run that dies: see {@link died}. */
  async run(order: Order): Promise<Settled | undefined> {
    const { run, version, mode = 'deploy' } = order;
    const clock = this.#mortal(order);
    const file = join(this.#place.folder, `kubeconfig-${run}`);
    writeFileSync(file, this.#place.api.kubeconfig({ token: run }));
    const settings = this.#place.settings({ kubeconfig: file });
    const target = this.#place.target({ kubeconfig: file }, clock);
    const open = () => this.ledger.open(run);
    const deps: SettleDeps = {
      target,
      journal: open(),
      verify: async () => [],
      clock,
      log: silent,
      redact: (text) => text,
      owner: owner(run),
      timeoutMs: 20_000,
      signal: new AbortController().signal,
      onProgress: (step) => (step === order.dieAt ? this.#die(run) : undefined),
    };
    if (mode === 'sweep') return settleVanished(deps);
    const image = { repository: REPOSITORY, digest: digestOf(version) };
    const release = { image, commit: commitOf(version), version, by: 'dana', target: settings };
    const plan = async () => {
      const { live } = await target.observe();
      const { state } = this.ledger;
      return planDeploy({
        mode,
        service: 'web',
        environment: bareEnvironment('production'),
        release,
        record: state ?? 'missing',
        shows: live === undefined ? { kind: 'nothing' } : { kind: 'digest', digest: live.image.digest },
        before: [],
        ancestry: state?.live
          ? state.live.commit < release.commit
            ? 'ahead'
            : state.live.commit === release.commit
              ? 'same'
              : 'behind'
          : undefined,
        now: clock.now(),
        overrides: [],
        settings: {
          strategy: { kind: 'rolling' },
          verify: noHttp,
          rollback: { automatic: true, hold: 'digest' },
          hooks: { before: [], after: [] },
        },
        to: undefined,
        scope: undefined,
        by: 'dana',
        because: undefined,
      });
    };
    const review = async () => ({ plan: await plan(), journal: open() });
    return runDeploy(await plan(), { ...deps, lockWaitMs: 20_000, review });
  }

  /** Starts a run, waits until it has died, and lets its lease run out; false: it came to its end before. */
  async died(order: Order): Promise<boolean> {
    const dead = new Promise<boolean>((resolve) => {
      this.#onDeath = () => resolve(true);
    });
    const ended = await Promise.race([dead, this.run(order).then(() => false)]);
    if (ended) this.#place.api.aheadMs += 60_000;
    return ended;
  }

  #onDeath = () => {};
  readonly #dead = new Set<string>();

  #die(run: string): Promise<never> {
    this.#dead.add(run);
    setImmediate(this.#onDeath);
    return new Promise(() => {});
  }

  /** A clock that stands still for the dead, and a network that does not know them. */
  #mortal({ run, dieWith }: Order): Clock {
    let requests = 0;
    const before = this.#place.api.fault;
    this.#place.api.fault = (seen) => {
      if (seen.authorization !== `Bearer ${run}`) return before(seen);
      if (this.#dead.has(run)) return 'hang';
      requests += 1;
      if (requests !== dieWith?.request) return before(seen);
      void this.#die(run);
      return dieWith.arrives ? 'lose-answer' : 'hang';
    };
    const sleep: Clock['sleep'] = async (ms, signal) => {
      // Deadlines and renewals stay much longer than pauses.
      await systemClock.sleep(ms >= 5_000 ? ms / 10 : Math.min(ms, 10), signal);
      if (this.#dead.has(run)) await new Promise(() => {});
    };
    return { now: fast.now, sleep };
  }
}

const commitOf = (version: string): string => version.replace(/\D/g, '').padStart(40, '0');
