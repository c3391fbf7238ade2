import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalJson,
  type DeployEvent,
  type EventKind,
  GOOD_RELEASES_KEPT,
  HOLDS_KEPT,
  type HoldPolicy,
  holdOn,
  type Outcome,
  previousGood,
  type StreamState,
} from '../../../shared/model/index.ts';
import { applyEvent } from '../../../shared/record/index.ts';
import { commitOf, digestOf, entryOf, eventOf, kindFor, releaseOf, runOf } from './samples.ts';

interface Step {
  readonly outcome: Outcome;
  readonly letter: string;
  readonly kind?: EventKind;
  readonly scope?: 'digest' | 'stream';
  readonly hold?: HoldPolicy;
  readonly commit?: string;
  readonly reason?: 'needs-human';
  readonly started?: boolean;
}

/** Plays steps as the protocol does: what is live goes into each entry. */
function play(steps: readonly Step[]): { readonly state: StreamState; readonly events: readonly DeployEvent[] } {
  let state: StreamState | undefined;
  const events: DeployEvent[] = [];
  const add = (event: DeployEvent) => {
    events.push(event);
    state = applyEvent(state, event);
  };
  steps.forEach((step, place) => {
    const entry = entryOf(step.letter, place * 10, {
      kind: step.kind ?? kindFor(step.outcome),
      live: state?.live ?? undefined,
      release: releaseOf(step.letter, commitOf(step.commit ?? step.letter)),
      ...(step.scope === undefined ? {} : { scope: step.scope }),
    });
    const more = { run: runOf(String(place)), facts: { hold: step.hold ?? 'digest' }, finished: place * 10 + 5 };
    if (step.started) add(eventOf(undefined, entry, { ...more, seq: (state?.seq ?? 0) + 1 }));
    const settled = step.reason === undefined ? {} : { reason: step.reason };
    const phase = step.started ? 'finish' : 'both';
    add(eventOf(step.outcome, entry, { ...more, seq: (state?.seq ?? 0) + 1, phase, settled }));
  });
  if (state === undefined) throw new Error('no steps');
  return { state, events };
}

const deploy = (letter: string, more: Partial<Step> = {}): Step => ({ outcome: 'deployed', letter, ...more });
const back = (letter: string, more: Partial<Step> = {}): Step => ({ outcome: 'rolled-back', letter, ...more });
const fails = (letter: string, more: Partial<Step> = {}): Step => ({
  outcome: 'rolled-back-after-failure',
  letter,
  ...more,
});
const release = (letter: string, scope: 'digest' | 'stream' = 'digest'): Step => ({
  outcome: 'deployed',
  letter,
  kind: 'release',
  scope,
});
const hold = (letter: string, scope: 'digest' | 'stream' = 'digest'): Step => ({
  outcome: 'held',
  letter,
  kind: 'hold',
  scope,
});

const name = (digest: string | null | undefined): string => {
  if (digest === null) return 'stream';
  return ['Z', 'A', 'B', 'C', 'D'].find((letter) => digestOf(letter) === digest) ?? 'none';
};
const show = (state: StreamState): string =>
  [
    `live ${name(state.live === null ? undefined : state.live.image.digest)}`,
    `previous ${name(previousGood(state, state.live)?.image.digest)}`,
    `held ${state.held.map((it) => name(it.digest)).join(' ') || 'none'}`,
  ].join(', ');

describe('what a stream says after its events', () => {
  test.each<[string, readonly Step[], string]>([
    ['one deploy', [deploy('A')], 'live A, previous none, held none'],
    ['two', [deploy('A'), deploy('B')], 'live B, previous A, held none'],
    ['a rollback holds what it left', [deploy('A'), deploy('B'), back('A')], 'live A, previous none, held B'],
    ['a failed deploy holds itself', [deploy('A'), fails('B')], 'live A, previous none, held B'],
    [
      'U6: the next good digest ends the hold',
      [deploy('A'), deploy('B'), back('A'), deploy('C')],
      'live C, previous A, held none',
    ],
    ['another failure does not', [deploy('A'), deploy('B'), back('A'), fails('C')], 'live A, previous none, held C B'],
    [
      'going back further does not',
      [deploy('Z'), deploy('A'), deploy('B'), back('A'), back('Z')],
      'live Z, previous none, held A B',
    ],
    [
      'going back to a held one on purpose ends its hold',
      [deploy('A'), deploy('B'), back('A'), back('B')],
      'live B, previous none, held A',
    ],
    ['an overridden hold is over', [deploy('A'), deploy('B'), back('A'), deploy('B')], 'live B, previous A, held none'],
    ['a release ends the hold', [deploy('A'), deploy('B'), back('A'), release('B')], 'live A, previous B, held none'],
    [
      'a release of another digest does not',
      [deploy('A'), deploy('B'), back('A'), release('C')],
      'live A, previous none, held B',
    ],
    ['hold: none', [deploy('A'), deploy('B'), back('A', { hold: 'none' })], 'live A, previous B, held none'],
    ['hold: stream', [deploy('A'), deploy('B'), back('A', { hold: 'stream' })], 'live A, previous B, held stream'],
    [
      'a stream stays held through an overridden deploy',
      [deploy('A'), hold('A', 'stream'), deploy('B')],
      'live B, previous A, held stream',
    ],
    [
      'a release of the stream ends all',
      [deploy('A'), fails('B'), hold('A', 'stream'), release('A', 'stream')],
      'live A, previous none, held none',
    ],
    [
      'a release of a digest lets it in',
      [deploy('A'), fails('B'), hold('A', 'stream'), release('B')],
      'live A, previous none, held none',
    ],
    ['a hold by hand', [deploy('A'), deploy('B'), hold('A')], 'live B, previous none, held A'],
    ['a first deploy that fails', [fails('A')], 'live none, previous none, held A'],
    ['U7: an old digest comes back', [deploy('A'), deploy('B'), deploy('A')], 'live A, previous B, held none'],
    ['removed', [deploy('A'), { outcome: 'removed', letter: 'A' }], 'live none, previous A, held none'],
    ['failed', [deploy('A'), { outcome: 'failed', letter: 'B' }], 'live A, previous none, held none'],
    ['cancelled', [deploy('A'), { outcome: 'cancelled', letter: 'B' }], 'live A, previous none, held none'],
    ['superseded', [deploy('B'), { outcome: 'superseded', letter: 'A' }], 'live B, previous none, held none'],
    ['a flag moves no image', [deploy('A'), deploy('B', { kind: 'flag' })], 'live A, previous none, held none'],
    [
      'a rollback by another tool',
      [deploy('A'), deploy('B'), deploy('A', { kind: 'rollback' })],
      'live A, previous none, held B',
    ],
  ])('%s', (_what, steps, says) => {
    expect(show(play(steps).state)).toBe(says);
    // A start before each end changes nothing of what they say.
    expect(show(play(steps.map((it) => ({ ...it, started: true }))).state)).toBe(says);
  });

  test('a start is in doubt until its end, and is neither live nor previous', () => {
    const { events } = play([deploy('A'), deploy('B', { started: true })]);
    const [first, start, finish] = events;
    if (!first || !start || !finish) throw new Error('three events');
    const doubted = applyEvent(applyEvent(undefined, first), start);
    expect(doubted.in_doubt).toMatchObject({ event: start.id, owner: 'acme/shop/1/1/deploy' });
    expect(show(doubted)).toBe('live A, previous none, held none');
    expect(applyEvent(doubted, finish).in_doubt).toBeNull();
  });

  test.each<[EventKind, boolean | undefined, object]>([
    ['deploy', undefined, {}],
    ['hotfix', true, {}],
    ['deploy', false, { automatic: false }],
    ['rollback', undefined, { mode: 'rollback' }],
    ['remove', false, { mode: 'remove', automatic: false }],
  ])('a doubt says what its run was asked for: %s, automatic %p', (kind, automatic, expected) => {
    const entry = entryOf('B', 1, { kind, ...(automatic === undefined ? {} : { automatic }) });
    const doubt = applyEvent(undefined, eventOf(undefined, entry)).in_doubt;
    const { mode, automatic: may } = doubt ?? {};
    expect({ ...(mode && { mode }), ...(may !== undefined && { automatic: may }) }).toEqual(expected);
  });

  test("another's end leaves the doubt, unless it says that it supersedes", () => {
    const start = eventOf(undefined, entryOf('B', 1), { run: runOf('7') });
    const doubted = applyEvent(undefined, start);
    const other = eventOf('unchanged', entryOf('A', 2), { run: runOf('8'), seq: 2 });
    expect(applyEvent(doubted, other).in_doubt).not.toBeNull();
    const links = { supersedes: start.id };
    const rollback = eventOf('rolled-back', entryOf('A', 2, { kind: 'rollback', links }), { run: runOf('8'), seq: 2 });
    expect(applyEvent(doubted, rollback).in_doubt).toBeNull();
  });

  test('unchanged with a new commit moves the commit, not the image, its event or its time', () => {
    const before = play([deploy('A')]).state;
    const after = play([deploy('A'), { outcome: 'unchanged', letter: 'A', kind: 'deploy', commit: 'C' }]).state;
    expect(after.live).toEqual({ ...before.live, commit: commitOf('C') });
    expect(after.good[0]).toEqual(after.live);
  });

  test('after a rollback the base is the commit of what was gone back to', () => {
    const { state, events } = play([deploy('A'), deploy('B'), back('A')]);
    expect(state.live).toMatchObject({ commit: commitOf('A'), event: events.at(-1)?.id });
  });

  test.each<[string, readonly Step[], boolean]>([
    ['a rollback that failed', [deploy('A'), { outcome: 'rollback-failed', letter: 'B' }], true],
    [
      'U5: one that a machine must not do',
      [deploy('A'), { outcome: 'failed', letter: 'B', reason: 'needs-human' }],
      true,
    ],
    ['an ordinary failure', [deploy('A'), { outcome: 'failed', letter: 'B' }], false],
    ['the next deploy ends it', [{ outcome: 'rollback-failed', letter: 'B' }, deploy('C')], false],
    ['so does a rollback', [deploy('A'), { outcome: 'rollback-failed', letter: 'B' }, back('A')], false],
    [
      'one that took itself back does not',
      [deploy('A'), { outcome: 'rollback-failed', letter: 'B' }, fails('C')],
      true,
    ],
  ])('needs a person: %s', (_what, steps, needed) => {
    expect(play(steps).state.needs_human !== null).toBe(needed);
  });

  test('lists are bounded, and the hold of the stream is not what goes', () => {
    const letters = Array.from({ length: HOLDS_KEPT + 10 }, (_, place) => `v${place}`);
    const good = play(letters.map((letter) => deploy(letter))).state.good;
    expect(good).toHaveLength(GOOD_RELEASES_KEPT);
    expect(good[0]?.image.digest).toBe(digestOf(letters.at(-1) ?? ''));
    const { held } = play([hold('A', 'stream'), ...letters.map((letter) => fails(letter))]).state;
    expect(held.length).toBeLessThanOrEqual(HOLDS_KEPT + 1);
    expect(held.some((it) => it.digest === null)).toBe(true);
  });
});

describe('laws', () => {
  const outcomes = [
    'deployed',
    'unchanged',
    'superseded',
    'rolled-back',
    'removed',
    'rolled-back-after-failure',
    'rollback-failed',
    'failed',
    'cancelled',
    'unknown',
  ] as const;
  const step: fc.Arbitrary<Step> = fc.record({
    outcome: fc.constantFrom<Outcome>(...outcomes),
    letter: fc.constantFrom('Z', 'A', 'B', 'C', 'D'),
    kind: fc.constantFrom<EventKind>('deploy', 'rollback', 'hotfix', 'hold', 'release', 'flag'),
    scope: fc.constantFrom<('digest' | 'stream')[]>('digest', 'digest', 'digest', 'stream'),
    hold: fc.constantFrom<HoldPolicy[]>('digest', 'stream', 'none'),
    started: fc.boolean(),
  });
  const steps = fc.array(step, { minLength: 1, maxLength: 25 });

  test('a replay gives the state that was stored, and the newest event applied again changes nothing', () => {
    fc.assert(
      fc.property(steps, (it) => {
        const { state, events } = play(it);
        const replayed = events.reduce<StreamState | undefined>((so, event) => applyEvent(so, event), undefined);
        expect(canonicalJson(replayed)).toBe(canonicalJson(state));
        const last = events.at(-1);
        expect(last && canonicalJson(applyEvent(state, last))).toBe(canonicalJson(state));
      }),
    );
  });

  test('each digest is good once and held once; live is good; previous is neither live nor held', () => {
    fc.assert(
      fc.property(steps, (it) => {
        const { state } = play(it);
        const good = state.good.map((release) => release.image.digest);
        expect(new Set(good).size).toBe(good.length);
        const held = state.held.map((each) => each.digest);
        expect(new Set(held).size).toBe(held.length);
        if (state.live !== null) expect(good).toContain(state.live.image.digest);
        const previous = previousGood(state, state.live)?.image.digest;
        expect(previous === undefined || (previous !== state.live?.image.digest && !held.includes(previous))).toBe(
          true,
        );
      }),
    );
  });

  test('after a plain deploy what is live is not held, unless the whole stream is', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('Z', 'A', 'B'), (it, letter) => {
        const { state } = play([...it, deploy(letter)]);
        expect(state.live?.image.digest).toBe(digestOf(letter));
        expect(holdOn(state, digestOf(letter))?.digest ?? null).toBeNull();
      }),
    );
  });
});
