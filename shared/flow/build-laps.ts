import type { Clock } from '../model/index.ts';

/** One part of a run and how long it took, in milliseconds. */
export interface Lap {
  readonly name: string;
  readonly ms: number;
}

/** Tells where the time of a run goes: each part ends when the next one begins. */
export class Laps {
  readonly #clock: Clock;
  readonly #laps: Lap[] = [];
  #current: { readonly name: string; readonly since: number };

  constructor(clock: Clock, first: string) {
    this.#clock = clock;
    this.#current = { name: first, since: clock.now() };
  }

  next(name: string): void {
    const now = this.#clock.now();
    this.#laps.push({ name: this.#current.name, ms: now - this.#current.since });
    this.#current = { name, since: now };
  }

  /** All parts so far, the current one too, in their order; those that took no time are left out. */
  get all(): readonly Lap[] {
    const { name, since } = this.#current;
    return [...this.#laps, { name, ms: this.#clock.now() - since }].filter(({ ms }) => ms > 0);
  }
}
