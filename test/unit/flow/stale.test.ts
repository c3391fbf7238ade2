import { expect, test } from '@jest/globals';
import { isStale } from '../../../shared/flow/stale.ts';
import type { BuilderKind, StreamReading } from '../../../shared/model/index.ts';
import { id, release, running, service } from '../detect/world.ts';

const of = (cacheEpoch: string, builder?: BuilderKind) => {
  const it = service('a', ['dev']);
  return { ...it, image: { ...it.image, cacheEpoch, builder } };
};
const since = (date: string): StreamReading =>
  running(id('a'), { live: { ...release(id('a')), since: `${date}T12:00:00Z` } });
const NOW = Date.parse('2026-11-24T12:00:00Z');

test.each<[string, readonly StreamReading[], boolean]>([
  ['monthly', [since('2026-10-31')], true],
  ['monthly', [since('2026-11-01')], false],
  ['monthly', [since('2026-11-01'), since('2026-10-01')], true],
  ['weekly', [since('2026-11-22')], true],
  ['weekly', [since('2026-11-23')], false],
  ['never', [since('2020-01-01')], false],
  ['2026-a', [since('2020-01-01')], false],
  ['monthly', [{ kind: 'missing' }], false],
  ['monthly', [running(id('a'), { live: null })], false],
  ['monthly', [], false],
])('%s', (epoch, readings, stale) => {
  expect(isStale(of(epoch), readings, NOW)).toBe(stale);
});

test('what is not built here is never stale', () => {
  expect(isStale(of('monthly', 'none'), [since('2020-01-01')], NOW)).toBe(false);
});
