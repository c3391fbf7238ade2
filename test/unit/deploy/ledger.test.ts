import { beforeEach, describe, expect, test } from '@jest/globals';
import { type DeployFacts, planDeploy, type Review, runDeploy, settleVanished } from '../../../shared/deploy/index.ts';
import type { DeployMode, HoldPolicy, Settled, StreamState } from '../../../shared/model/index.ts';
import { eventsOf, openJournal, parseState } from '../../../shared/record/index.ts';
import { type MemoryStore, memoryStore } from '../../support/memory-store.ts';
import { fakeLog, factsOf as journalFacts, runOf } from '../record/samples.ts';
import { commitOf, digestOf, factsOf, type Options, releaseOf, World } from './world.ts';

const REF = 'refs/slipway/v1/production/checkout';

/** The protocol with the ledger as it really is: what CONTRACT promises of the record, in its own words. */
class Ledger {
  readonly store: MemoryStore = memoryStore();
  readonly world = new World();
  /** What a rollback holds. */
  policy: HoldPolicy = 'digest';

  async journal(run: string, mode: DeployMode = 'deploy') {
    const { clock } = this.world;
    const whenUnreadable = mode === 'rollback' ? 'continue' : 'throw';
    const deps = { store: this.store, clock, random: () => 0.5, redact: (text: string) => text, log: fakeLog() };
    return openJournal(deps, journalFacts(runOf(run), { hold: this.policy, whenUnreadable }));
  }

  async run(run: string, options: Options): Promise<Settled> {
    const review = async (): Promise<Review> => {
      const journal = await this.journal(run, options.mode);
      return { journal, plan: planDeploy(this.facts(journal.state, options)) };
    };
    const first = await review();
    return runDeploy(first.plan, { ...this.world.deps(run, options), journal: first.journal, review });
  }

  deploy(run: string, version: number, options: Options = {}): Promise<Settled> {
    return this.run(run, { release: releaseOf(version), ...options });
  }

  async sweep(run: string): Promise<Settled | undefined> {
    return settleVanished({ ...this.world.deps(run), journal: await this.journal(run) });
  }

  facts(state: StreamState | undefined, options: Options): DeployFacts {
    const { live } = this.world.target;
    const [before, now] = [state?.live?.commit, options.release?.commit ?? ''];
    return factsOf({
      release: undefined,
      record: state ?? 'missing',
      ancestry: before === undefined ? undefined : before === now ? 'same' : now > before ? 'ahead' : 'behind',
      shows: live === undefined ? { kind: 'nothing' } : { kind: 'digest', digest: live.release.image.digest },
      ...options,
    });
  }

  async state(): Promise<StreamState> {
    const tip = (await this.store.tips([REF])).get(REF);
    const parsed = parseState(tip?.files['state.json']);
    if ('why' in parsed) throw new Error(parsed.why);
    return parsed.value;
  }

  async events(): Promise<readonly string[]> {
    const histories = await this.store.histories([REF]);
    return eventsOf(histories).map(({ event }) => `${event.phase} ${event.kind} ${event.outcome ?? ''}`.trim());
  }

  /** The next pushes are refused. */
  deny(times: number): void {
    for (let time = 0; time < times; time += 1) this.store.appendFaults.push('denied');
  }
}

let ledger = new Ledger();
const frozen = { from: '2026-03-01T00:00', to: '2027-01-01T00:00', zone: 'Europe/Berlin', reason: undefined };

beforeEach(async () => {
  ledger = new Ledger();
  await ledger.deploy('1', 1);
  await ledger.deploy('2', 2);
});

describe('held, planned, gate-failed, locked and fenced write no event', () => {
  test('planned', async () => {
    const before = await ledger.events();
    expect(await ledger.deploy('3', 3, { mode: 'plan' })).toMatchObject({ outcome: 'planned' });
    expect(await ledger.events()).toEqual(before);
  });

  test('held', async () => {
    await ledger.run('3', { mode: 'rollback' });
    const before = await ledger.events();
    expect(await ledger.deploy('4', 2)).toMatchObject({ outcome: 'held' });
    expect(await ledger.events()).toEqual(before);
  });

  test('gate-failed', async () => {
    const before = await ledger.events();
    const environment = { ...factsOf().environment, freeze: [frozen] };
    expect(await ledger.deploy('3', 3, { environment })).toMatchObject({ outcome: 'gate-failed' });
    expect(await ledger.events()).toEqual(before);
  });

  test('locked', async () => {
    const before = await ledger.events();
    await ledger.world.target.acquire({ id: 'other', url: undefined }, { force: false });
    expect(await ledger.deploy('3', 3, { lockWaitMs: 1 })).toMatchObject({ outcome: 'locked' });
    expect(await ledger.events()).toEqual(before);
  });

  test('fenced: of its start there is no end', async () => {
    const before = await ledger.events();
    ledger.world.target.behaviours.set(digestOf(3), 'never');
    const slow = ledger.deploy('3', 3);
    await ledger.world.reaches('3 ready');
    await ledger.world.target.acquire({ id: 'other', url: undefined }, { force: true });
    expect(await slow).toMatchObject({ outcome: 'fenced' });
    expect(await ledger.events()).toEqual([...before, 'start deploy']);
  });
});

describe('unchanged', () => {
  test('with a new commit writes one event, so that the base of the next detection moves', async () => {
    const before = await ledger.events();
    const release = { ...releaseOf(2), commit: commitOf(7) };
    expect(await ledger.run('3', { release })).toMatchObject({ outcome: 'unchanged', changed: false });
    expect(await ledger.events()).toEqual([...before, 'both deploy unchanged']);
    expect((await ledger.state()).live).toMatchObject({ image: { digest: digestOf(2) }, commit: commitOf(7) });
  });

  test('with the same commit writes none', async () => {
    const before = await ledger.events();
    expect(await ledger.deploy('3', 2)).toMatchObject({ outcome: 'unchanged' });
    expect(await ledger.events()).toEqual(before);
  });
});

describe('when the start cannot be pushed', () => {
  test('nothing is deployed', async () => {
    const before = await ledger.events();
    ledger.deny(1);
    expect(await ledger.deploy('3', 3)).toMatchObject({ outcome: 'failed', reason: 'ledger-unavailable' });
    expect(ledger.world.target.applied('3')).toEqual([]);
    expect(ledger.world.target.intent).toBeUndefined();
    expect(await ledger.events()).toEqual(before);
  });

  test('nothing is removed', async () => {
    ledger.deny(1);
    expect(await ledger.run('3', { mode: 'remove' })).toMatchObject({ reason: 'ledger-unavailable', changed: false });
    expect(ledger.world.running).toBe('v2');
  });

  test('a rollback goes on, and its end is recorded with its start', async () => {
    const before = await ledger.events();
    ledger.deny(1);
    expect(await ledger.run('3', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back', changed: true });
    expect(await ledger.events()).toEqual([...before, 'both rollback rolled-back']);
    expect((await ledger.state()).held.map((it) => it.digest)).toEqual([digestOf(2)]);
  });

  test('a rollback of which nothing could be pushed is recorded by the next run, which then meets its hold', async () => {
    ledger.deny(2);
    expect(await ledger.run('3', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    expect(await ledger.state()).toMatchObject({ live: { version: 'v2' }, held: [], in_doubt: null });
    expect(await ledger.deploy('4', 2)).toMatchObject({ outcome: 'held' });
    expect(await ledger.state()).toMatchObject({ live: { version: 'v1' }, held: [{ digest: digestOf(2) }] });
    const events = await ledger.events();
    expect(await ledger.sweep('5')).toBeUndefined();
    expect(await ledger.events()).toEqual(events);
  });

  test('a rollback that stops a deploy in flight, and of which nothing could be pushed, holds that one afterwards', async () => {
    const { world } = ledger;
    await world.dying('3', () => ledger.deploy('3', 3, { dieAt: 'ready' }));
    ledger.deny(3);
    expect(await ledger.run('4', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    expect(await ledger.state()).toMatchObject({ live: { version: 'v2' }, in_doubt: { release: { version: 'v3' } } });
    expect(await ledger.sweep('5')).toMatchObject({ outcome: 'rolled-back' });
    const after = { live: { version: 'v2' }, in_doubt: null, held: [{ digest: digestOf(3) }] };
    expect(await ledger.state()).toMatchObject(after);
    expect(world.running).toBe('v2');
  });

  test('a rollback that failed, and of which nothing could be pushed, stops the next deploy all the same', async () => {
    ledger.world.unhealthy.add(digestOf(1));
    ledger.deny(2);
    expect(await ledger.run('3', { mode: 'rollback' })).toMatchObject({ outcome: 'rollback-failed' });
    expect(await ledger.deploy('4', 4)).toMatchObject({ outcome: 'gate-failed', reason: 'needs-human' });
  });
});

test('when the end cannot be pushed, the result stands and the stream stays in doubt until it is settled', async () => {
  const before = await ledger.events();
  ledger.store.appendFaults.push(undefined, 'denied');
  expect(await ledger.deploy('3', 3)).toMatchObject({ outcome: 'deployed', live: { digest: digestOf(3) } });
  expect(await ledger.state()).toMatchObject({ live: { version: 'v2' }, in_doubt: { release: { version: 'v3' } } });
  const changes = ledger.world.target.changes.length;
  expect(await ledger.sweep('4')).toMatchObject({ outcome: 'deployed' });
  expect(await ledger.state()).toMatchObject({ live: { version: 'v3' }, in_doubt: null });
  expect(await ledger.events()).toEqual([...before, 'start deploy', 'finish deploy deployed']);
  expect(ledger.world.target.changes).toHaveLength(changes);
});

describe('holds', () => {
  test('an automatic rollback holds what it left, until another digest settles', async () => {
    ledger.world.unhealthy.add(digestOf(3));
    expect(await ledger.deploy('3', 3)).toMatchObject({ outcome: 'rolled-back-after-failure' });
    expect(await ledger.deploy('4', 3)).toMatchObject({ outcome: 'held' });
    expect(await ledger.deploy('5', 5)).toMatchObject({ outcome: 'deployed' });
    expect((await ledger.state()).held).toEqual([]);
  });

  test('a rollback goes to the newest that settled good and is neither live nor held', async () => {
    await ledger.deploy('3', 3);
    expect(await ledger.run('4', { mode: 'rollback' })).toMatchObject({ live: { digest: digestOf(2) } });
    expect(await ledger.run('5', { mode: 'rollback' })).toMatchObject({ live: { digest: digestOf(1) } });
    expect(await ledger.run('6', { mode: 'rollback' })).toMatchObject({ reason: 'nothing-to-roll-back-to' });
  });

  test('hold: stream refuses everything until it is released, but no rollback', async () => {
    ledger.policy = 'stream';
    await ledger.deploy('3', 3);
    expect(await ledger.run('4', { mode: 'rollback' })).toMatchObject({ live: { digest: digestOf(2) } });
    expect(await ledger.deploy('5', 3)).toMatchObject({ outcome: 'held' });
    expect(await ledger.deploy('6', 6)).toMatchObject({ outcome: 'held' });
    // Whoever passes it by once does not end it.
    expect(await ledger.deploy('7', 7, { overrides: ['hold'] })).toMatchObject({ outcome: 'deployed' });
    expect(await ledger.deploy('8', 8)).toMatchObject({ outcome: 'held' });
    expect(await ledger.run('9', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    expect(await ledger.run('10', { mode: 'release', scope: 'stream' })).toMatchObject({ reason: 'released' });
    expect(await ledger.deploy('11', 8)).toMatchObject({ outcome: 'deployed' });
  });
});
