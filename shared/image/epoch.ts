const DAY_MS = 86_400_000;

/**
 * The value of `cache-epoch` that goes into the key, so that an unchanged service is built again when it changes:
 * `2026-01` for `monthly`, the ISO 8601 week such as `2026-W01` for `weekly`, nothing for `never`, else the text itself.
 * UTC.
 *
 * @param now milliseconds since 1970
 */
export function epochOf(cacheEpoch: string, now: number): string {
  if (cacheEpoch === 'never') return '';
  const iso = new Date(now).toISOString();
  if (cacheEpoch === 'monthly') return iso.slice(0, 7);
  return cacheEpoch === 'weekly' ? isoWeek(now) : cacheEpoch;
}

/** A week belongs to the year that its Thursday lies in. */
function isoWeek(now: number): string {
  const weekday = (new Date(now).getUTCDay() + 6) % 7;
  const thursday = new Date(now + (3 - weekday) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const dayOfYear = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS);
  return `${year}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, '0')}`;
}
