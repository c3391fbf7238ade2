import type { Clock } from '../../shared/model/index.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop without anything waking before the clock jumps: real work in between may go on in them. */
const IDLE_TURNS = 3;

/** A clock whose sleepers do not wait: when nothing else is going on, it jumps to the next of them. */
export class LazyClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #pumping = false;

  constructor(start = Date.UTC(2026, 2, 2, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + ms, wake: () => this.#end(sleeper, resolve) };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      void this.#pump();
    });
  }

  #end(sleeper: Sleeper, resolve: () => void): void {
    this.#sleepers = this.#sleepers.filter((it) => it !== sleeper);
    resolve();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#sleepers.length > 0) {
      for (let turn = 0; turn < IDLE_TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const next = this.#sleepers.reduce((a, b) => (b.at < a.at ? b : a), this.#sleepers[0] ?? NEVER);
      if (next === NEVER) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#pumping = false;
  }
}

const NEVER: Sleeper = { at: Number.POSITIVE_INFINITY, wake: () => {} };
