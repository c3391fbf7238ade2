import { describe, expect, test } from '@jest/globals';
import { LOG_LINE_LENGTH, LOG_LINES, TITLE_LENGTH } from '../../../shared/board/clip.ts';
import { FINDINGS_SHOWN, HISTORY_ROWS } from '../../../shared/board/draw.ts';
import { type BoardFacts, drawBoard } from '../../../shared/board/index.ts';
import type { Board, BoardCell } from '../../../shared/model/index.ts';
import { at, digest, graph, history, release, type Step, state } from '../insight/history.ts';

const facts = (more: Partial<BoardFacts> = {}): BoardFacts => ({
  asOf: at(600),
  repository: 'acme/shop',
  environments: [
    { name: 'dev', class: 'development' },
    { name: 'production', class: 'production' },
  ],
  states: [],
  events: [],
  graph: graph({ cart: ['pricing'], pricing: [] }, { cart: { team: 'payments' } }),
  verification: { ok: true, findings: [] },
  days: 30,
  ...more,
});

const names = (board: Board) => board.services.map((it) => it.name);
const cellOf = (board: Board, service: string, environment = 'production'): BoardCell | undefined =>
  board.services.find((it) => it.name === service)?.cells[environment];

describe('services', () => {
  test('all of the graph stand there, with team and dependencies, also when they were never deployed', () => {
    expect(drawBoard(facts()).services).toEqual([
      { name: 'cart', team: 'payments', dependencies: ['pricing'], cells: {} },
      { name: 'pricing', team: null, dependencies: [], cells: {} },
    ]);
  });

  test('what only the ledger knows stands there too', () => {
    const board = drawBoard(
      facts({ states: [state('old', 'pr-7', release('A'))], events: history({ service: 'gone' }) }),
    );
    expect(names(board)).toEqual(['cart', 'gone', 'old', 'pricing']);
    expect(board.environments.map((it) => it.name)).toEqual(['dev', 'production', 'pr-7']);
  });

  test('U11: a service of another repository carries its repository in its name', () => {
    const states = [
      state('cart', 'production', release('A')),
      state('cart', 'production', release('B'), { repository: 'acme/other' }),
    ];
    const events = history({ service: 'cart' }, { service: 'cart', repository: 'acme/other', image: 'B' });
    const board = drawBoard(facts({ states, events }));
    expect(names(board)).toEqual(['acme/other/cart', 'cart', 'pricing']);
    expect([cellOf(board, 'cart')?.version, cellOf(board, 'acme/other/cart')?.version]).toEqual(['A', 'B']);
    expect(board.metrics.map((it) => [it.service, it.deploys])).toEqual([
      ['acme/other/cart', 1],
      ['cart', 1],
    ]);
  });

  test('U12: history, cells and metrics follow a rename', () => {
    const steps: Step[] = [
      { service: 'basket', image: 'A' },
      { service: 'basket', image: 'B' },
      { service: 'cart', image: 'C' },
      { service: 'cart', image: 'B', kind: 'rollback' },
    ];
    const renamed = graph({ cart: [] }, { cart: { aliases: ['basket'] } });
    const states = [
      state('cart', 'production', release('C'), { updated: at(120) }),
      state('basket', 'production', release('B'), { updated: at(60) }),
    ];
    const board = drawBoard(facts({ events: history(...steps), states, graph: renamed }));
    expect(names(board)).toEqual(['cart']);
    expect(cellOf(board, 'cart')?.version).toBe('C');
    expect(board.history.map((it) => [it.service, it.version, it.rolledBackBy !== null])).toEqual([
      ['cart', 'B', false],
      ['cart', 'C', true],
      ['cart', 'B', false],
      ['cart', 'A', false],
    ]);
    expect(board.metrics).toHaveLength(1);
    expect(board.metrics[0]?.deploys).toBe(3);
  });

  test('a name that is in use is not read as an earlier one', () => {
    const both = graph({ basket: [], cart: [] }, { cart: { aliases: ['basket'] } });
    const board = drawBoard(facts({ graph: both, events: history({ service: 'basket' }, { service: 'cart' }) }));
    expect(board.history.map((it) => it.service).sort()).toEqual(['basket', 'cart']);
  });
});

describe('cells', () => {
  const hold = { digest: digest('B'), event: 'e', since: at(5), by: 'ada', reason: 'bad' };

  test('show what runs, since when and by whom', () => {
    const board = drawBoard(facts({ states: [state('cart', 'production', release('A', 7, 'eve'), { held: [hold] })] }));
    expect(cellOf(board, 'cart')).toMatchObject({
      version: 'A',
      digest: digest('A'),
      since: at(7),
      by: 'eve',
      state: 'live',
      held: [hold],
      rolledBack: false,
      inDoubt: null,
      previous: null,
    });
  });

  test.each<[string, boolean, readonly Step[]]>([
    ['a rollback that was asked for', true, [{ image: 'A' }, { image: 'B' }, { image: 'A', kind: 'rollback' }]],
    [
      'a deploy that took itself back',
      true,
      [{ image: 'A' }, { status: 'failure', outcome: 'rolled-back-after-failure' }],
    ],
    ['a rollback, and a fix after it', false, [{ image: 'A' }, { image: 'A', kind: 'rollback' }, { image: 'C' }]],
    ['a rollback that is not the end: a deploy in doubt', true, [{ kind: 'rollback' }, { image: 'C', phase: 'start' }]],
  ])('%s: %p', (_name, expected, steps) => {
    const events = history(...steps.map((step) => ({ ...step, service: 'cart' })));
    const board = drawBoard(facts({ events, states: [state('cart', 'production', release('A'))] }));
    expect(cellOf(board, 'cart')?.rolledBack).toBe(expected);
  });

  test('a first deploy in doubt shows what is being deployed', () => {
    const doubt = { event: 'e', release: release('A'), started: at(9), owner: 'run/1' };
    const board = drawBoard(facts({ states: [state('cart', 'production', null, { in_doubt: doubt })] }));
    expect(cellOf(board, 'cart')).toMatchObject({
      version: 'A',
      state: 'in-doubt',
      since: at(9),
      inDoubt: { version: 'A', started: at(9) },
    });
  });

  test('what was taken down shows what it was; a stream in which nothing ever ran has no cell', () => {
    const removed = state('cart', 'production', null, { good: [release('A')], updated: at(50) });
    const board = drawBoard(facts({ states: [removed, state('pricing', 'production', null)] }));
    expect(cellOf(board, 'cart')).toMatchObject({ version: 'A', state: 'removed', since: at(50) });
    expect(cellOf(board, 'pricing')).toBeUndefined();
  });

  test('who needs a person is never left out, even when nothing ever ran', () => {
    const stuck = state('cart', 'production', null, {
      needs_human: { event: 'e', sentence: 'The rollback failed too.' },
    });
    const events = history({ service: 'cart', image: 'X', status: 'failure', outcome: 'rollback-failed' });
    expect(cellOf(drawBoard(facts({ states: [stuck], events })), 'cart')).toMatchObject({
      version: 'X',
      state: 'needs-human',
      needsHuman: 'The rollback failed too.',
    });
  });

  test('names such as __proto__ are names', () => {
    const states = [state('cart', '__proto__', release('A'))];
    const board = drawBoard(facts({ states }));
    const cells = board.services.find((it) => it.name === 'cart')?.cells ?? {};
    expect(Object.keys(cells)).toEqual(['__proto__']);
    expect(JSON.stringify(cells)).toContain('"__proto__":{"version":"A"');
  });
});

describe('bounds', () => {
  test('rows, texts, logs and findings', () => {
    const log = Array.from({ length: 99 }, (_, index) => `${index} ${'x'.repeat(2000)}`);
    const steps = Array.from(
      { length: HISTORY_ROWS + 7 },
      (_, index): Step => ({ started: index, title: '😀'.repeat(500) }),
    );
    const last: Step = { started: HISTORY_ROWS + 9, evidence: { summary: 's', checks: [], log } };
    const findings = Array.from({ length: 500 }, (_, index) => `finding ${index}`);
    const board = drawBoard(facts({ events: history(...steps, last), verification: { ok: false, findings } }));
    expect(board.history).toHaveLength(HISTORY_ROWS);
    expect(board.history[0]?.evidence?.log).toHaveLength(LOG_LINES);
    expect(board.history[0]?.evidence?.log.at(-1)).toMatch(/^98 x+…$/);
    expect(board.history[0]?.evidence?.log.at(-1)?.length).toBeLessThanOrEqual(LOG_LINE_LENGTH);
    expect(board.history[1]?.title?.length).toBeLessThanOrEqual(TITLE_LENGTH);
    expect(board.history[1]?.title).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
    expect(board.verified.findings).toHaveLength(FINDINGS_SHOWN);
  });

  test('the facts of the board are the facts that came in', () => {
    const board = drawBoard(facts({ verification: { ok: false, findings: ['rewritten'] } }));
    expect(board).toMatchObject({
      v: 1,
      asOf: at(600),
      repository: 'acme/shop',
      verified: { ok: false, findings: ['rewritten'] },
    });
  });
});
