import { describe, expect, test } from '@jest/globals';
import { drawBoard } from '../../../shared/board/index.ts';
import { noticesOf } from '../../../shared/board/page/attention.ts';
import { filterHistory, filterServices, statusesOf } from '../../../shared/board/page/filter.ts';
import { formatRoute, parseRoute } from '../../../shared/board/page/route.ts';
import { formatTime, parseTime } from '../../../shared/board/page/time.ts';
import { cellOf, verdictOf } from '../../../shared/board/page/verdict.ts';
import type { StreamState } from '../../../shared/model/index.ts';
import { at, digest, graph, history, release, type Step, state } from '../insight/history.ts';

const draw = (states: readonly StreamState[], steps: readonly Step[] = []) =>
  drawBoard({
    asOf: at(600),
    repository: 'acme/shop',
    environments: [
      { name: 'dev', class: 'development' },
      { name: 'production', class: 'production' },
    ],
    states,
    events: history(...steps),
    graph: graph({}),
    verification: { ok: true, findings: [] },
    days: 30,
  });

describe('times', () => {
  const noon = Date.UTC(2026, 2, 2, 12);

  test.each([
    ['2026-03-02T12:00:00Z', noon],
    ['2026-03-02T12:00Z', noon],
    [' 2026-03-02 12:00 UTC ', noon],
    ['2026-03-02 12:00:00.250', noon + 250],
    ['2026-03-02 12:00:00,250', noon + 250],
    ['2026-03-02 13:00+01:00', noon],
    ['2026-03-02T13:00:00+0100', noon],
    ['2026-03-02 9:05', noon - 175 * 60_000],
    ['2026-03-02', noon - 12 * 3_600_000],
    [String(noon / 1000), noon],
    [String(noon), noon],
    ['yesterday', undefined],
    ['2026-13-02 12:00', undefined],
    ['12:00', undefined],
    ['2026-03-02 25:00', undefined],
    ['', undefined],
  ])('%p is %p', (text, expected) => expect(parseTime(text, 'utc')).toBe(expected));

  test.each(['utc', 'local'] as const)('what is written in %s is read back', (zone) => {
    expect(parseTime(formatTime(noon + 5_000, zone, 'seconds'), zone)).toBe(noon + 5_000);
    expect(formatTime(Number.NaN, zone)).toBe('');
  });

  test('are written so that they sort', () => expect(formatTime(noon, 'utc')).toBe('2026-03-02 12:00'));
});

describe('the address', () => {
  test.each([
    ['', { view: 'services', params: {} }],
    ['#history', { view: 'history', params: {} }],
    ['#history?service=a%26b&text=x+y', { view: 'history', params: { service: 'a&b', text: 'x y' } }],
    ['#main', undefined],
    ['#__proto__', undefined],
  ])('%p', (hash, route) => expect(parseRoute(hash)).toEqual(route));

  test('is read as it was written, without what is empty', () => {
    const route = {
      view: 'suspects',
      params: { at: '2026-03-02T12:00:00+01:00', service: 'a&b=c#d?', window: '' },
    } as const;
    const text = formatRoute(route);
    expect(text).not.toContain('window');
    expect(parseRoute(text)).toEqual({
      view: 'suspects',
      params: { at: route.params.at, service: route.params.service },
    });
  });
});

describe('verdicts', () => {
  test.each([
    ['deploy', 'success', 'deployed', 'deployed', 'good'],
    ['deploy', 'success', null, 'deployed', 'good'],
    ['hotfix', 'success', 'deployed', 'hotfix deployed', 'good'],
    ['rollback', 'success', 'rolled-back', 'rolled back', 'warn'],
    ['rollback', 'success', null, 'rolled back', 'warn'],
    ['deploy', 'success', 'unchanged', 'unchanged', 'quiet'],
    ['deploy', 'failure', 'rolled-back-after-failure', 'failed, taken back', 'bad'],
    ['rollback', 'failure', 'rollback-failed', 'rollback failed', 'bad'],
    ['rollback', 'failure', null, 'failed', 'bad'],
    ['deploy', 'in-doubt', null, 'in doubt', 'warn'],
    ['deploy', 'cancelled', null, 'cancelled', 'quiet'],
    ['hold', 'success', null, 'held', 'warn'],
    ['constructor', 'toString', 'valueOf', 'toString', 'quiet'],
  ])('%s %s %p is "%s"', (kind, status, outcome, word, tone) => {
    expect(verdictOf({ kind, status, outcome })).toMatchObject({ word, tone });
  });

  test('a cell is the one of the environment, not something of every object', () => {
    const [service] = draw([state('cart', 'dev', release('A'))]).services;
    if (service === undefined) throw new Error('one service');
    expect(cellOf(service, 'dev')?.version).toBe('A');
    expect(cellOf(service, 'constructor')).toBeUndefined();
  });
});

describe('filters', () => {
  const { history: rows } = draw(
    [],
    [
      { service: 'cart', image: 'A', title: 'Keep the basket' },
      { service: 'cart', image: 'B', environment: 'dev', class: 'development', by: 'Grace' },
      { service: 'pricing', image: 'C', status: 'failure', message: 'HTTP 500' },
    ],
  );
  const none = { service: '', environment: '', status: '', text: '' };

  test.each([
    [{}, 3],
    [{ service: 'cart' }, 2],
    [{ service: 'cart', environment: 'dev' }, 1],
    [{ status: 'failed' }, 1],
    [{ text: ' BASKET ' }, 1],
    [{ text: 'grace' }, 1],
    [{ text: 'http 500' }, 1],
    [{ text: digest('B').slice(7, 19) }, 1],
    [{ text: 'car', status: 'failed' }, 0],
  ])('of the history: %p', (filter, count) => {
    expect(filterHistory(rows, { ...none, ...filter })).toHaveLength(count);
  });

  test('only words that occur are offered', () => expect(statusesOf(rows)).toEqual(['deployed', 'failed']));

  test('of services: by text, by difference, by what needs attention', () => {
    const hold = { digest: null, event: 'e', since: at(0), by: 'ada', reason: '' };
    const board = draw([
      state('cart', 'dev', release('B')),
      state('cart', 'production', release('A')),
      state('pricing', 'dev', release('A')),
      state('pricing', 'production', release('A'), { held: [hold] }),
      state('status', 'dev', release('A')),
    ]);
    const shown = (text: string, show: 'all' | 'differing' | 'attention') =>
      filterServices(board, { text, show }).map((it) => it.name);
    expect(shown('', 'all')).toEqual(['cart', 'pricing', 'status']);
    expect(shown('C', 'all')).toEqual(['cart', 'pricing']);
    expect(shown('', 'differing')).toEqual(['cart']);
    expect(shown('', 'attention')).toEqual(['pricing']);
  });
});

describe('what needs attention', () => {
  test('the gravest first, each with its sentence', () => {
    const hold = { digest: digest('B'), event: 'e', since: at(1), by: 'ada', reason: 'totals were off' };
    const doubt = { event: 'e', release: release('C'), started: at(2), owner: 'run/1' };
    const notices = noticesOf(
      draw([
        state('cart', 'dev', release('A'), { held: [hold, { ...hold, digest: null }] }),
        state('pricing', 'dev', release('A'), { in_doubt: doubt }),
        state('status', 'production', release('A'), { needs_human: { event: 'e', sentence: 'look' } }),
        state('catalog', 'production', release('A')),
      ]),
    );
    expect(notices.map((it) => [it.service, it.verdict.word, it.sentence, it.reason])).toEqual([
      ['status', 'needs a person', 'Automatic deploys have stopped.', 'look'],
      ['cart', 'held', 'Image 420000000000 is not deployed here again.', 'totals were off'],
      ['cart', 'held', 'Nothing is deployed here.', 'totals were off'],
      ['pricing', 'in doubt', 'The deploy of C has started, and no end of it is recorded.', null],
    ]);
  });
});
