/** The middle of a list of numbers (the mean of the two middle ones of an even list); null of an empty one. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** How long something took, or has taken so far when its end has not been seen yet. */
export interface Spell {
  readonly ms: number;
  readonly ended: boolean;
}

/** The survival curve is a product of fractions: equal to a half within this. */
const ROUNDING = 1e-9;

/**
 * The median of spells of which some still go on (right-censored): where the Kaplan–Meier curve crosses one half.
 * To drop the open ones, or to count them as if they had ended, would make the number better than the facts.
 * A curve that lies on one half exactly gives the middle of that step, as `survfit` of R does, so that without open
 * spells this is the ordinary median.
 *
 * Source: E. L. Kaplan, P. Meier, "Nonparametric Estimation from Incomplete Observations", JASA 53 (1958).
 *
 * @returns null when the curve never comes down to one half
 */
export function censoredMedian(spells: readonly Spell[]): number | null {
  const ends = [...new Set(spells.filter((it) => it.ended).map((it) => it.ms))].sort((a, b) => a - b);
  let surviving = 1;
  for (const [index, end] of ends.entries()) {
    const atRisk = spells.filter((it) => it.ms >= end).length;
    const ended = spells.filter((it) => it.ended && it.ms === end).length;
    surviving *= 1 - ended / atRisk;
    if (surviving < 0.5 - ROUNDING) return end;
    if (surviving <= 0.5 + ROUNDING) return (end + (ends[index + 1] ?? end)) / 2;
  }
  return null;
}
