const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/**
 * A span of time as a person says it: at most its two largest units, none of them zero (`7 min`, `2 h 5 min`, `3 d`).
 *
 * @param ms milliseconds; the sign is left out
 */
export function span(ms: number): string {
  const whole = Math.round(Math.abs(ms) / 1_000) * 1_000;
  const from = UNITS.findIndex(([, size]) => whole >= size);
  if (from < 0) return '0 s';
  let rest = whole;
  const parts = UNITS.slice(from, from + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** `cart`, `cart and pricing`, `cart, pricing and status`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Names in the order of their code units: the same on every machine, whatever its language. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
