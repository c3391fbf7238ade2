import { userError } from '../../model/index.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Offsets reach from −12 h to +14 h, and a zone may skip a whole day (Samoa, December 2011): two days hold any of it. */
const REACH = 2 * DAY;
const LOCAL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;

export function isZone(zone: string): boolean {
  try {
    return formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** The first instant (milliseconds since 1970) at which the wall clock of a zone shows this local time, or has skipped it. */
export function instantAtOrAfter(local: string, zone: string): number {
  const { wall, instants } = candidates(local, zone);
  return instants.length > 0 ? Math.min(...instants) : afterGap(wall, zone);
}

/** The last instant at which the wall clock comes to this local time: the second of two, or the end of the gap that skips it. */
export function instantOfEnd(local: string, zone: string): number {
  const { wall, instants } = candidates(local, zone);
  return instants.length > 0 ? Math.max(...instants) : afterGap(wall, zone);
}

/** The wall clock as if it were UTC, in milliseconds: two walls of one zone are compared by it. */
export function wallAt(instant: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const [year, month, day] = [part('year'), part('month') - 1, part('day')];
  return Date.UTC(year, month, day, part('hour'), part('minute'), part('second')) + positiveRemainder(instant, 1_000);
}

/** Instants whose wall clock shows the local time: none in a gap, two where the clock is set back. */
function candidates(local: string, zone: string): { readonly wall: number; readonly instants: readonly number[] } {
  const wall = parseLocal(local);
  const offsets = new Set([-REACH, -DAY, 0, DAY, REACH].map((shift) => wallAt(wall + shift, zone) - (wall + shift)));
  const instants = [...offsets].map((offset) => wall - offset).filter((instant) => wallAt(instant, zone) === wall);
  return { wall, instants };
}

/** The instant of the clock change that skips a wall time, by halving: before it the wall is less, from it on more. */
function afterGap(wall: number, zone: string): number {
  let [before, after] = [wall - REACH, wall + REACH];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallAt(middle, zone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

function parseLocal(text: string): number {
  const [, ...parts] = LOCAL.exec(text) ?? [];
  const [year = Number.NaN, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .filter((part) => part !== undefined)
    .map(Number);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Number.isNaN(wall)) {
    throw userError('config-invalid', `A freeze has a time that is no local date and time: ${text}.`, {
      remedy: 'Write it as 2026-12-20T00:00, without an offset.',
    });
  }
  return wall;
}

const positiveRemainder = (value: number, by: number): number => ((value % by) + by) % by;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs more than all its uses; zones are few. Throws RangeError for an unknown zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
