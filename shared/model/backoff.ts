import type { Random } from './ports.ts';

/** Milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/**
 * How long to wait before the next try, in milliseconds: a pause that doubles up to a bound, half of it by chance, so that
 * those who failed together do not come back together. "Equal jitter" of the AWS Architecture Blog, Exponential Backoff
 * And Jitter.
 *
 * @param failures how many tries have failed, from 1
 */
export function backoffMs({ first, longest }: Backoff, failures: number, random: Random): number {
  return Math.min(longest, first * 2 ** (failures - 1)) * (0.5 + random() / 2);
}
