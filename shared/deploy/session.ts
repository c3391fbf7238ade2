import { Fenced, type Lease, messageOf } from '../model/index.ts';
import type { SettleDeps } from './deps.ts';
import type { Step } from './steps.ts';

/** The run was told to stop: nothing more is begun, and what was is left to `post:` or a later run. */
export class Cancelled extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'Cancelled';
  }
}

/** Steps that change what runs, or may have when their answer is lost. */
const CHANGING: ReadonlySet<Step> = new Set(['apply', 'revert-apply', 'remove']);

/** A lease in use: steps go through here, so that a cancelled or fenced run ends at the next one or in the middle of it. */
export class Session {
  readonly lease: Lease;
  readonly deps: SettleDeps;
  /** Whether anything that runs was changed, or may have been. */
  changed = false;
  readonly #ended = new AbortController();

  constructor(lease: Lease, deps: SettleDeps) {
    this.lease = lease;
    this.deps = deps;
  }

  /** Whether it was cancelled, or has lost its lease: then it writes nothing more. */
  get stopped(): boolean {
    return this.#ended.signal.aborted || this.deps.signal.aborted;
  }

  /** Announces a step and carries it out. Throws {@link Cancelled} or {@link Fenced} at once when either comes meanwhile. */
  async step<T>(name: Step, act: () => Promise<T>): Promise<T> {
    this.#check();
    await this.#race(Promise.resolve(this.deps.onProgress(name)));
    this.#check();
    if (CHANGING.has(name)) this.changed = true;
    try {
      return await this.#race(act());
    } catch (error) {
      if (error instanceof Fenced) this.#ended.abort(error);
      throw error;
    }
  }

  /** A signal that aborts after so many milliseconds, or with the run; `done` ends the timer. */
  deadline(ms: number): { readonly signal: AbortSignal; readonly done: () => void } {
    const late = new AbortController();
    const timer = new AbortController();
    void this.deps.clock.sleep(ms, timer.signal).then(() => late.abort());
    const signal = AbortSignal.any([late.signal, this.deps.signal, this.#ended.signal]);
    return { signal, done: () => timer.abort() };
  }

  /** Renews the lease while `body` runs. */
  async beating<T>(body: () => Promise<T>): Promise<T> {
    const stop = new AbortController();
    void this.#beat(stop.signal);
    try {
      return await body();
    } finally {
      stop.abort();
    }
  }

  async #beat(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.deps.clock.sleep(this.lease.renewEveryMs, stop);
      if (stop.aborted) return;
      try {
        await this.lease.renew();
      } catch (error) {
        if (error instanceof Fenced) return this.#ended.abort(error);
        // The lease outlives a missed beat; when it does not, the next write says so.
        this.deps.log.debug(`The lease could not be renewed: ${messageOf(error)}`);
      }
    }
  }

  #check(): void {
    if (this.#ended.signal.aborted) throw this.#ended.signal.reason;
    if (this.deps.signal.aborted) throw new Cancelled();
  }

  async #race<T>(work: Promise<T>): Promise<T> {
    const signals = [this.#ended.signal, this.deps.signal];
    let stop = () => {};
    const stopped = new Promise<never>((_resolve, reject) => {
      stop = () => reject(this.#ended.signal.aborted ? this.#ended.signal.reason : new Cancelled());
    });
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', stop);
    }
  }
}
