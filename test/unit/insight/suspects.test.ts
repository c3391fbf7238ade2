import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Question, suspects } from '../../../shared/insight/index.ts';
import { at, graph, history, type Step } from './history.ts';

const shop = graph({
  cart: ['pricing'],
  catalog: [],
  checkout: ['cart', 'pricing'],
  pricing: ['tax'],
  status: [],
  tax: [],
});
/** T is minute 600. */
const ask = (steps: readonly Step[], question: Partial<Question> = {}) =>
  suspects({ at: at(600), environment: 'production', ...question }, history(...steps), shop);
const names = (steps: readonly Step[], question: Partial<Question> = {}) =>
  ask(steps, question).ranked.map((it) => `${it.deploy.service} ${it.deploy.version}`);
/** Something ran before, long ago, so that nothing is a first deploy. */
const longAgo = (...services: readonly string[]): readonly Step[] =>
  services.map((service) => ({ service, image: 'old', started: -9000 }));

describe('who is a suspect', () => {
  test.each<[string, boolean, Step]>([
    ['finished just before T', true, { started: 590, finished: 599 }],
    ['under way at T', true, { started: 599, finished: 700 }],
    ['started without an end', true, { started: 599, phase: 'start' }],
    ['its end and the time to be noticed reach into the window', true, { started: 200, finished: 215 }],
    ['noticed by then, before the window', false, { started: 200, finished: 209 }],
    ['started after T', false, { started: 601, finished: 605 }],
    ['changed nothing', false, { started: 590, changed: false, status: 'failure' }],
    ['in another environment', false, { started: 590, environment: 'dev', class: 'development' }],
    ['failed in production', true, { started: 590, status: 'failure' }],
  ])('%s: %p', (_name, expected, step) => {
    expect(names([...longAgo('cart'), { service: 'cart', image: 'new', ...step }]).includes('cart new')).toBe(expected);
  });

  test('the window can be made longer', () => {
    const steps: Step[] = [{ service: 'cart', started: 0 }];
    expect([names(steps), names(steps, { windowMs: 24 * 3_600_000 })]).toEqual([[], ['cart A']]);
  });

  test('a time that cannot be read is an error of whoever asked', () => {
    expect(() => ask([], { at: 'yesterday' })).toThrow(/"yesterday" is not a time/);
    expect(() => ask([], { windowMs: 0 })).toThrow(/longer than nothing/);
  });
});

describe('the ranking', () => {
  const three: readonly Step[] = [
    ...longAgo('catalog', 'pricing', 'checkout'),
    { service: 'pricing', image: 'p2', started: 576, finished: 580 },
    { service: 'catalog', image: 'c2', started: 584, finished: 588 },
    { service: 'checkout', image: 'k2', started: 570, finished: 572 },
  ];

  test('without a service the latest comes first', () => {
    expect(names(three)).toEqual(['catalog c2', 'pricing p2', 'checkout k2']);
  });

  test('with a service, near ones come first; the numbers are those of the formula', () => {
    const { ranked } = ask(three, { service: 'checkout' });
    expect(ranked.map((it) => it.deploy.service)).toEqual(['checkout', 'pricing', 'catalog']);
    expect(ranked.map((it) => it.score)).toEqual([
      expect.closeTo(Math.exp(-28 / 20)),
      expect.closeTo(Math.exp(-20 / 20) * 0.6),
      expect.closeTo(Math.exp(-12 / 20) * 0.1),
    ]);
  });

  test('every factor has a sentence, and the score is their product', () => {
    const { ranked } = ask(three, { service: 'cart' });
    expect(ranked[0]?.factors).toEqual([
      { name: 'time', value: expect.closeTo(Math.exp(-1)), sentence: 'It finished 20 min before T.' },
      { name: 'distance', value: 0.6, sentence: 'cart depends on pricing directly.' },
    ]);
    for (const it of ranked) expect(it.score).toBeCloseTo(it.factors.reduce((product, f) => product * f.value, 1));
  });

  test('a transitive dependency says by way of what', () => {
    const steps = [...longAgo('tax'), { service: 'tax', image: 't2', started: 590 }];
    const [first] = ask(steps, { service: 'cart' }).ranked;
    expect(first?.factors[1]).toEqual({
      name: 'distance',
      value: 0.3,
      sentence: 'cart depends on tax by way of pricing.',
    });
  });

  test.each<[string, string, number, Step]>([
    ['hotfix', 'It is a hotfix.', 1.5, { kind: 'hotfix' }],
    ['rollback', 'It is a rollback: it went back to an image that ran before.', 0.7, { kind: 'rollback' }],
    ['verification', 'Its verification failed.', 2, { verified: 'failed' }],
    ['verification', 'Nothing verified it.', 1.3, { verified: 'none' }],
    [
      'overridden-gates',
      'The gates freeze and ancestry had been passed by hand.',
      1.5,
      { overridden: ['freeze', 'ancestry'] },
    ],
    [
      'left-before',
      'It took itself back, so its image no longer ran at T.',
      0.5,
      { status: 'failure', outcome: 'rolled-back-after-failure' },
    ],
  ])('%s: %s', (name, sentence, value, step) => {
    const { ranked } = ask([...longAgo('cart'), { service: 'cart', image: 'new', started: 590, ...step }]);
    expect(ranked[0]?.factors).toContainEqual({ name, value, sentence });
  });

  test('a first deploy is told from others', () => {
    const first = (steps: readonly Step[]) => ask(steps).ranked[0]?.factors.some((it) => it.name === 'first-deploy');
    expect(first([{ service: 'cart', started: 590 }])).toBe(true);
    expect(first([...longAgo('cart'), { service: 'cart', image: 'new', started: 590 }])).toBe(false);
  });

  test('what was rolled back before T no longer ran; its rollback is a suspect of its own', () => {
    const { ranked, rollbackOrder } = ask([
      ...longAgo('cart'),
      { service: 'cart', image: 'bad', started: 580, finished: 585 },
      { service: 'cart', image: 'old', started: 590, finished: 592, kind: 'rollback' },
    ]);
    expect(ranked.map((it) => it.deploy.version)).toEqual(['old', 'bad']);
    expect(ranked[1]?.factors.at(-1)).toEqual({
      name: 'left-before',
      value: 0.5,
      sentence: 'It was rolled back 8 min before T, so its image no longer ran.',
    });
    expect(rollbackOrder).toEqual([]);
  });

  test('equal scores go to the later finish, then to the name', () => {
    const under = { started: 590, finished: 610 };
    const steps: Step[] = [
      ...longAgo('tax', 'cart', 'status'),
      { service: 'tax', image: 'n', ...under },
      { service: 'cart', image: 'n', ...under },
      { service: 'status', image: 'n', started: 590, finished: 620 },
    ];
    expect(names(steps)).toEqual(['status n', 'cart n', 'tax n']);
  });

  test('services that depend on each other in a circle do not trap the search', () => {
    const circle = graph({ a: ['b'], b: ['a'] });
    const events = history({ service: 'b', started: 590 });
    const { ranked } = suspects({ at: at(600), environment: 'production', service: 'a' }, events, circle);
    expect(ranked[0]?.factors[1]?.value).toBe(0.6);
  });
});

describe('what is said beside the ranking', () => {
  test('nothing went out: that is an answer, with what was last', () => {
    const { ranked, ruledOut } = ask([{ service: 'cart', image: 'c1', started: 55, finished: 60 }]);
    expect(ranked).toEqual([]);
    expect(ruledOut).toEqual(['No deploy in production in the 6 h before T. The last one was cart c1, 9 h before.']);
  });

  test('what went out after T, what changed nothing, and what stood still', () => {
    const { ruledOut } = ask(
      [
        ...longAgo('cart', 'status'),
        { service: 'status', image: 's2', started: 590 },
        { service: 'pricing', image: 'p2', started: 580, changed: false, status: 'failure', outcome: 'gate-failed' },
        { service: 'cart', image: 'c2', started: 604 },
        { service: 'cart', image: 'c2', started: 606, kind: 'hold', changed: false },
      ],
      { service: 'checkout' },
    );
    expect(ruledOut).toEqual([
      'No deploy of checkout itself in the 6 h before T.',
      'No deploy of cart or pricing, on which it depends, in the 6 h before T.',
      'cart c2 went out after T: it started 4 min later.',
      'pricing p2 was tried 20 min before T and changed nothing (gate-failed).',
    ]);
  });

  test('many are named up to a bound and counted', () => {
    const steps = Array.from({ length: 9 }, (_, index): Step => ({ service: `s${index}`, started: 601 + index }));
    expect(ask(steps).ruledOut.slice(-2)).toEqual([
      's4 A went out after T: it started 5 min later.',
      '… and 4 more of these.',
    ]);
  });

  test('the order to roll back in is the reverse of the finish, and a train is named', () => {
    const { rollbackOrder, hints } = ask([
      ...longAgo('cart', 'pricing', 'status'),
      { service: 'pricing', image: 'n', started: 590, finished: 592, commit: 'same' },
      { service: 'status', image: 'n', started: 590, finished: 599, commit: 'other' },
      { service: 'cart', image: 'n', started: 591, finished: 596, commit: 'same' },
    ]);
    expect(rollbackOrder.map((it) => it.service)).toEqual(['status', 'cart', 'pricing']);
    expect(hints).toEqual(['cart and pricing went out in one train (commit 73616d650000): look at what they share.']);
  });

  test('a service that nobody knows is said to be unknown', () => {
    expect(ask([], { service: 'chekout' }).hints).toEqual([
      'chekout is not in the graph of services, and was never deployed to production: distance says nothing here.',
    ]);
  });
});

describe('properties', () => {
  const step = fc.record({
    service: fc.constantFrom('cart', 'pricing', 'status', 'tax'),
    image: fc.constantFrom('A', 'B', 'C'),
    kind: fc.constantFrom<Step['kind'] & string>('deploy', 'rollback', 'hotfix'),
    status: fc.constantFrom<Step['status'] & string>('success', 'success', 'failure', 'cancelled'),
    verified: fc.constantFrom<Step['verified'] & string>('passed', 'failed', 'none'),
    started: fc.integer({ min: 100, max: 700 }),
  });
  const steps = fc.array(step, { maxLength: 20 });
  const service = fc.option(fc.constantFrom('cart', 'checkout', 'nobody'), { nil: undefined });

  test('what an unrelated service does in another environment changes nothing', () => {
    fc.assert(
      fc.property(steps, steps, service, (here, elsewhere, asked) => {
        const others = elsewhere.map((it) => ({ ...it, service: `x-${it.service}`, environment: 'dev' }));
        const named = (list: readonly Step[], prefix: string) => list.map((it, i) => ({ ...it, id: `${prefix}${i}` }));
        const alone = ask(named(here, 'here'), { service: asked });
        expect(ask([...named(here, 'here'), ...named(others, 'there')], { service: asked })).toEqual(alone);
      }),
    );
  });

  test('the ranking falls, every score is a positive product, and each candidate stands there once', () => {
    fc.assert(
      fc.property(steps, service, (list, asked) => {
        const { ranked } = ask(list, { service: asked });
        for (const [index, it] of ranked.entries()) {
          expect(it.score).toBeGreaterThan(0);
          expect(it.score).toBeLessThanOrEqual(ranked[index - 1]?.score ?? Number.POSITIVE_INFINITY);
          expect(it.factors.every((factor) => factor.sentence.endsWith('.'))).toBe(true);
        }
        expect(new Set(ranked.map((it) => it.deploy.id)).size).toBe(ranked.length);
      }),
    );
  });

  test('the same deploy, finished later but before T, is never less suspect', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), fc.integer({ min: 300, max: 599 }), (a, b) => {
        const score = (finished: number) => ask([{ service: 'cart', started: 290, finished }]).ranked[0]?.score ?? 0;
        expect(score(Math.max(a, b))).toBeGreaterThanOrEqual(score(Math.min(a, b)));
      }),
    );
  });
});
