/** Numbers that look random and are the same for the same seed: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds would otherwise begin alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  /** From 0 up to `end`, which is never given. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True so many times of a hundred. */
  percent(share: number): boolean {
    return this.below(100) < share;
  }

  pick<T>(all: readonly T[]): T {
    const found = all[this.below(all.length)];
    if (found === undefined) throw new Error('There is nothing to pick from.');
    return found;
  }

  /** One of several, each as often as its weight says. */
  weighted<T>(all: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.below(all.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of all) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new Error('There is nothing to pick from.');
  }

  some<T>(all: readonly T[], share: number): readonly T[] {
    return all.filter(() => this.percent(share));
  }
}
