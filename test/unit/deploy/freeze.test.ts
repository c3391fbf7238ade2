import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOpen } from '../../../shared/deploy/gates/freeze.ts';
import { instantAtOrAfter, instantOfEnd, wallAt } from '../../../shared/deploy/gates/wall-clock.ts';

const window = (from: string, to: string, zone: string) => ({ from, to, zone, reason: undefined });
const at = (iso: string) => Date.parse(iso);

describe('F22 a window by the wall clock of its zone', () => {
  test.each([
    // Germany is an hour ahead of UTC in winter.
    ['2026-12-20T00:00', '2027-01-02T00:00', 'Europe/Berlin', '2026-12-19T22:59:59.999Z', false],
    ['2026-12-20T00:00', '2027-01-02T00:00', 'Europe/Berlin', '2026-12-19T23:00:00Z', true],
    ['2026-12-20T00:00', '2027-01-02T00:00', 'Europe/Berlin', '2027-01-01T22:59:59.999Z', true],
    ['2026-12-20T00:00', '2027-01-02T00:00', 'Europe/Berlin', '2027-01-01T23:00:00Z', false],
    // UTC+14 and UTC-11: the same wall clock, 25 hours apart.
    ['2026-05-01T00:00', '2026-05-02T00:00', 'Pacific/Kiritimati', '2026-04-30T10:00:00Z', true],
    ['2026-05-01T00:00', '2026-05-02T00:00', 'Pacific/Kiritimati', '2026-05-01T10:00:00Z', false],
    ['2026-05-01T00:00', '2026-05-02T00:00', 'Pacific/Pago_Pago', '2026-05-01T10:59:59Z', false],
    ['2026-05-01T00:00', '2026-05-02T00:00', 'Pacific/Pago_Pago', '2026-05-01T11:00:00Z', true],
    // Clocks go from 02:00 to 03:00 (01:00 UTC): 02:30 does not exist and means the change.
    ['2026-03-29T02:30', '2026-03-29T06:00', 'Europe/Berlin', '2026-03-29T00:59:59Z', false],
    ['2026-03-29T02:30', '2026-03-29T06:00', 'Europe/Berlin', '2026-03-29T01:00:00Z', true],
    ['2026-03-29T00:00', '2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T00:59:59Z', true],
    ['2026-03-29T00:00', '2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00:00Z', false],
    // Clocks go back from 03:00 to 02:00 (01:00 UTC): 02:30 comes at 00:30 and at 01:30 UTC; the window takes in both.
    ['2026-10-25T02:30', '2026-10-25T06:00', 'Europe/Berlin', '2026-10-25T00:30:00Z', true],
    ['2026-10-25T02:30', '2026-10-25T06:00', 'Europe/Berlin', '2026-10-25T01:10:00Z', true],
    ['2026-10-25T00:00', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T01:29:59Z', true],
    ['2026-10-25T00:00', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T01:30:00Z', false],
    // Half an hour of daylight saving, on the other side of the world.
    ['2026-10-04T02:00', '2026-10-04T03:00', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z', true],
    // Samoa had no 30 December 2011.
    ['2011-12-30T12:00', '2011-12-31T12:00', 'Pacific/Apia', '2011-12-30T09:59:59Z', false],
    ['2011-12-30T12:00', '2011-12-31T12:00', 'Pacific/Apia', '2011-12-30T10:00:00Z', true],
    // Seconds count.
    ['2026-05-01T00:00:30', '2026-05-01T00:01', 'UTC', '2026-05-01T00:00:29Z', false],
    ['2026-05-01T00:00:30', '2026-05-01T00:01', 'UTC', '2026-05-01T00:00:30Z', true],
    // A window that ends before it begins is never open.
    ['2026-05-02T00:00', '2026-05-01T00:00', 'UTC', '2026-05-01T12:00:00Z', false],
  ])('%s to %s in %s at %s: %s', (from, to, zone, now, open) => {
    expect(isOpen(window(from, to, zone), at(now))).toBe(open);
  });

  test.each([
    ['2026-05-01T00:00', 'Mars/Olympus', /unknown time zone: Mars\/Olympus/],
    ['1 May', 'UTC', /no local date and time: 1 May/],
  ])('%s in %s is refused', (from, zone, sentence) => {
    expect(() => isOpen(window(from, '2027-01-01T00:00', zone), 0)).toThrow(sentence);
  });
});

describe('for every zone and instant', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const instants = fc
    .integer({ min: at('2000-01-01T00:00:00Z') / 1_000, max: at('2040-01-01T00:00:00Z') / 1_000 })
    .map((seconds) => seconds * 1_000);
  const local = (instant: number, zone: string) => new Date(wallAt(instant, zone)).toISOString().slice(0, 19);

  test('the wall clock leads back to its instants, the first and the last', () => {
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const wall = local(instant, zone);
        const [first, last] = [instantAtOrAfter(wall, zone), instantOfEnd(wall, zone)];
        expect(first).toBeLessThanOrEqual(instant);
        expect(last).toBeGreaterThanOrEqual(instant);
        expect([local(first, zone), local(last, zone)]).toEqual([wall, wall]);
      }),
      { numRuns: 300 },
    );
  });

  test('a window that the wall clock is in is open, and one that it is far from is not', () => {
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 1, max: 400_000 }), (zone, now, seconds) => {
        const [from, to] = [local(now - seconds * 1_000, zone), local(now + seconds * 1_000, zone)];
        const day = 86_400_000;
        const [past, longPast] = [local(now - 2 * day, zone), local(now - 4 * day, zone)];
        if (from <= local(now, zone) && local(now, zone) < to) expect(isOpen(window(from, to, zone), now)).toBe(true);
        expect(isOpen(window(longPast, past, zone), now)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
