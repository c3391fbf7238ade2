import { describe, expect, test } from '@jest/globals';
import { canonicalJson, type DeployEvent, type StreamCommit } from '../../../shared/model/index.ts';
import {
  foldLedger,
  formatFinding,
  openJournal,
  publishFold,
  readFolded,
  readHistory,
  readStreams,
  streamRef,
  verify,
} from '../../../shared/record/index.ts';
import { type MemoryStore, memoryStore } from '../../support/memory-store.ts';
import { entryOf, factsOf, fakeClock, fakeLog, imageOf, REPOSITORY, runOf, settledOf } from './samples.ts';

const CHECKOUT = { environment: 'production', service: 'checkout', repository: undefined };
const REF = streamRef(CHECKOUT);
const BRANCH = 'refs/heads/slipway-ledger';
const PREFIX = ['refs/slipway/v1/'];

const worldOf = (store: MemoryStore) => ({
  store,
  clock: fakeClock(),
  random: () => 0.5,
  redact: (text: string) => text,
  log: fakeLog(),
});

async function deploy(
  store: MemoryStore,
  letter: string,
  run: string,
  seconds: number,
  environment = 'production',
): Promise<void> {
  const stream = { ...CHECKOUT, environment };
  const journal = await openJournal(worldOf(store), factsOf(runOf(run), { stream }));
  const entry = entryOf(letter, seconds, { live: journal.state?.live ?? undefined });
  await journal.start(entry);
  await journal.finish(entry, settledOf('deployed', seconds + 5));
}

/** Two deploys to production, one to staging. */
async function ledger(): Promise<MemoryStore> {
  const store = memoryStore();
  await deploy(store, 'A', '1', 10, 'staging');
  await deploy(store, 'A', '2', 20);
  await deploy(store, 'B', '3', 40);
  return store;
}

const historyOf = async (store: MemoryStore): Promise<readonly StreamCommit[]> =>
  (await store.histories([REF])).get(REF) ?? [];

/** One commit of a history, changed. */
function changed(
  history: readonly StreamCommit[],
  place: number,
  change: (commit: StreamCommit) => Partial<StreamCommit>,
): readonly StreamCommit[] {
  return history.map((commit, at) => (at === place ? { ...commit, ...change(commit) } : commit));
}

function withEvent(commit: StreamCommit, change: (event: DeployEvent) => Partial<DeployEvent>): Partial<StreamCommit> {
  const event = JSON.parse(commit.files['event.json'] ?? '');
  return { files: { ...commit.files, 'event.json': canonicalJson({ ...event, ...change(event) }) } };
}

describe('reading', () => {
  test('streams say where they stand, those that are not there are missing', async () => {
    const view = await readStreams(await ledger(), 'all', REPOSITORY);
    expect([...view.streams.keys()].sort()).toEqual([REF, streamRef({ ...CHECKOUT, environment: 'staging' })].sort());
    expect(view.reading(CHECKOUT, [])).toMatchObject({
      kind: 'believed',
      state: { live: { image: imageOf('B') }, seq: 4 },
    });
    expect(view.reading({ ...CHECKOUT, service: 'cart' }, ['basket'])).toEqual({ kind: 'missing' });
  });

  test('U12: an earlier name is read as the new one', async () => {
    const renamed = { ...CHECKOUT, service: 'basket' };
    const view = await readStreams(await ledger(), [renamed, CHECKOUT], REPOSITORY);
    expect(view.reading(renamed, ['cart', 'checkout'])).toMatchObject({
      kind: 'believed',
      state: { service: 'basket', live: { image: imageOf('B') } },
    });
  });

  test.each<[string, (commit: StreamCommit) => Partial<StreamCommit>, string]>([
    ['no state', (commit) => ({ files: { 'event.json': commit.files['event.json'] ?? '' } }), 'state.json is missing'],
    [
      'an event that is none',
      (commit) => ({ files: { ...commit.files, 'event.json': '[]' } }),
      'event.json does not follow',
    ],
    [
      "another stream's",
      (commit) => withEvent(commit, () => ({ stream: 'staging/checkout' })),
      'its event is one of staging/checkout',
    ],
    [
      "another repository's (a fork took the refs along)",
      (commit) => withEvent(commit, (it) => ({ commit: { ...it.commit, repo: 'eve/shop' } })),
      'repository eve/shop',
    ],
    [
      'U10: a healthy state under another event',
      (commit) => withEvent(commit, () => ({ outcome: 'failed', status: 'failure' })),
      'its state is not what its event makes it',
    ],
    ['another number', (commit) => withEvent(commit, () => ({ seq: 9 })), 'its state is not what its event makes it'],
  ])('%s is unbelievable', async (_what, change, why) => {
    const store = await ledger();
    store.rewrite(REF, changed(await historyOf(store), 3, change));
    const reading = (await readStreams(store, [CHECKOUT], REPOSITORY)).reading(CHECKOUT, []);
    expect(reading).toMatchObject({ kind: 'unbelievable', why: expect.stringContaining(why) });
  });

  test('a state of another stream is unbelievable too', async () => {
    const store = await ledger();
    const staging = (await store.tips([streamRef({ ...CHECKOUT, environment: 'staging' })])).values().next().value;
    store.rewrite(
      REF,
      changed(await historyOf(store), 3, (commit) => ({
        files: { ...commit.files, 'state.json': staging?.files['state.json'] ?? '' },
      })),
    );
    expect((await readStreams(store, [CHECKOUT], REPOSITORY)).reading(CHECKOUT, [])).toMatchObject({
      kind: 'unbelievable',
      why: expect.stringContaining('its state is that of'),
    });
  });

  test('U11: in a shared ledger each stream is of its own repository', async () => {
    const store = memoryStore();
    for (const repository of ['acme/shop', 'acme/bank']) {
      const run = { ...runOf('1'), repository };
      const journal = await openJournal(worldOf(store), factsOf(run, { stream: { ...CHECKOUT, repository } }));
      await journal.finish(entryOf(repository === 'acme/shop' ? 'A' : 'B', 1), settledOf('deployed', 2));
    }
    const view = await readStreams(store, 'all', 'acme/deploys');
    expect(view.reading({ ...CHECKOUT, repository: 'acme/shop' }, [])).toMatchObject({
      state: { live: { image: imageOf('A') } },
    });
    expect(view.reading({ ...CHECKOUT, repository: 'acme/bank' }, [])).toMatchObject({
      state: { live: { image: imageOf('B') } },
    });
    expect(verify(await store.histories(PREFIX), 'acme/deploys')).toEqual([]);
  });

  test('the history of all streams comes in the order of time', async () => {
    const { events } = await readHistory(await ledger());
    expect(events.map(({ event }) => `${event.env.name} ${event.phase} ${event.version}`)).toEqual([
      'staging start 1.0.0-A',
      'staging finish 1.0.0-A',
      'production start 1.0.0-A',
      'production finish 1.0.0-A',
      'production start 1.0.0-B',
      'production finish 1.0.0-B',
    ]);
  });
});

describe('verify', () => {
  test('what was written as it should be has no findings', async () => {
    expect(verify(await (await ledger()).histories(PREFIX), REPOSITORY)).toEqual([]);
  });

  test.each<[string, (history: readonly StreamCommit[]) => readonly StreamCommit[], number, string]>([
    ['an event is taken out', (it) => [...it.slice(0, 1), ...it.slice(2)], 1, 'was rewritten'],
    [
      'and the chain is mended',
      (it) => changed([...it.slice(0, 1), ...it.slice(2)], 1, () => ({ parent: it[0]?.id })),
      1,
      'Its number is 3, where 2 is due',
    ],
    [
      'an event is changed',
      (it) => changed(it, 1, (commit) => withEvent(commit, () => ({ version: '6.6.6' }))),
      1,
      'state.json is not what',
    ],
    [
      'an event is unreadable',
      (it) => changed(it, 1, (commit) => ({ files: { ...commit.files, 'event.json': '?' } })),
      1,
      'Event.json is not JSON',
    ],
    [
      'a state is missing',
      (it) => changed(it, 1, (commit) => ({ files: { 'event.json': commit.files['event.json'] ?? '' } })),
      1,
      'State.json is missing',
    ],
    [
      'an event is there twice',
      (it) => [...it, ...it.slice(3).map((commit) => ({ ...commit, parent: commit.id, id: 'f'.repeat(40) }))],
      4,
      'is there twice',
    ],
    [
      'an event of elsewhere',
      (it) => changed(it, 1, (commit) => withEvent(commit, () => ({ service: 'cart' }))),
      1,
      'not of production/checkout',
    ],
    [
      'time goes back',
      (it) =>
        changed(it, 3, (commit) =>
          withEvent(commit, (event) => ({ times: { ...event.times, finished: '2020-01-01T00:00:00.000Z' } })),
        ),
      3,
      'is before that of the event before it',
    ],
  ])('%s: stream, commit and event are named', async (_what, tamper, place, what) => {
    const store = await ledger();
    store.rewrite(REF, tamper(await historyOf(store)));
    const findings = verify(await store.histories(PREFIX), REPOSITORY);
    const commit = (await historyOf(store))[place];
    expect(findings).toContainEqual(
      expect.objectContaining({ stream: REF, at: commit?.id, what: expect.stringContaining(what) }),
    );
    expect(findings.map(formatFinding).join('\n')).toContain(`${REF} at ${commit?.id.slice(0, 12)}`);
  });

  test('one wrong event does not make all that follow wrong', async () => {
    const store = await ledger();
    store.rewrite(
      REF,
      changed(await historyOf(store), 1, (commit) => withEvent(commit, () => ({ version: '6.6.6' }))),
    );
    expect(verify(await store.histories(PREFIX), REPOSITORY)).toHaveLength(1);
  });

  test('a ref that Slipway does not make', async () => {
    const store = await ledger();
    store.forge('refs/slipway/v1/production/a/b', {});
    expect(verify(await store.histories(PREFIX), REPOSITORY)).toMatchObject([
      { stream: 'refs/slipway/v1/production/a/b' },
    ]);
  });
});

describe('the fold', () => {
  const folded = async (store: MemoryStore) => publishFold(worldOf(store), REPOSITORY);

  test('one line an event, by environment and month, with heads, states and root', async () => {
    const store = await ledger();
    const first = await folded(store);
    expect(first).toMatchObject({ added: 6, findings: [] });
    const tip = (await store.tips([BRANCH])).get(BRANCH);
    expect(Object.keys(tip?.files ?? {}).sort()).toEqual([
      'events/production/2026-01.jsonl',
      'events/staging/2026-01.jsonl',
      'heads.json',
      'root',
      'state.json',
    ]);
    const lines = (tip?.files['events/production/2026-01.jsonl'] ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.at)).toEqual((await historyOf(store)).map((commit) => commit.id));
    expect(JSON.parse(tip?.files['state.json'] ?? '')[REF]).toMatchObject({ seq: 4, live: { image: imageOf('B') } });
    expect(JSON.parse(tip?.files['heads.json'] ?? '')[REF]).toBe((await historyOf(store)).at(-1)?.id);
    expect(tip?.files['root']).toBe(`${first.root}\n`);
  });

  test('folding again changes nothing and pushes nothing; one more event is one more line, on top of the old root', async () => {
    const store = await ledger();
    const first = await folded(store);
    const again = await folded(store);
    expect([again.root, again.added]).toEqual([first.root, 0]);
    expect((await store.histories([BRANCH])).get(BRANCH)).toHaveLength(1);
    await deploy(store, 'C', '9', 60);
    const next = await folded(store);
    expect(next.added).toBe(2);
    expect(next.root).not.toBe(first.root);
    const path = 'events/production/2026-01.jsonl';
    expect(next.files[path]?.startsWith(first.files[path] ?? '?')).toBe(true);
    // The same events in one fold: same lines, another root, since the root knows its past.
    const atOnce = foldLedger(await store.histories(PREFIX), undefined, REPOSITORY);
    expect(atOnce.files[path]).toBe(next.files[path]);
    expect(atOnce.root).not.toBe(next.root);
  });

  test('a stream that was rewritten after the fold shows, and what was folded stays', async () => {
    const store = await ledger();
    const first = await folded(store);
    const history = await historyOf(store);
    store.rewrite(REF, history.slice(0, 2));
    await deploy(store, 'D', '8', 80);
    const next = await folded(store);
    expect(next.findings).toMatchObject([{ stream: REF, what: expect.stringContaining(history.at(-1)?.id ?? '?') }]);
    const path = 'events/production/2026-01.jsonl';
    expect(next.files[path]?.startsWith(first.files[path] ?? '?')).toBe(true);
    expect(next.added).toBe(2);
  });

  test('a stream that is gone shows every time', async () => {
    const store = await ledger();
    await folded(store);
    store.rewrite(REF, []);
    for (const _ of [1, 2])
      expect((await folded(store)).findings).toMatchObject([{ stream: REF, what: expect.stringContaining('is gone') }]);
  });

  test('a forged event becomes no line, whatever folder it names', async () => {
    const store = await ledger();
    const commit = (await historyOf(store)).at(-1);
    const forged = JSON.parse(commit?.files['event.json'] ?? '');
    store.forge(REF, {
      ...commit?.files,
      'event.json': canonicalJson({ ...forged, env: { ...forged.env, name: '../../.github' } }),
    });
    const it = await folded(store);
    expect(Object.keys(it.files).filter((path) => path.includes('..'))).toEqual([]);
    expect(it.added).toBe(6);
    expect(it.findings).not.toEqual([]);
    expect(JSON.parse(it.files['state.json'] ?? '')[REF]).toBeUndefined();
  });

  test('two folds at once: the slower takes up what the faster wrote', async () => {
    const store = await ledger();
    const [a, b] = await Promise.all([folded(store), folded(store)]);
    expect(a.root).toBe(b.root);
    expect((await store.histories([BRANCH])).get(BRANCH)).toHaveLength(1);
  });

  test('a branch that is no fold is not built upon', async () => {
    const store = await ledger();
    store.forge(BRANCH, { 'README.md': 'hello' });
    await expect(folded(store)).rejects.toMatchObject({ code: 'ledger-unbelievable' });
    expect(readFolded(undefined)).toBeUndefined();
  });

  test('a branch that always moves is given up', async () => {
    const store = await ledger();
    store.appendFaults.push('moved', 'moved', 'moved', 'moved');
    await expect(folded(store)).rejects.toMatchObject({ code: 'ledger-unavailable' });
  });
});
