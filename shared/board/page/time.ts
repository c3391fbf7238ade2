/** In which zone times are written: the reader's own or UTC, as logs and dashboards have it. */
export type Zone = 'local' | 'utc';

/** `2026-03-02 14:05:09`, the form that sorts, pastes and reads the same everywhere; empty for a time that is none. */
export function formatTime(ms: number, zone: Zone, precision: 'minutes' | 'seconds' = 'minutes'): string {
  if (Number.isNaN(ms)) return '';
  const date = new Date(ms);
  const length = precision === 'minutes' ? 16 : 19;
  const shifted = zone === 'utc' ? date : new Date(ms - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, length).replace('T', ' ');
}

/**
 * Reads a time that a person typed or pasted: ISO 8601 with or without offset, with a space for the `T`, with `UTC` or
 * `Z` at its end, or seconds or milliseconds since 1970 as dashboards put them into their URLs.
 *
 * @param zone of a time without offset
 * @returns milliseconds since 1970; undefined when it is no time
 */
export function parseTime(text: string, zone: Zone): number | undefined {
  const trimmed = text.trim();
  if (/^\d{9,10}$/.test(trimmed)) return Number(trimmed) * 1_000;
  if (/^\d{12,13}$/.test(trimmed)) return Number(trimmed);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(
    trimmed,
  );
  if (match === null) return undefined;
  const [, day = '', clock = '00:00', offset = ''] = match;
  const exact = clock.replace(/^(?=\d:)/, '0').replace(',', '.');
  const time = Date.parse(`${day}T${exact}${suffix(offset, zone)}`);
  return Number.isNaN(time) ? undefined : time;
}

function suffix(offset: string, zone: Zone): string {
  if (offset === '') return zone === 'utc' ? 'Z' : '';
  if (/^(z|utc)$/i.test(offset)) return 'Z';
  return offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** The name of a zone as people know it. */
export const zoneName = (zone: Zone): string =>
  zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
