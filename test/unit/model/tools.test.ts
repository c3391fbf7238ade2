import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  backoffMs,
  canonicalJson,
  causesOf,
  clip,
  formatIssue,
  mapBounded,
  oneLine,
  parseJson,
  reasonOf,
  sameJson,
} from '../../../shared/model/index.ts';

describe('JSON', () => {
  test('two values are the same where their canonical texts are', () => {
    const key = fc.constantFrom('a', 'b', '__proto__', '1');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, undefined, true, 0, -0, 1, '', 'a'),
        fc.array(
          tie('value').filter((it) => it !== undefined),
          { maxLength: 2 },
        ),
        fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
        expect(sameJson(a, structuredClone(a))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('texts', () => {
  test('what is clipped fits, is a beginning with a mark, and has no half of a pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 12 }), (text, limit) => {
        const clipped = clip(text, limit);
        expect(clipped.length).toBeLessThanOrEqual(limit);
        expect(clipped).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
        if (text.length <= limit) expect(clipped).toBe(text);
        else expect(text.startsWith(clipped.slice(0, -1)) && clipped.endsWith('…')).toBe(true);
      }),
    );
    expect(clip('ab😀c', 4)).toBe('ab…');
  });

  test('one line has no control and no format characters', () => {
    expect(oneLine(' a\r\n\tb\u0000\u202ec\u2028d ', 80)).toBe('a b c d');
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  test('an issue of a schema names its place, where it has one', () => {
    expect(formatIssue({ path: ['layers', 0, 'size'], message: 'is no number' })).toBe('layers.0.size: is no number');
    expect(formatIssue({ path: [], message: 'is no map' })).toBe('is no map');
    expect(formatIssue(undefined)).toBe('');
  });
});

describe('JSON that may be none', () => {
  test.each([
    ['{"a":[1]}', { a: [1] }],
    ['null', null],
    ['0', 0],
    ['{', undefined],
    ['', undefined],
    ['undefined', undefined],
  ])('%s', (text, value) => expect(parseJson(text)).toEqual(value));
});

describe('many at once', () => {
  test('no more than allowed, in the order of the items', async () => {
    let [now, most] = [0, 0];
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
      now += 1;
      most = Math.max(most, now);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      now -= 1;
      return item === 4 ? undefined : item * 10;
    });
    expect(results).toEqual([50, 10, undefined, 20, 30]);
    expect(most).toBe(2);
    expect(await mapBounded([], 2, () => Promise.reject(new Error('never')))).toEqual([]);
  });

  test('the first error ends it, when what was under way has ended', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const work = mapBounded([1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('one');
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('one');
    expect([begun, ended]).toEqual([[1, 2], [2]]);
  });
});

describe('waiting', () => {
  test('a pause doubles up to its bound, and at least half of it stays', () => {
    const pauses = { first: 100, longest: 1_000 };
    const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), chance, (failures, random) => {
        const whole = Math.min(1_000, 100 * 2 ** (failures - 1));
        const pause = backoffMs(pauses, failures, () => random);
        expect(pause).toBeGreaterThanOrEqual(whole / 2);
        expect(pause).toBeLessThan(whole);
      }),
    );
  });
});

describe('causes', () => {
  test('the innermost words are the reason; of several errors at once the first', () => {
    expect(reasonOf(new TypeError('fetch failed', { cause: new Error('socket hang up') }))).toBe('socket hang up');
    const refused = new AggregateError(
      [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), new Error('second')],
      '',
    );
    expect(reasonOf(new TypeError('fetch failed', { cause: refused }))).toBe('ECONNREFUSED');
    expect(reasonOf('a text')).toBe('a text');
  });

  test('a cause that is its own cause is no trap', () => {
    const loop: { cause?: unknown; message: string } = { message: 'round' };
    loop.cause = loop;
    expect(causesOf(loop).length).toBeLessThan(10);
    expect(reasonOf(loop)).toBe('round');
  });
});
