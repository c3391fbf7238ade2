import { describe, expect, test } from '@jest/globals';
import {
  canonicalJson,
  type InDoubt,
  type JournalEntry,
  type StreamState,
  UserError,
} from '../../../shared/model/index.ts';
import {
  type JournalFacts,
  openJournal,
  parseEvent,
  readStreams,
  streamRef,
  verify,
} from '../../../shared/record/index.ts';
import { type MemoryStore, memoryStore } from '../../support/memory-store.ts';
import {
  at,
  commitOf,
  digestOf,
  entryOf,
  factsOf,
  fakeClock,
  fakeLog,
  imageOf,
  REPOSITORY,
  redact,
  runOf,
  SECRET,
  settledOf,
} from './samples.ts';

const REF = 'refs/slipway/v1/production/checkout';

function worldOf(store: MemoryStore = memoryStore()) {
  const log = fakeLog();
  const clock = fakeClock();
  const open = (run = runOf('1'), more: Partial<JournalFacts> = {}) =>
    openJournal({ store, clock, random: () => 0.5, redact, log }, factsOf(run, more));
  const events = async (ref = REF) =>
    ((await store.histories([ref])).get(ref) ?? []).map((commit) => {
      const parsed = parseEvent(commit.files['event.json']);
      return 'value' in parsed
        ? `${parsed.value.phase} ${parsed.value.outcome} ${parsed.value.run.id}/${parsed.value.run.attempt}`
        : parsed.why;
    });
  const findings = async () => verify(await store.histories(['refs/slipway/v1/']), REPOSITORY).map((it) => it.what);
  return { store, log, clock, open, events, findings };
}

/** A whole deploy by a run of its own. */
async function deploy(world: ReturnType<typeof worldOf>, letter: string, run: string, seconds: number): Promise<void> {
  const journal = await world.open(runOf(run));
  const entry = withLive(journal.state, entryOf(letter, seconds));
  await journal.start(entry);
  expect(await journal.finish(entry, settledOf('deployed', seconds + 5))).toBe(true);
}

const withLive = (state: StreamState | undefined, entry: JournalEntry): JournalEntry => ({
  ...entry,
  live: state?.live ?? undefined,
});

const doubtOf = (state: StreamState | undefined): InDoubt => {
  if (!state?.in_doubt) throw new Error('not in doubt');
  return state.in_doubt;
};

describe('a journal', () => {
  test('start and finish are two commits, and the state follows', async () => {
    const world = worldOf();
    const journal = await world.open();
    expect(journal.state).toBeUndefined();
    await journal.start(entryOf('A', 1));
    expect(journal.state?.in_doubt).toMatchObject({
      event: journal.eventId('deploy', imageOf('A')),
      release: { image: imageOf('A') },
    });
    expect(await journal.finish(entryOf('A', 1), settledOf('deployed', 6))).toBe(true);
    expect(journal.state).toMatchObject({ in_doubt: null, live: { image: imageOf('A'), since: at(6) }, seq: 2 });
    expect(await world.events()).toEqual(['start null 1/1', 'finish deployed 1/1']);
    expect(journal.events.map((event) => event.phase)).toEqual(['start', 'finish']);
    expect(await world.findings()).toEqual([]);
  });

  test('nothing started: start and end are one commit', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    const journal = await world.open(runOf('2'));
    const entry = withLive(
      journal.state,
      entryOf('A', 20, { release: { ...entryOf('A', 0).release, commit: commitOf('C') } }),
    );
    expect(await journal.finish(entry, settledOf('unchanged', 21, { changed: false }))).toBe(true);
    expect(await world.events()).toEqual(['start null 1/1', 'finish deployed 1/1', 'both unchanged 2/1']);
    expect(journal.state?.live?.commit).toBe(commitOf('C'));
  });

  test.each(['held', 'planned', 'gate-failed', 'locked', 'fenced'] as const)('%s leaves no event', async (outcome) => {
    const world = worldOf();
    const journal = await world.open();
    await journal.finish(entryOf('A', 1), settledOf(outcome, 2, { changed: false }));
    expect(await world.events()).toEqual([]);
  });

  test('a start that ends before anything was written is closed all the same', async () => {
    const world = worldOf();
    const journal = await world.open();
    await journal.start(entryOf('A', 1));
    expect(await journal.finish(entryOf('A', 1), settledOf('gate-failed', 2, { changed: false }))).toBe(true);
    expect(journal.state?.in_doubt).toBeNull();
  });

  test('hold and release are events', async () => {
    const world = worldOf();
    const journal = await world.open();
    await journal.finish(
      entryOf('A', 1, { kind: 'hold', reason: 'look first' }),
      settledOf('held', 2, { changed: false }),
    );
    expect(journal.state?.held).toMatchObject([{ digest: digestOf('A'), reason: 'look first', by: 'ada' }]);
    await journal.finish(entryOf('A', 3, { kind: 'release', scope: 'stream' }), settledOf('deployed', 4));
    expect(journal.state?.held).toEqual([]);
  });

  test('no secret reaches the ledger', async () => {
    const world = worldOf();
    const journal = await world.open();
    const entry = entryOf('A', 1, {
      reason: `because ${SECRET}`,
      release: { ...entryOf('A', 1).release, version: `1 ${SECRET}` },
    });
    await journal.start(entry);
    await journal.finish(entry, settledOf('failed', 2, { sentence: SECRET }));
    expect(canonicalJson([...(await world.store.histories([REF]))])).not.toContain(SECRET);
  });
});

describe('another writer', () => {
  test('a moved stream is read again, and nobody loses an event', async () => {
    const world = worldOf();
    const [a, b] = await Promise.all([world.open(runOf('1')), world.open(runOf('2'))]);
    await a.finish(entryOf('A', 1, { kind: 'flag' }), settledOf('deployed', 2));
    await b.finish(entryOf('B', 3, { kind: 'flag' }), settledOf('deployed', 4));
    expect(await world.events()).toEqual(['both deployed 1/1', 'both deployed 2/1']);
    expect(b.state?.seq).toBe(2);
    expect(await world.findings()).toEqual([]);
  });

  test('many at once: every event is there once', async () => {
    const world = worldOf();
    const journals = await Promise.all(['1', '2', '3', '4', '5'].map((id) => world.open(runOf(id))));
    const done = journals.map((it, place) =>
      it.finish(entryOf('A', place, { kind: 'flag' }), settledOf('deployed', place)),
    );
    expect(await Promise.all(done)).toEqual([true, true, true, true, true]);
    expect(new Set(await world.events()).size).toBe(5);
    expect(await world.findings()).toEqual([]);
  });

  test('who comes second to start is told who is there, and writes nothing', async () => {
    const world = worldOf();
    const [a, b] = await Promise.all([world.open(runOf('1')), world.open(runOf('2'))]);
    await a.start(entryOf('A', 1));
    await expect(b.start(entryOf('B', 2))).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('acme/shop/1/1/deploy'),
    });
    expect(await world.events()).toEqual(['start null 1/1']);
  });

  test('a start with a lease in the stream holds until it runs out', async () => {
    const world = worldOf();
    const lease = { leaseMs: 60_000 };
    await (await world.open(runOf('1'), lease)).start(entryOf('A', 1));
    const next = await world.open(runOf('2'), lease);
    expect(next.state?.in_doubt?.expires).toBe(at(61));
    await expect(next.start(entryOf('B', 2))).rejects.toMatchObject({ code: 'locked' });
    await world.clock.sleep(120_000);
    const later = await world.open(runOf('3'), lease);
    await later.start(entryOf('B', 121));
    expect(later.state?.in_doubt?.owner).toBe('acme/shop/3/1/deploy');
    expect(later.events[0]?.links.supersedes).toBe(next.state?.in_doubt?.event);
  });

  test('U4: who was taken over writes nothing', async () => {
    const world = worldOf();
    const a = await world.open(runOf('1'));
    await a.start(entryOf('A', 1));
    const b = await world.open(runOf('2'));
    expect(
      await b.settleVanished(doubtOf(b.state), settledOf('rolled-back-after-failure', 9, { reason: 'interrupted' })),
    ).toBe(true);
    await b.start(entryOf('B', 10));
    expect(await a.finish(entryOf('A', 1), settledOf('deployed', 11))).toBe(false);
    expect(await b.finish(entryOf('B', 10), settledOf('deployed', 12))).toBe(true);
    expect(await world.events()).toEqual([
      'start null 1/1',
      'finish rolled-back-after-failure 1/1',
      'start null 2/1',
      'finish deployed 2/1',
    ]);
    expect(world.log.problems.map((it) => it.code)).toEqual(['fenced']);
    expect(await a.finish(entryOf('A', 1), settledOf('failed', 13))).toBe(false);
    expect(await world.events()).toHaveLength(4);
  });

  test('U9: the end of a vanished deploy keeps what its start said, and is written once', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    const dead = await world.open(runOf('2'));
    await dead.start(withLive(dead.state, entryOf('B', 10)));
    const [next, sweep] = await Promise.all([world.open(runOf('3')), world.open(runOf('4'))]);
    const doubt = doubtOf(next.state);
    const settled = settledOf('deployed', 60, { reason: 'interrupted' });
    expect(await Promise.all([next.settleVanished(doubt, settled), sweep.settleVanished(doubt, settled)])).toEqual([
      true,
      true,
    ]);
    expect((await world.events()).slice(2)).toEqual(['start null 2/1', 'finish deployed 2/1']);
    const event = [...next.events, ...sweep.events].at(0);
    expect(event).toMatchObject({
      id: doubt.event,
      reason: 'interrupted',
      times: { started: at(10), finished: at(60) },
      annotations: { settled_by: expect.stringContaining('/runs/') },
    });
    expect(event?.prev?.digest).toBe(digestOf('A'));
    expect(await world.findings()).toEqual([]);
  });

  test('an event between start and takeover does not hide the start', async () => {
    const world = worldOf();
    const dead = await world.open(runOf('1'));
    await dead.start(entryOf('B', 10));
    const other = await world.open(runOf('5'));
    await other.finish(entryOf('C', 11, { kind: 'hold' }), settledOf('held', 11));
    const next = await world.open(runOf('3'));
    await next.settleVanished(doubtOf(next.state), settledOf('failed', 60));
    expect(await world.events()).toEqual(['start null 1/1', 'both held 5/1', 'finish failed 1/1']);
    expect(await world.findings()).toEqual([]);
  });
});

describe('the same run again', () => {
  test('U13: a second attempt has the same id in the same stream', async () => {
    const world = worldOf();
    const first = await world.open(runOf('1', 1));
    await first.start(entryOf('A', 1));
    const second = await world.open(runOf('1', 2));
    expect(second.eventId('deploy', imageOf('A'))).toBe(first.eventId('deploy', imageOf('A')));
    await second.settleVanished(doubtOf(second.state), settledOf('failed', 8, { reason: 'interrupted' }));
    await second.start(entryOf('A', 9));
    await second.finish(entryOf('A', 9), settledOf('deployed', 12));
    expect(await world.events()).toEqual([
      'start null 1/1',
      'finish failed 1/1',
      'start null 1/2',
      'finish deployed 1/2',
    ]);
    // The first attempt wakes up: the id is the same, but it is not the owner.
    expect(await first.finish(entryOf('A', 1), settledOf('deployed', 13))).toBe(false);
    expect(await world.events()).toHaveLength(4);
    expect(await world.findings()).toEqual([]);
  });

  test('post finds what main started, and writes nothing where main has ended it', async () => {
    const world = worldOf();
    const main = await world.open();
    await main.start(entryOf('A', 1));
    const post = await world.open();
    expect(await post.finish(entryOf('A', 1), settledOf('cancelled', 5))).toBe(true);
    expect(await main.finish(entryOf('A', 1), settledOf('deployed', 6))).toBe(true);
    expect(await (await world.open()).finish(entryOf('A', 1), settledOf('cancelled', 7))).toBe(true);
    expect(await world.events()).toEqual(['start null 1/1', 'finish cancelled 1/1']);
  });

  test('one job that does the same twice counts as two jobs, and a re-run gives the same ids', async () => {
    const world = worldOf();
    const ids = async (attempt: number, seconds: number) => {
      const seen: string[] = [];
      for (const round of [0, 1]) {
        const journal = await world.open(runOf('1', attempt));
        const entry = withLive(journal.state, entryOf('A', seconds + round * 10));
        seen.push(journal.eventId('deploy', imageOf('A')));
        await journal.start(entry);
        await journal.finish(entry, settledOf('deployed', seconds + round * 10 + 5));
        expect(journal.events.map((event) => event.id)).toEqual([seen.at(-1), seen.at(-1)]);
        expect(journal.eventId('deploy', imageOf('A'))).toBe(seen.at(-1));
      }
      return seen;
    };
    const first = await ids(1, 10);
    expect(new Set(first).size).toBe(2);
    expect(await ids(2, 100)).toEqual(first);
    expect(await world.events()).toHaveLength(8);
    expect(await world.findings()).toEqual([]);
  });

  test('a process that died in the same attempt is another occurrence, once it is settled', async () => {
    const world = worldOf();
    await (await world.open()).start(entryOf('A', 1));
    const next = await world.open();
    const id = next.eventId('deploy', imageOf('A'));
    expect(id).not.toBe(doubtOf(next.state).event);
    await next.settleVanished(doubtOf(next.state), settledOf('superseded', 8, { reason: 'interrupted' }));
    expect(next.eventId('deploy', imageOf('A'))).toBe(id);
    await next.start(entryOf('A', 9));
    await next.finish(entryOf('A', 9), settledOf('deployed', 12));
    expect(next.state?.live?.event).toBe(id);
    expect(await world.events()).toHaveLength(4);
    expect(await world.findings()).toEqual([]);
  });

  test('that holds too when others wrote in between', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    await deploy(world, 'B', '2', 20);
    await deploy(world, 'A', '1', 40);
    expect(await world.events()).toHaveLength(6);
    expect(await world.findings()).toEqual([]);
  });
});

describe('the remote', () => {
  test.each(['moved', 'refused', 'lost-answer'] as const)('%s on the way: each event is there once', async (fault) => {
    const world = worldOf();
    const journal = await world.open();
    world.store.appendFaults.push(fault, fault);
    await journal.start(entryOf('A', 1));
    world.store.appendFaults.push(fault, fault);
    expect(await journal.finish(entryOf('A', 1), settledOf('deployed', 5))).toBe(true);
    expect(await world.events()).toEqual(['start null 1/1', 'finish deployed 1/1']);
    expect(journal.events.map((event) => event.phase)).toEqual(['start', 'finish']);
    world.store.appendFaults.push(fault);
    await (await world.open(runOf('2'))).finish(entryOf('A', 9, { kind: 'flag' }), settledOf('deployed', 9));
    expect(await world.events()).toHaveLength(3);
    expect(await world.findings()).toEqual([]);
  });

  test('a start that cannot be pushed throws, within a bound, with pauses that grow', async () => {
    const world = worldOf();
    const journal = await world.open();
    world.store.appendFaults.push(...Array.from({ length: 50 }, () => 'refused' as const));
    await expect(journal.start(entryOf('A', 1))).rejects.toMatchObject({ code: 'ledger-unavailable' });
    expect(world.store.appends()).toBe(6);
    expect(world.clock.slept).toEqual([150, 300, 600, 1_200, 2_400]);
  });

  test('a remote that says no is not asked again', async () => {
    const world = worldOf();
    const journal = await world.open();
    world.store.appendFaults.push('denied');
    await expect(journal.start(entryOf('A', 1))).rejects.toMatchObject({ code: 'ledger-unavailable' });
    expect([world.store.appends(), world.clock.slept]).toEqual([1, []]);
  });

  test('a stream that always moves is given up as well', async () => {
    const world = worldOf();
    const journal = await world.open();
    world.store.appendFaults.push(...Array.from({ length: 50 }, () => 'moved' as const));
    await expect(journal.start(entryOf('A', 1))).rejects.toMatchObject({
      code: 'ledger-unavailable',
      message: expect.stringContaining('moved 6 times'),
    });
  });

  test('a finish that cannot be pushed is false, and the stream stays in doubt', async () => {
    const world = worldOf();
    const journal = await world.open();
    await journal.start(entryOf('A', 1));
    world.store.appendFaults.push(...Array.from({ length: 50 }, () => 'refused' as const));
    expect(await journal.finish(entryOf('A', 1), settledOf('deployed', 5))).toBe(false);
    expect(world.log.problems.map((it) => it.code)).toEqual(['ledger-unavailable']);
    expect(journal.events.at(-1)).toMatchObject({ phase: 'finish', outcome: 'deployed' });
    world.store.appendFaults.length = 0;
    expect((await world.open(runOf('2'))).state?.in_doubt).not.toBeNull();
  });

  test('a rollback goes on without the ledger, and is recorded when that is back', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    await deploy(world, 'B', '2', 10);
    const dead = await world.open(runOf('3'));
    await dead.start(entryOf('C', 20));
    world.store.readsToFail = 7;
    const journal = await world.open(runOf('4'), { whenUnreadable: 'continue' });
    expect(journal.state).toBeUndefined();
    const entry = entryOf('A', 30, {
      kind: 'rollback',
      live: { ...entryOf('B', 0).release, event: 'b'.repeat(32), since: at(15) },
    });
    await expect(journal.start(entry)).rejects.toMatchObject({ code: 'ledger-unavailable' });
    expect(await journal.finish(entry, settledOf('rolled-back', 40))).toBe(true);
    expect((await world.events()).at(-1)).toBe('both rolled-back 4/1');
    expect(journal.state).toMatchObject({
      live: { image: imageOf('A') },
      in_doubt: null,
      held: [{ digest: digestOf('B') }],
    });
    expect(await world.findings()).toEqual([]);
  });

  test('without the ledger nothing else is opened', async () => {
    const world = worldOf();
    world.store.readsToFail = 1;
    await expect(world.open()).rejects.toBeInstanceOf(UserError);
  });

  test('a bug is not mistaken for an unavailable ledger', async () => {
    const world = worldOf();
    const journal = await world.open();
    world.store.append = () => Promise.reject(new TypeError('a bug'));
    await expect(journal.start(entryOf('A', 1))).rejects.toThrow(TypeError);
    await expect(journal.finish(entryOf('A', 1), settledOf('deployed', 2))).rejects.toThrow(TypeError);
  });
});

describe('a stream that is not what it should be', () => {
  test('U12: a renamed service goes on where its earlier name ended', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    await deploy(world, 'B', '2', 10);
    const dead = await world.open(runOf('3'));
    await dead.start(entryOf('C', 20));
    const stream = { environment: 'production', service: 'basket', repository: undefined };
    const renamed = { stream, aliases: ['unknown', 'checkout'] };
    const journal = await world.open(runOf('4'), renamed);
    expect(journal.state).toMatchObject({ service: 'basket', live: { image: imageOf('B') }, seq: 5 });
    expect(await journal.settleVanished(doubtOf(journal.state), settledOf('failed', 30))).toBe(true);
    const entry = withLive(journal.state, entryOf('A', 40, { kind: 'rollback' }));
    await journal.start(entry);
    await journal.finish(entry, settledOf('rolled-back', 41));
    expect(await world.events(streamRef(stream))).toEqual([
      'finish failed 3/1',
      'start null 4/1',
      'finish rolled-back 4/1',
    ]);
    expect(journal.state).toMatchObject({ seq: 8, held: [{ digest: digestOf('B') }] });
    expect(await world.findings()).toEqual([]);
    const view = await readStreams(world.store, 'all', REPOSITORY);
    expect(view.reading(stream, ['checkout'])).toMatchObject({
      kind: 'believed',
      state: { live: { image: imageOf('A') } },
    });
  });

  test('U10: a forged record is not believed; the next deploy starts a believable one, and verify still names the forgery', async () => {
    const world = worldOf();
    await deploy(world, 'A', '1', 1);
    const files = (await world.store.tips([REF])).get(REF)?.files ?? {};
    const state = (files['state.json'] ?? '').replaceAll(digestOf('A'), digestOf('B'));
    const forged = world.store.forge(REF, { ...files, 'state.json': state });
    const journal = await world.open(runOf('2'));
    expect(journal.state).toBeUndefined();
    expect(world.log.problems).toMatchObject([{ code: 'ledger-unbelievable' }]);
    await journal.start(entryOf('C', 10));
    await journal.finish(entryOf('C', 10), settledOf('deployed', 11));
    expect(journal.state).toMatchObject({ seq: 2, live: { image: imageOf('C') } });
    const findings = verify(await world.store.histories([REF]), REPOSITORY);
    expect(new Set(findings.map((it) => it.at))).toEqual(new Set([forged]));
  });
});

describe('a stream that knows less than its target', () => {
  /** Deploys A and B, and what the target keeps of them: A is held. */
  async function lost() {
    const world = worldOf();
    await deploy(world, 'A', '1', 10);
    await deploy(world, 'B', '2', 20);
    const { state } = await world.open(runOf('3'));
    if (state === undefined) throw new Error('Nothing was recorded.');
    const hold = { digest: digestOf('A'), event: 'x', since: at(25), by: 'ada', reason: 'bad' };
    return { world, kept: { ...state, held: [hold] } };
  }

  async function goesOn(world: ReturnType<typeof worldOf>, kept: StreamState) {
    const journal = await world.open(runOf('4'), { kept });
    expect(journal.state).toEqual(kept);
    const entry = withLive(journal.state, entryOf('C', 30));
    await journal.start(entry);
    expect(journal.state).toMatchObject({ seq: kept.seq + 1, held: kept.held, live: { image: imageOf('B') } });
    // The next run sees the ledger alone: it knows as much again.
    expect((await world.open(runOf('5'))).state).toEqual(journal.state);
  }

  test('goes on from what the target keeps where it was set back, and is whole again', async () => {
    const { world, kept } = await lost();
    world.store.rewrite(REF, ((await world.store.histories([REF])).get(REF) ?? []).slice(0, 2));
    await goesOn(world, kept);
    expect(await world.findings()).toEqual([]);
    expect(world.log.problems.map((it) => it.sentence).join()).toContain(
      'it was set back: it has 2 events, and its target knows of 4',
    );
  });

  test('goes on where it is gone', async () => {
    const { world, kept } = await lost();
    world.store.rewrite(REF, []);
    await goesOn(world, kept);
    expect(await world.findings()).toEqual([]);
  });

  test('goes on where the newest is no event', async () => {
    const { world, kept } = await lost();
    world.store.forge(REF, { 'event.json': '{}' });
    await goesOn(world, kept);
  });

  test('goes on where another event stands in the place of the newest', async () => {
    const { world, kept } = await lost();
    await goesOn(world, { ...kept, updated: at(99) });
  });

  test('counts by itself where it knows as much or more, or the target keeps another stream', async () => {
    const { world, kept } = await lost();
    for (const other of [
      kept,
      { ...kept, seq: 3 },
      { ...kept, seq: 9, environment: 'dev' },
      { ...kept, seq: 9, service: 'x' },
    ]) {
      expect((await world.open(runOf('4'), { kept: other })).state?.held).toEqual([]);
    }
  });

  test('may be restored to no earlier state than the one before', async () => {
    const { world, kept } = await lost();
    await goesOn(world, { ...kept, seq: 9 });
    const history = (await world.store.histories([REF])).get(REF) ?? [];
    world.store.rewrite(REF, [...history.slice(0, 4), ...history.slice(-1), ...history.slice(-1)]);
    expect((await world.findings()).join()).toContain('older than the event before it');
  });
});
