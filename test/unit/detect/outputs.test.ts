import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitNames, fitRows, LARGEST_OUTPUTS } from '../../../shared/flow/detect-outputs.ts';
import type { MatrixRow } from '../../../shared/model/index.ts';

const row = (service: string, more: Readonly<Record<string, string>> = {}): MatrixRow => ({
  service,
  path: `services/${service}`,
  repository: `ghcr.io/acme/shop/${service}`,
  team: '',
  runner: 'ubuntu-latest',
  ...more,
});
const rows = (count: number, length = 5, more = '') =>
  Array.from({ length: count }, (_, at) => row(String(at).padStart(length, 'n'), more === '' ? {} : { more }));
const sizeOf = (...values: readonly unknown[]) =>
  values.reduce<number>((sum, it) => sum + Buffer.byteLength(JSON.stringify(it)), 0);

describe('outputs', () => {
  test('four matrices of 256 ordinary rows have room', () => {
    const fitted = fitRows(rows(1_024, 12));
    expect(fitted.services).toHaveLength(1_024);
    expect(fitted.chunks.map(({ include }) => include.length)).toEqual([256, 256, 256, 256]);
    expect(fitted.matrix).toEqual(fitted.chunks[0]);
  });

  test.each([
    ['five thousand services', rows(5_000)],
    ['five thousand long names', rows(5_000, 63)],
    ['rows that carry a lot', rows(300, 5, 'x'.repeat(15_000))],
    ['names that need more bytes than letters', rows(3_000, 5, 'é'.repeat(100))],
  ])('%s are cut at a row', (_name, all) => {
    const { services, matrix, chunks } = fitRows(all);
    expect(sizeOf(services, matrix, chunks)).toBeLessThanOrEqual(LARGEST_OUTPUTS);
    expect(services.length).toBeGreaterThan(0);
    expect(services.length).toBeLessThan(all.length);
    expect(chunks.flatMap(({ include }) => include)).toEqual(all.slice(0, services.length));
    expect(services).toEqual(all.slice(0, services.length).map((it) => it.service));
  });

  test('a row that no job should get is refused, by the name of its service', () => {
    expect(() => fitRows([row('a'), row('b', { more: 'x'.repeat(256 * 1024) })])).toThrow(/config-invalid .*`b`/);
  });

  test('names are cut where there is no room, and never in the middle', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), fc.integer({ min: 2, max: 200 }), (names, room) => {
        const fitted = fitNames(names, room);
        expect(names.slice(0, fitted.length)).toEqual(fitted);
        expect(sizeOf(fitted)).toBeLessThanOrEqual(room);
        expect(fitted.length === names.length || sizeOf(names.slice(0, fitted.length + 1)) >= room).toBe(true);
      }),
    );
  });
});
