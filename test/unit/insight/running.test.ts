import { describe, expect, test } from '@jest/globals';
import { deployRows, drift, listed, pairEvents, span, whatRuns } from '../../../shared/insight/index.ts';
import { at, digest, history, release, state } from './history.ts';

describe('what runs where', () => {
  const hold = { digest: digest('B'), event: 'e', since: at(5), by: 'ada', reason: 'bad' };
  const doubt = { event: 'e', release: release('C'), started: at(9), owner: 'run/1' };

  test('one row for each stream, by service and environment', () => {
    const rows = whatRuns([
      state('pricing', 'dev', release('A')),
      state('cart', 'production', release('B', 3, 'eve')),
      state('cart', 'dev', release('C')),
    ]);
    expect(rows.map((it) => [it.service, it.environment, it.live?.version])).toEqual([
      ['cart', 'dev', 'C'],
      ['cart', 'production', 'B'],
      ['pricing', 'dev', 'A'],
    ]);
    expect(rows[1]).toMatchObject({ live: { by: 'eve', since: at(3) }, state: 'live', held: [], inDoubt: null });
  });

  test('previous is the newest good release that is neither live nor held', () => {
    const good = [release('B'), release('A'), release('Z')];
    const [row] = whatRuns([state('cart', 'production', release('A'), { good, held: [hold] })]);
    expect(row?.previous?.version).toBe('Z');
    const [none] = whatRuns([state('cart', 'production', release('A'), { good: good.slice(0, 2), held: [hold] })]);
    expect(none?.previous).toBeNull();
  });

  test.each([
    ['live', release('A'), {}],
    ['removed', null, {}],
    ['in-doubt', release('A'), { in_doubt: doubt }],
    ['in-doubt', null, { in_doubt: doubt }],
    ['needs-human', release('A'), { in_doubt: doubt, needs_human: { event: 'e', sentence: 'look' } }],
  ])('%s', (expected, live, more) => {
    expect(whatRuns([state('cart', 'production', live, more)])[0]?.state).toBe(expected);
  });
});

describe('drift', () => {
  const pair = { from: 'dev', to: 'production' };
  const dev = (good: readonly string[], live = good[0] ?? '') =>
    state('cart', 'dev', release(live, 10), { good: good.map((it) => release(it)) });

  test('the digest decides, not the version', () => {
    const other = { ...release('A'), image: release('B').image };
    const [row] = drift([state('cart', 'dev', release('A', 7)), state('cart', 'production', other)], pair);
    expect(row).toMatchObject({
      relation: 'different',
      sameVersion: true,
      from: { since: at(7), digest: digest('A') },
    });
  });

  test.each([
    ['same', ['A'], 'A', 0],
    ['different', ['C', 'B', 'A'], 'A', 2],
    ['different', ['C', 'B'], 'X', null],
  ])('%s: %p against %s is %p behind', (relation, good, live, behind) => {
    const [row] = drift([dev(good), state('cart', 'production', release(live))], pair);
    expect(row).toMatchObject({ relation, behind });
  });

  test('an environment that went back is behind the one after it', () => {
    expect(drift([dev(['C', 'B'], 'B'), state('cart', 'production', release('C'))], pair)[0]?.behind).toBe(-1);
  });

  test('what runs in one of them only is said; what runs in neither is left out', () => {
    const rows = drift(
      [
        state('a', 'dev', release('A')),
        state('b', 'production', release('A')),
        state('c', 'dev', null),
        state('d', 'staging', release('A')),
      ],
      pair,
    );
    expect(rows.map((it) => [it.service, it.relation])).toEqual([
      ['a', 'from-only'],
      ['b', 'to-only'],
    ]);
  });
});

describe('pairs', () => {
  test('the finish wins and keeps the time of the start', () => {
    const [start, finish] = history(
      { id: 'x', phase: 'start', started: 0 },
      { id: 'x', phase: 'finish', started: 4, finished: 9, status: 'failure' },
    );
    if (start === undefined || finish === undefined) throw new Error('two events');
    const [pair] = pairEvents([finish, start]);
    expect(pair).toMatchObject({
      inDoubt: false,
      event: { status: 'failure', times: { started: at(0), finished: at(9) } },
    });
    expect(pairEvents([start])).toMatchObject([{ inDoubt: true, event: { status: 'in_progress' } }]);
  });

  test('U13: another attempt is another row; the last finish of one attempt counts', () => {
    const events = history(
      { id: 'x', attempt: 1, phase: 'start' },
      { id: 'x', attempt: 1, phase: 'finish', status: 'unknown' },
      { id: 'x', attempt: 1, phase: 'finish', status: 'failure' },
      { id: 'x', attempt: 2, phase: 'start' },
    );
    expect(pairEvents(events).map((it) => [it.event.run.attempt, it.event.status, it.inDoubt])).toEqual([
      [1, 'failure', false],
      [2, 'in_progress', true],
    ]);
  });
});

describe('rows of the history', () => {
  test('newest first; a start without a finish is in doubt; a rollback marks what it took back', () => {
    const rows = deployRows(
      history(
        { image: 'A' },
        { id: 'bad', image: 'B' },
        { id: 'back', image: 'A', kind: 'rollback' },
        { image: 'C', phase: 'start' },
      ),
    );
    expect(rows.map((it) => [it.version, it.status, it.rollback, it.rolledBackBy, it.previousVersion])).toEqual([
      ['C', 'in-doubt', false, null, 'A'],
      ['A', 'success', true, null, 'B'],
      ['B', 'success', false, 'back', 'A'],
      ['A', 'success', false, null, null],
    ]);
    expect(rows[0]?.finished).toBeNull();
  });

  test('coming again is not going back', () => {
    const rows = deployRows(history({ image: 'A' }, { image: 'B' }, { image: 'A' }, { image: 'B' }, { image: 'B' }));
    expect(rows.map((it) => it.rollback).reverse()).toEqual([false, false, true, false, false]);
  });
});

describe('words', () => {
  test.each([
    [0, '0 s'],
    [4_400, '4 s'],
    [7 * 60_000, '7 min'],
    [59_999.6, '1 min'],
    [125 * 60_000 + 9_000, '2 h 5 min'],
    [3 * 86_400_000, '3 d'],
    [-90_000, '1 min 30 s'],
    [86_400_000 + 60_000, '1 d'],
  ])('%p ms is %s', (ms, text) => expect(span(ms)).toBe(text));

  test('names in a row', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });
});
