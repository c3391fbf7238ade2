import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { censoredMedian, median } from '../../../shared/insight/dora/statistics.ts';
import { dora } from '../../../shared/insight/index.ts';
import type { BoardMetrics, DeployEvent } from '../../../shared/model/index.ts';
import { at, history, type Step } from './history.ts';

const MINUTE = 60_000;
const DAY = 24 * 60;

/** Measures one stream over ten days that end ten days after the first minute. */
const measured = (...steps: readonly Step[]): BoardMetrics => {
  const [first] = dora(history(...steps), { now: at(9 * DAY), days: 10 });
  if (first === undefined) throw new Error('nothing was measured');
  return first;
};

describe('deployment frequency', () => {
  test('another image went live: counted, a day', () => {
    const it = measured({ image: 'A' }, { image: 'B' }, { image: 'C' });
    expect(it).toMatchObject({ service: 'shop', environment: 'production', days: 10, deploys: 3, deploysPerDay: 0.3 });
  });

  test.each<[string, Step]>([
    ['a redeploy of the same digest', { image: 'B' }],
    ['a rollback', { image: 'A', kind: 'rollback' }],
    ['a failure', { image: 'C', status: 'failure' }],
    ['a cancelled deploy', { image: 'C', status: 'cancelled' }],
    ['a superseded deploy', { image: 'C', status: 'superseded' }],
    ['a hold', { image: 'B', kind: 'hold', changed: false }],
    ['a change of configuration', { image: 'C', kind: 'config' }],
    ['a new commit whose image ran already', { image: 'B', commit: 'later', outcome: 'unchanged', changed: false }],
    ['a deploy that has no end yet', { image: 'C', phase: 'start' }],
    ['a deploy to staging', { image: 'C', environment: 'staging', class: 'staging' }],
    ['a deploy after the window', { image: 'C', started: 20 * DAY }],
    ['a deploy before the window', { image: 'C', started: -20 * DAY }],
  ])('%s is not counted', (_name, step) => {
    expect(measured({ image: 'A' }, { image: 'B' }, step).deploys).toBe(2);
  });

  test('start and finish of one attempt count once, in whatever order and however often they come', () => {
    const events = history(
      { id: 'x', image: 'A', phase: 'start', started: 0 },
      { id: 'x', image: 'A', phase: 'finish', started: 0 },
    );
    const doubled = [...events, ...events].reverse();
    expect(dora(doubled, { now: at(DAY), days: 10 })[0]).toMatchObject({ deploys: 1, counts: { all: 1, changes: 1 } });
  });

  test('other classes count when they are asked for', () => {
    const events = history({ environment: 'staging', class: 'staging' });
    expect(dora(events, { now: at(DAY), days: 10 })).toEqual([]);
    expect(dora(events, { now: at(DAY), days: 10, classes: ['staging'] })).toHaveLength(1);
  });
});

describe('A→B→A→B', () => {
  const steps: readonly Step[] = [
    { image: 'A', started: 0 },
    { image: 'B', started: 60 },
    { image: 'A', started: 120 },
    { image: 'B', started: 180 },
  ];

  test('the third step is seen as a rollback of the second, the fourth as a deploy', () => {
    const it = measured(...steps);
    expect(it.deploys).toBe(3);
    expect(it.counts).toMatchObject({ changes: 3, failed: 1, recovered: 1, open: 0, all: 4, unplanned: 1 });
    expect(it.changeFailRate).toBeCloseTo(1 / 3);
    expect(it.reworkRate).toBe(0.25);
    // B was done at minute 65, A was back at 125
    expect(it.recoveryMs).toBe(60 * MINUTE);
  });

  test('a commit that came again has no second lead time, the first deploy of a stream has none', () => {
    const it = measured(...steps.map((step) => ({ ...step, committed: -5 })));
    expect(it.counts.leadTimes).toBe(1);
    expect(it.leadTimeMs).toBe(70 * MINUTE);
  });

  test('a rollback that was asked for and one that was seen count the same', () => {
    const asked = steps.map((step, index) => (index === 2 ? { ...step, kind: 'rollback' as const } : step));
    expect(measured(...asked)).toEqual(measured(...steps));
  });
});

describe('lead time', () => {
  test('is the median from the commit to the end of its deploy', () => {
    const it = measured(
      { image: 'A', started: 0 },
      { image: 'B', started: 100, committed: 95 },
      { image: 'C', started: 200, committed: 175 },
      { image: 'D', started: 300, committed: 0 },
    );
    expect(it).toMatchObject({ leadTimeMs: 30 * MINUTE, counts: { leadTimes: 3, clampedLeadTimes: 0 } });
  });

  test('a commit from the future counts as nothing, and is said to', () => {
    const it = measured({ image: 'A' }, { image: 'B', started: 60, committed: 600 });
    expect(it).toMatchObject({ leadTimeMs: 0, counts: { leadTimes: 1, clampedLeadTimes: 1 } });
  });

  test('without dates there is none', () => {
    const events = history({ image: 'A' }, { image: 'B' }).map((event): DeployEvent => {
      const { date: _date, ...rest } = event.commit;
      return { ...event, commit: rest };
    });
    expect(dora(events, { now: at(DAY), days: 10 })[0]).toMatchObject({ leadTimeMs: null, counts: { leadTimes: 0 } });
  });
});

describe('failures and recovery', () => {
  test('failed, then fixed: from the end of the failure to the end of the fix', () => {
    const it = measured(
      { image: 'A', started: 0 },
      { image: 'B', started: 60, finished: 70, status: 'failure', outcome: 'rollback-failed' },
      { image: 'C', started: 80, finished: 90 },
    );
    expect(it).toMatchObject({ changeFailRate: 1 / 3, recoveryMs: 20 * MINUTE, counts: { failed: 1, recovered: 1 } });
  });

  test('a deploy that took itself back is failure and recovery in one, from its start', () => {
    const it = measured(
      { image: 'A' },
      { image: 'B', started: 60, finished: 64, status: 'failure', outcome: 'rolled-back-after-failure' },
    );
    expect(it).toMatchObject({ deploys: 1, changeFailRate: 0.5, recoveryMs: 4 * MINUTE, counts: { unplanned: 0 } });
  });

  test('a re-run that succeeds is a second attempt: the first failed in production', () => {
    const it = measured(
      { image: 'A' },
      { id: 'run', attempt: 1, image: 'B', started: 60, status: 'failure', outcome: 'failed' },
      { id: 'run', attempt: 2, image: 'B', started: 80 },
    );
    expect(it).toMatchObject({ deploys: 2, recoveryMs: 20 * MINUTE, counts: { changes: 3, failed: 1 } });
  });

  test('a pipeline that failed before it touched production is no change', () => {
    const it = measured({ image: 'A' }, { image: 'B', status: 'failure', changed: false });
    expect(it).toMatchObject({ changeFailRate: 0, recoveryMs: null, counts: { changes: 1, failed: 0, all: 1 } });
  });

  test('a failure that is still open counts with its age, and is not dropped from the median', () => {
    const open = measured({ image: 'A' }, { image: 'B', started: 9 * DAY - 60, status: 'failure' });
    expect(open).toMatchObject({ recoveryMs: null, openForMs: 55 * MINUTE, counts: { open: 1, recovered: 0 } });
  });

  test('a hotfix that remediates makes the deploy it names a failure, once, with the incident beside it', () => {
    const it = measured(
      { image: 'A' },
      { id: 'bad', image: 'B', started: 60, links: { incident: 'INC-7' } },
      { image: 'C', started: 90, kind: 'hotfix', links: { remediates: 'bad', incident: 'INC-7' } },
    );
    expect(it).toMatchObject({ deploys: 3, changeFailRate: 0.5, recoveryMs: 30 * MINUTE, reworkRate: 1 / 3 });
  });

  test('an incident stays open until something says that it repairs it', () => {
    const it = measured({ image: 'A', links: { incident: 'INC-7' } }, { image: 'B' });
    expect(it.counts).toMatchObject({ failed: 1, open: 1 });
  });

  test('a rollback after more than a week says nothing about the deploy', () => {
    const it = measured(
      { image: 'A', started: 0 },
      { image: 'B', started: 60 },
      { image: 'A', started: 8 * DAY, kind: 'rollback' },
    );
    expect(it).toMatchObject({ changeFailRate: 0, counts: { unplanned: 1 } });
  });

  test('a rollback that names its deploy is believed over the order of events', () => {
    const it = measured(
      { image: 'A' },
      { id: 'named', image: 'B' },
      { image: 'C' },
      { image: 'A', kind: 'rollback', links: { rolls_back: 'named' } },
    );
    expect(it.counts.failed).toBe(1);
    expect(it.recoveryMs).toBe(120 * MINUTE);
  });

  test('a rollback that failed too leaves the failure open until something goes live', () => {
    const it = measured(
      { image: 'A', started: 0 },
      { image: 'B', started: 60 },
      { image: 'A', started: 90, kind: 'rollback', status: 'failure' },
      { image: 'C', started: 120 },
    );
    expect(it).toMatchObject({ recoveryMs: 60 * MINUTE, counts: { failed: 1, changes: 3 } });
  });
});

describe('a monorepo', () => {
  test('each service in each environment is measured by itself', () => {
    const events = history(
      { service: 'cart', image: 'A', commit: 'one' },
      { service: 'pricing', image: 'A', commit: 'one' },
      { service: 'cart', image: 'B', commit: 'two', status: 'failure' },
      { service: 'pricing', image: 'B', commit: 'two' },
      { service: 'cart', image: 'C', environment: 'live', commit: 'two' },
    );
    const rows = dora(events, { now: at(DAY), days: 10 });
    expect(rows.map((it) => [it.service, it.environment, it.deploys, it.changeFailRate])).toEqual([
      ['cart', 'live', 1, 0],
      ['cart', 'production', 1, 0.5],
      ['pricing', 'production', 2, 0],
    ]);
  });

  test('two repositories with a service of the same name do not mix', () => {
    const events = history({ repository: 'acme/a', image: 'A' }, { repository: 'acme/b', image: 'B' });
    expect(dora(events, { now: at(DAY), days: 10 }).map((it) => it.deploys)).toEqual([1, 1]);
  });
});

describe('properties', () => {
  const step = fc.record({
    service: fc.constantFrom('cart', 'pricing'),
    image: fc.constantFrom('A', 'B', 'C', 'D'),
    kind: fc.constantFrom<Step['kind'] & string>('deploy', 'deploy', 'rollback', 'hotfix', 'config', 'hold'),
    status: fc.constantFrom<Step['status'] & string>('success', 'success', 'failure', 'cancelled', 'unknown'),
    changed: fc.boolean(),
  });
  const options = { now: at(9 * DAY), days: 10 };

  test('shares are shares of what is counted, and nothing is counted twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        for (const { counts, deploys, changeFailRate, reworkRate, recoveryMs } of dora(history(...steps), options)) {
          expect(counts.failed).toBe(counts.recovered + counts.open);
          expect(counts.failed).toBeLessThanOrEqual(counts.changes);
          expect(counts.unplanned).toBe(counts.all - counts.changes);
          expect(deploys).toBeLessThanOrEqual(counts.all);
          expect(changeFailRate === null).toBe(counts.changes === 0);
          expect(reworkRate === null).toBe(counts.all === 0);
          if (counts.failed === 0) expect(recoveryMs).toBeNull();
        }
      }),
    );
  });

  test('the order in which events arrive, and arriving twice, change nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(), (steps, turn) => {
        const events = history(...steps);
        const turned = [...events.slice(turn % (events.length + 1)), ...events];
        expect(dora(turned, options)).toEqual(dora(events, options));
      }),
    );
  });

  test('what another service does changes nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const all = dora(history(...steps), options).filter((it) => it.service === 'cart');
        const alone = history(...steps).filter((it) => it.service === 'cart');
        expect(dora(alone, options)).toEqual(all);
      }),
    );
  });
});

describe('medians', () => {
  const spells = (...list: readonly (number | `${number}+`)[]) =>
    list.map((it) => ({ ms: Number.parseInt(String(it), 10), ended: typeof it === 'number' }));

  test.each([
    [[], null],
    [[7], 7],
    [[1, 3], 2],
    [[9, 1, 4], 4],
    [[4, 1, 3, 2], 2.5],
  ])('of %p is %p', (values, expected) => expect(median(values)).toBe(expected));

  test.each([
    ['nothing', spells(), null],
    ['one open spell', spells('5+'), null],
    ['half of them open, later', spells(2, '9+'), 2],
    ['an open one in the middle', spells(1, '2+', 3, 4), 3],
    ['most of them open', spells(1, '5+', '6+'), null],
    // survival 4/5, then 4/5·2/3 = 8/15, then 8/15·1/2 = 4/15
    ['five, two of them open', spells(1, '2+', 3, 4, '9+'), 4],
  ])('with open spells: %s', (_name, list, expected) => expect(censoredMedian(list)).toBe(expected));

  test('without open spells the censored median is the median', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 40 }), (values) => {
        expect(censoredMedian(values.map((ms) => ({ ms, ended: true })))).toBe(median(values));
      }),
    );
  });
});
