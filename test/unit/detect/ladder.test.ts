import { describe, expect, test } from '@jest/globals';
import { detect } from '../../../shared/detect/index.ts';
import { planBase } from '../../../shared/detect/ladder.ts';
import type { Base, Commit, Trigger } from '../../../shared/model/index.ts';
import { tagPrefix } from '../../../shared/model/index.ts';
import { config, type FakeHistory, fakeCheckout, id, input, push, REQUEST, run, running, service } from './world.ts';

const [HEAD, BASE, MAIN, TOPIC] = [id('head'), id('base'), id('main'), id('topic')];

const pull = (more: Partial<Extract<Trigger, { kind: 'pull-request' }>> = {}): Trigger => ({
  kind: 'pull-request',
  number: 7,
  base: { ref: 'main', sha: id('stale') },
  head: { ref: 'topic', sha: TOPIC },
  fork: false,
  ...more,
});
const group: Trigger = {
  kind: 'merge-group',
  base: { ref: 'refs/heads/main', sha: id('entry') },
  head: { sha: HEAD },
};
const other: Trigger = { kind: 'other', name: 'workflow_dispatch' };

interface Rung {
  readonly trigger: Trigger;
  readonly base?: string;
  readonly history?: FakeHistory;
  /** Whether the service goes to production. */
  readonly deployed?: boolean;
  readonly expected: Partial<Base>;
  readonly head?: Commit;
}

const UNKNOWN = { commit: undefined, rung: 'unknown' } as const;

const RUNGS: Readonly<Record<string, Rung>> = {
  'push to the default branch: what is deployed': {
    trigger: push(id('before')),
    deployed: true,
    expected: { commit: BASE, rung: 'deployed', environment: 'production' },
  },
  'push to the default branch, no environments: before': {
    trigger: push(BASE),
    expected: { commit: BASE, rung: 'before' },
  },
  'first push of the default branch, no environments: unknown': { trigger: push(undefined), expected: UNKNOWN },
  'push to another branch: before, whatever is deployed': {
    trigger: push(BASE, 'topic'),
    deployed: true,
    expected: { commit: BASE, rung: 'before' },
  },
  'push to another branch, the old tip is gone: unknown, not the merge base': {
    trigger: push(BASE, 'topic'),
    history: { lost: [BASE], names: { 'refs/heads/main': MAIN }, mergeBases: { [`${MAIN} ${HEAD}`]: id('fork') } },
    expected: UNKNOWN,
  },
  'a new branch: the merge base with the default branch': {
    trigger: push(undefined, 'topic'),
    history: { names: { 'refs/heads/main': MAIN }, mergeBases: { [`${MAIN} ${HEAD}`]: BASE } },
    expected: { commit: BASE, rung: 'merge-base' },
  },
  'a new branch without a common history: unknown': {
    trigger: push(undefined, 'topic'),
    history: { names: { 'refs/heads/main': MAIN } },
    expected: UNKNOWN,
  },
  'the first branch of a repository, which is not the default one: unknown': {
    trigger: push(undefined, 'topic'),
    expected: UNKNOWN,
  },
  'pull request: the first parent of the merge commit, however stale the event’s base is': {
    trigger: pull(),
    history: { facts: { [HEAD]: { parents: [BASE, TOPIC] } }, names: { HEAD } },
    expected: { commit: BASE, rung: 'first-parent' },
  },
  'pull request with its head checked out: the merge base': {
    trigger: pull(),
    history: {
      names: { HEAD: TOPIC, 'refs/heads/main': MAIN },
      mergeBases: { [`${MAIN} ${TOPIC}`]: BASE },
      facts: { [HEAD]: { parents: [id('wrong'), TOPIC] } },
    },
    expected: { commit: BASE, rung: 'merge-base' },
    head: TOPIC,
  },
  'pull_request_target: the run’s commit is the target branch, even when that is a merge': {
    trigger: pull(),
    history: {
      facts: { [HEAD]: { parents: [id('other'), id('pull')] } },
      names: { HEAD, 'refs/heads/main': MAIN },
      mergeBases: { [`${MAIN} ${TOPIC}`]: BASE },
    },
    expected: { commit: BASE, rung: 'merge-base' },
    head: TOPIC,
  },
  'pull request whose target branch was deleted: the merge base with the event’s base': {
    trigger: pull(),
    history: { names: { HEAD: TOPIC }, mergeBases: { [`${id('stale')} ${TOPIC}`]: BASE } },
    expected: { commit: BASE, rung: 'merge-base' },
    head: TOPIC,
  },
  'merge group: the target branch, not the entry before': {
    trigger: group,
    history: { names: { 'refs/heads/main': BASE } },
    expected: { commit: BASE, rung: 'target-branch' },
  },
  'merge group, target branch not found: unknown': { trigger: group, expected: UNKNOWN },
  'tag: the nearest tag of the same prefix': {
    trigger: { kind: 'tag', tag: 'checkout/v1.2.3' },
    deployed: true,
    history: { tags: { 'checkout/v': { tag: 'checkout/v1.2.2', commit: BASE } } },
    expected: { commit: BASE, rung: 'previous-tag' },
  },
  'the first tag: unknown': { trigger: { kind: 'tag', tag: 'v1.0.0' }, expected: UNKNOWN },
  'a tag without a version: unknown': { trigger: { kind: 'tag', tag: 'nightly' }, expected: UNKNOWN },
  'an event not named: what is deployed': {
    trigger: other,
    deployed: true,
    expected: { commit: BASE, rung: 'deployed', environment: 'production' },
  },
  'an event not named, no environments: unknown': { trigger: other, expected: UNKNOWN },
  'base: a ref': {
    trigger: push(id('before')),
    base: 'v1',
    history: { names: { v1: BASE } },
    deployed: true,
    expected: { commit: BASE, rung: 'input' },
  },
  'base: a ref that is not there: unknown': { trigger: push(id('before')), base: 'v1', expected: UNKNOWN },
  'base: deployed:<environment>, on any event': {
    trigger: pull(),
    base: 'deployed:production',
    deployed: true,
    expected: { commit: BASE, rung: 'deployed', environment: 'production' },
    head: TOPIC,
  },
};

describe('the base ladder', () => {
  function given({ trigger, base = 'auto', history = {}, deployed = false }: Rung) {
    return input({
      config: config([service('a', deployed ? ['production'] : [])]),
      run: run(trigger, HEAD),
      checkout: fakeCheckout(history),
      request: { ...REQUEST, base },
      stream: () => running(BASE),
    });
  }

  test.each(Object.entries(RUNGS))('%s', async (_name, rung) => {
    const selection = await detect(given(rung));
    expect(selection.head).toBe(rung.head ?? HEAD);
    const [verdict] = selection.verdicts;
    expect(verdict?.bases).toHaveLength(1);
    expect(verdict?.bases[0]).toMatchObject(rung.expected);
    const isUnknown = rung.expected.rung === 'unknown';
    expect(verdict?.selected).toBe(isUnknown);
    expect(verdict?.reasons.map((it) => it.kind)).toEqual(isUnknown ? ['base-unknown'] : []);
  });

  test.each(Object.entries(RUNGS).filter(([, it]) => it.expected.rung === 'unknown'))(
    'on-unknown-base: fail — %s',
    async (_name, rung) => {
      const it = given(rung);
      const failing = detect({ ...it, request: { ...it.request, onUnknownBase: 'fail' } });
      await expect(failing).rejects.toMatchObject({ code: 'base-unknown', message: expect.stringContaining('a: ') });
    },
  );

  test('no rung ever takes the parent commit for want of better', async () => {
    const parent = id('parent');
    for (const rung of Object.values(RUNGS)) {
      const history = { facts: { [HEAD]: { parents: [parent] } }, ...rung.history };
      const selection = await detect(given({ ...rung, history }));
      expect(selection.verdicts[0]?.bases[0]?.commit).not.toBe(parent);
    }
  });
});

describe('the head', () => {
  const it = (head: string | undefined, history: FakeHistory) =>
    input({
      config: config([service('a')]),
      run: run(push(BASE), HEAD),
      checkout: fakeCheckout(history),
      request: { ...REQUEST, head },
    });

  test('one that is asked for counts instead of the event’s', async () => {
    const checkout = fakeCheckout({ names: { topic: TOPIC } });
    await detect({ ...it('topic', {}), checkout });
    expect(checkout.diffs).toEqual([`${BASE} ${TOPIC}`]);
  });

  test('one that git does not know is an error of the input', async () => {
    await expect(detect(it('nothing', {}))).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('one whose tree cannot be had is an error, not an empty answer', async () => {
    await expect(detect(it(undefined, { lost: [HEAD] }))).rejects.toMatchObject({ code: 'git-failed' });
  });

  test('a merge commit of an unnamed pull request head is known by its ref', async () => {
    const trigger = pull({ head: { ref: 'topic', sha: undefined } });
    const history = { facts: { [HEAD]: { parents: [BASE, TOPIC] } }, names: { HEAD } };
    const given = { ...it(undefined, history), run: run(trigger, HEAD, 'refs/pull/7/merge') };
    expect((await detect(given)).verdicts[0]?.bases[0]).toMatchObject({ commit: BASE, rung: 'first-parent' });
  });
});

test.each([
  ['v1.2.3', 'v'],
  ['1.2.3', ''],
  ['checkout/v1.2.3-rc.1', 'checkout/v'],
  ['s3-sync-v1.0.0+build.7', 's3-sync-v'],
  ['s3-sync-v2', 's3-sync-v'],
  ['release-2026.11', 'release-'],
  ['nightly', undefined],
  ['v1-beta', undefined],
])('the prefix of tag %s is %s', (tag, prefix) => expect(tagPrefix(tag)).toBe(prefix));

test('the plan is a pure value', () => {
  const facts = { base: 'auto', trigger: push(BASE), defaultBranch: 'main', firstParent: undefined };
  expect(planBase(facts)).toEqual({
    kind: 'deployed',
    environments: 'every',
    otherwise: { rung: 'before', commit: BASE },
  });
});
