import { describe, expect, test } from '@jest/globals';
import { runDeploy, STEPS, type Step } from '../../../shared/deploy/index.ts';
import { digestOf, type Options, releaseOf, settingsOf, World } from './world.ts';

/** What must hold whatever happened: one version runs and is the one of the ledger, every event ended once, no lease is left. */
function expectSettled(world: World, ...versions: (string | undefined)[]) {
  expect(versions).toContain(world.running);
  expect(world.liveByLedger).toBe(world.running);
  expect(world.ledger.state?.in_doubt ?? null).toBeNull();
  expect(world.target.intent).toBeUndefined();
  expect(world.target.livingHolder).toBeUndefined();
  expect([...world.ends().values()].filter((count) => count !== 1)).toEqual([]);
  for (const it of world.ledger.events.filter((event) => event.phase === 'start')) {
    expect(world.ends().get(it.id)).toBe(1);
  }
}

describe('a deploy', () => {
  test('that is good', async () => {
    const world = await World.after(1);
    const settled = await world.deploy('r2', 2);
    expect(settled).toMatchObject({ outcome: 'deployed', changed: true, url: 'http://127.0.0.1/v2' });
    expect(settled.live?.digest).toBe(digestOf(2));
    expect(settled.previous?.digest).toBe(digestOf(1));
    expectSettled(world, 'v2');
    expect(world.steps.map((it) => it.slice(3))).toEqual([
      'acquire',
      'review',
      'look',
      'intend',
      'record-start',
      'prepare',
      'mark-prepared',
      'apply',
      'mark-applied',
      'ready',
      'verify',
      'mark-verified',
      'settle',
      'record-finish',
      'remember',
      'clear',
      'release',
    ]);
  });

  test.each([
    ['does not start', (world: World) => void world.target.behaviours.set(digestOf(2), 'failed'), 'start-failed'],
    ['never is ready', (world: World) => void world.target.behaviours.set(digestOf(2), 'never'), 'start-failed'],
    ['fails its checks', (world: World) => void world.unhealthy.add(digestOf(2)), 'unhealthy'],
  ])('that %s is taken back, evidence first', async (_name, spoil, reason) => {
    const world = await World.after(1);
    spoil(world);
    const settled = await world.deploy('r2', 2);
    expect(settled).toMatchObject({ outcome: 'rolled-back-after-failure', reason, changed: true });
    expect(settled.evidence?.log).toContain('password=*** was refused');
    expect(settled.evidence?.summary).toContain('exit code 1');
    expect(JSON.stringify([world.target.intents, settled])).not.toMatch(/hunter22|abc123def/);
    const order = world.steps.map((it) => it.slice(3));
    expect(order.indexOf('evidence')).toBeLessThan(order.indexOf('mark-reverting'));
    expect(world.target.applied()).toEqual(['apply v2 steady', 'apply v1 one-wave']);
    expectSettled(world, 'v1');
    expect(world.ledger.state?.held.map((it) => it.digest)).toEqual([digestOf(2)]);
    expect((await world.deploy('r3', 2)).outcome).toBe('held');
  });

  test('whose image cannot be prepared changes nothing', async () => {
    const world = await World.after(1);
    world.target.missing.add(digestOf(2));
    const settled = await world.deploy('r2', 2);
    expect(settled).toMatchObject({ outcome: 'failed', reason: 'image-not-found', changed: false });
    expect(world.target.applied()).toEqual([]);
    expectSettled(world, 'v1');
  });

  test('whose rollback fails as well needs a person, until a rollback is asked for', async () => {
    const world = await World.after(1, 2);
    world.unhealthy.add(digestOf(3)).add(digestOf(2));
    const settled = await world.deploy('r3', 3);
    expect(settled).toMatchObject({ outcome: 'rollback-failed', reason: 'rollback-failed' });
    expect(settled.evidence?.checks).toHaveLength(2);
    expect(await world.deploy('r4', 4)).toMatchObject({ outcome: 'gate-failed', reason: 'needs-human' });
    const back = await world.run('r5', { mode: 'rollback' });
    expect(back).toMatchObject({ outcome: 'rolled-back', live: { digest: digestOf(1) } });
    expectSettled(world, 'v1');
    expect((await world.deploy('r6', 6)).outcome).toBe('deployed');
  });

  test('a rollback that is bad as well needs a person; it does not go back to what it left', async () => {
    const world = await World.after(1, 2);
    world.unhealthy.add(digestOf(1));
    const settled = await world.run('back', { mode: 'rollback' });
    expect(settled).toMatchObject({ outcome: 'rollback-failed', live: { digest: digestOf(1) } });
    expect(world.target.applied()).toEqual(['apply v1 one-wave']);
    expect(world.ledger.state?.needs_human).not.toBeNull();
  });

  test('that is the first and fails is taken down', async () => {
    const world = new World();
    world.unhealthy.add(digestOf(1));
    expect(await world.deploy('r1', 1)).toMatchObject({ outcome: 'failed', reason: 'unhealthy', live: undefined });
    expect(world.running).toBeUndefined();
    expect(world.target.intent).toBeUndefined();
  });

  test('without automatic rollback is left as it is', async () => {
    const world = await World.after(1);
    world.unhealthy.add(digestOf(2));
    const settings = settingsOf({ rollback: { automatic: false, hold: 'digest' } });
    const settled = await world.deploy('r2', 2, { settings });
    expect(settled).toMatchObject({ outcome: 'failed', reason: 'unhealthy', live: { digest: digestOf(2) } });
    expect(world.target.applied()).toEqual(['apply v2 steady']);
    expect(world.target.writes.map((it) => it.what)).not.toContain('settle');
  });

  test('writes nothing when its start cannot be recorded, but a rollback goes on', async () => {
    const world = await World.after(1, 2);
    world.ledger.unavailable = true;
    const settled = await world.deploy('r3', 3);
    expect(settled).toMatchObject({ outcome: 'failed', reason: 'ledger-unavailable', changed: false });
    expect(world.target.applied()).toEqual([]);
    expect(world.target.intent).toBeUndefined();
    const back = await world.run('r4', { mode: 'rollback' });
    expect(back).toMatchObject({ outcome: 'rolled-back', changed: true });
    expect(world.running).toBe('v1');
  });

  test('whose end cannot be recorded is settled by the next run, from the target', async () => {
    const world = await World.after(1);
    const cutAt = world.deps('r2', { release: releaseOf(2) });
    const plan = await world.plan({ release: releaseOf(2) });
    const settled = await runDeploy(plan, {
      ...cutAt,
      onProgress: (step) => {
        if (step === 'record-finish') world.ledger.unavailable = true;
      },
    });
    expect(settled.outcome).toBe('deployed');
    expect(world.ledger.state?.in_doubt?.event).toBe('r2:deploy:0002');
    world.ledger.unavailable = false;
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'deployed' });
    expectSettled(world, 'v2');
    expect(world.target.applied()).toEqual(['apply v2 steady']);
  });

  test('a lost answer to apply is looked up in the target', async () => {
    const world = await World.after(1);
    world.target.loseAnswer = true;
    expect(await world.deploy('r2', 2)).toMatchObject({
      outcome: 'rolled-back-after-failure',
      reason: 'target-unavailable',
    });
    expectSettled(world, 'v1');
  });

  test('F26 a target that cannot be asked in the middle ends unknown, without going back blindly', async () => {
    const world = await World.after(1);
    world.target.behaviours.set(digestOf(2), 'throws');
    expect(await world.deploy('r2', 2)).toMatchObject({
      outcome: 'unknown',
      reason: 'target-unavailable',
      changed: true,
    });
    expect(world.target.applied()).toEqual(['apply v2 steady']);
    expect(world.ledger.state?.in_doubt).not.toBeNull();
    world.target.behaviours.delete(digestOf(2));
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'deployed' });
    expectSettled(world, 'v2');
  });
});

describe('stops', () => {
  test('unchanged with a new commit is recorded, and writes nothing to the target', async () => {
    const world = await World.after(1);
    const release = { ...releaseOf(1), commit: releaseOf(5).commit };
    expect(await world.run('r5', { release })).toMatchObject({ outcome: 'unchanged', changed: false });
    expect(world.ledger.state?.live?.commit).toBe(releaseOf(5).commit);
    expect(world.target.writes).toEqual([]);
    expect(await world.run('r6', { release })).toMatchObject({ outcome: 'unchanged' });
    expect(world.ledger.events).toHaveLength(1);
  });

  test('F13 an older commit is superseded and writes nothing', async () => {
    const world = await World.after(1, 3);
    expect(await world.deploy('r2', 2)).toMatchObject({ outcome: 'superseded', changed: false });
    expect(world.steps).toEqual([]);
    expect(world.ledger.events).toEqual([]);
  });

  test('plan, hold and release', async () => {
    const world = await World.after(1);
    expect(await world.run('p', { mode: 'plan', release: releaseOf(2) })).toMatchObject({ outcome: 'planned' });
    expect(await world.run('h', { mode: 'hold', release: releaseOf(2) })).toMatchObject({
      outcome: 'held',
      reason: 'on-request',
    });
    expect(await world.run('l', { mode: 'release', release: releaseOf(2) })).toMatchObject({
      outcome: 'unchanged',
      reason: 'released',
    });
    expect(world.target.changes).toEqual([]);
    expect(world.target.stream).toEqual(world.ledger.state);
    expect(world.ledger.events.map((it) => it.id.split(':')[1])).toEqual(['hold', 'release']);
    world.ledger.unavailable = true;
    expect(await world.run('h2', { mode: 'hold' })).toMatchObject({ outcome: 'failed', reason: 'ledger-unavailable' });
  });

  test('remove takes the service down, once', async () => {
    const world = await World.after(1);
    expect(await world.run('r', { mode: 'remove' })).toMatchObject({ outcome: 'removed', changed: true });
    expect(world.running).toBeUndefined();
    expect(world.ledger.state?.live).toBeNull();
    expect(await world.run('r2', { mode: 'remove' })).toMatchObject({ outcome: 'unchanged', changed: false });
    expect(await world.run('r3', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    expectSettled(world, 'v1');
  });
});

describe('U6', () => {
  test('what was rolled back is held until the next fix settles', async () => {
    const world = await World.after(1, 2);
    expect(await world.run('back', { mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    expectSettled(world, 'v1');
    const writes = world.target.writes.length;
    expect(await world.deploy('again', 2)).toMatchObject({ outcome: 'held', changed: false });
    expect(world.target.writes).toHaveLength(writes);
    expect(await world.deploy('fix', 3)).toMatchObject({ outcome: 'deployed' });
    expect(world.ledger.state?.held).toEqual([]);
  });
});

describe('several at once', () => {
  test('F10 two deploys: one goes, the other waits and is checked again under the lease', async () => {
    const world = await World.after(1);
    const ended = await Promise.all([world.deploy('r3', 3), world.deploy('r2', 2)]);
    expect(ended.map((it) => it.outcome)).toEqual(['deployed', 'superseded']);
    expect(world.target.applied('r2')).toEqual([]);
    expectSettled(world, 'v3');
  });

  test('three deploys end with the newest, each event once', async () => {
    const world = await World.after(1);
    await Promise.all([world.deploy('r2', 2), world.deploy('r4', 4), world.deploy('r3', 3)]);
    expectSettled(world, 'v4');
  });

  test('a wait that is over ends locked, and names the holder', async () => {
    const world = await World.after(1);
    world.target.behaviours.set(digestOf(2), 'never');
    const slow = world.deploy('r2', 2);
    const settled = await world.deploy('r3', 3, { lockWaitMs: 30_000 });
    expect(settled).toMatchObject({ outcome: 'locked', changed: false });
    expect(settled.sentence).toContain('r2 (https://ci.example/r2)');
    expect(world.target.applied('r3')).toEqual([]);
    await slow;
  });

  test('U4 a run that lost its lease writes nothing more, anywhere', async () => {
    const world = await World.after(1);
    world.target.behaviours.set(digestOf(2), 'never');
    const slow = world.deploy('slow', 2);
    await world.reaches('slow ready');
    world.target.expire();
    const ended = await world.deploy('next', 3);
    const fenced = await slow;
    expect(ended.outcome).toBe('deployed');
    expect(fenced).toMatchObject({ outcome: 'fenced', reason: 'fenced' });
    expect(fenced.sentence).toContain('next');
    const firstOfNext = world.target.writes.findIndex((it) => it.owner === 'next');
    expect(world.target.writes.slice(firstOfNext).filter((it) => it.owner === 'slow')).toEqual([]);
    expect(await world.post('slow')).toBeUndefined();
    expect(world.ledger.events.filter((it) => it.by === 'slow').map((it) => it.phase)).toEqual(['start']);
    expectSettled(world, 'v3');
  });

  test('U4 a lease that is lost before the end is recorded records no end', async () => {
    const world = await World.after(1);
    const plan = await world.plan({ release: releaseOf(2) });
    const settled = await runDeploy(plan, {
      ...world.deps('slow', { release: releaseOf(2) }),
      onProgress: async (step) => {
        if (step === 'record-finish') await world.target.acquire({ id: 'next', url: undefined }, { force: true });
      },
    });
    expect(settled.outcome).toBe('fenced');
    expect(world.ledger.events.map((it) => it.phase)).toEqual(['start']);
    expect(world.target.holder).toBe('next');
  });

  test('a rollback stops a deploy in flight and goes back to what is live', async () => {
    const world = await World.after(1, 2);
    world.target.behaviours.set(digestOf(3), 'never');
    const slow = world.deploy('r3', 3);
    await world.reaches('r3 ready');
    const back = await world.run('back', { mode: 'rollback' });
    expect(back).toMatchObject({
      outcome: 'rolled-back',
      live: { digest: digestOf(2) },
      previous: { digest: digestOf(3) },
    });
    expect((await slow).outcome).toBe('fenced');
    expectSettled(world, 'v2');
    expect(world.ledger.state?.held.map((it) => it.digest)).toEqual([digestOf(3)]);
  });
});

describe('a rollback that was asked for before another deploy', () => {
  /** A rollback that is held up before it takes the lease, while something else goes on. */
  async function heldUp(world: World, options: Options, meanwhile: () => Promise<unknown>) {
    const plan = await world.plan({ mode: 'rollback', ...options });
    const deps = world.deps('back', { mode: 'rollback', ...options });
    let first = true;
    return runDeploy(plan, {
      ...deps,
      onProgress: async (step) => {
        if (step === 'acquire' && first) {
          first = false;
          await meanwhile();
        }
        await deps.onProgress(step);
      },
    });
  }

  test.each([['previous'], [digestOf(1)]])('settled does not take it back (to %s)', async (to) => {
    const world = await World.after(1, 2);
    const settled = await heldUp(world, { to }, () => world.deploy('fix', 3));
    expect(settled).toMatchObject({ outcome: 'superseded', reason: 'superseded', live: { digest: digestOf(3) } });
    expect(settled.sentence).toContain('was to leave v2');
    expect(settled.sentence).toContain('v3');
    expectSettled(world, 'v3');
    expect(world.ledger.state?.held).toEqual([]);
  });

  test('settled is left by the word of the target, where the ledger cannot be read again', async () => {
    const world = await World.after(1, 2);
    const settled = await heldUp(world, {}, async () => {
      await world.deploy('fix', 3);
      world.unreadable = true;
    });
    expect(settled).toMatchObject({ outcome: 'superseded' });
    expect(world.running).toBe('v3');
  });

  test('does not leave a release more, when the one in flight took itself back', async () => {
    const world = await World.after(1, 2);
    world.target.behaviours.set(digestOf(3), 'never');
    void world.die('r3', 'ready', { release: releaseOf(3) });
    await world.reaches('r3 ready');
    const settled = await heldUp(world, {}, () => world.sweep('sweep'));
    expect(settled).toMatchObject({ outcome: 'unchanged', live: { digest: digestOf(2) } });
    expectSettled(world, 'v2');
  });

  test('on its way stops that one, and goes where it was to go', async () => {
    const world = await World.after(1, 2);
    world.target.behaviours.set(digestOf(3), 'never');
    let slow: Promise<unknown> = Promise.resolve();
    const settled = await heldUp(world, {}, async () => {
      slow = world.deploy('fix', 3);
      await world.reaches('fix ready');
    });
    expect(settled).toMatchObject({ outcome: 'rolled-back', live: { digest: digestOf(1) } });
    expect(await slow).toMatchObject({ outcome: 'fenced' });
    expectSettled(world, 'v1');
    expect(world.ledger.state?.held.map((it) => it.digest)).toEqual([digestOf(2)]);
  });
});

/** The ways a deploy can go; each dies before each step on it. */
const WAYS: readonly (readonly [string, (world: World) => void, Options])[] = [
  ['a good deploy', () => {}, { release: releaseOf(3) }],
  ['a bad deploy', (world) => void world.unhealthy.add(digestOf(3)), { release: releaseOf(3) }],
  ['a rollback', () => {}, { mode: 'rollback' }],
  ['a removal', () => {}, { mode: 'remove' }],
];

const AFTERWARDS: readonly (readonly [string, (world: World) => Promise<unknown>, readonly (string | undefined)[]])[] =
  [
    ['a sweep', (world) => world.sweep('sweep'), ['v1', 'v2', 'v3', undefined]],
    ['the same digest again', (world) => world.deploy('again', 3), ['v1', 'v2', 'v3']],
    ['a newer digest', (world) => world.deploy('newer', 4), ['v4']],
    ['a rollback', (world) => world.run('back', { mode: 'rollback', to: digestOf(1) }), ['v1']],
    ['a sweep that dies, and another', diesAndSweeps, ['v1', 'v2', 'v3', undefined]],
  ];

async function diesAndSweeps(world: World) {
  for (const step of ['mark-reverting', 'revert-apply', 'mark-reverted', 'apply', 'settle', 'record-finish'] as const) {
    await world.dieSweeping(`sweep-${step}`, step);
  }
  await world.sweep('sweep');
}

describe.each(WAYS)('%s that dies', (_way, spoil, options) => {
  describe.each(AFTERWARDS)('and then %s', (_next, next, expected) => {
    test.each(STEPS)('before %s', async (step) => {
      const world = await World.after(1, 2);
      spoil(world);
      const ended = await world.die('r3', step, options);
      await next(world);
      // Whoever comes later finds nothing left to do.
      const [changes, events] = [world.target.changes.length, world.ledger.events.length];
      await world.sweep('last');
      expect(world.target.changes).toHaveLength(changes);
      expect(world.ledger.events).toHaveLength(events);
      if (ended === 'dead') expect(world.steps).toContain(`r3 ${step}`);
      expectSettled(world, ...expected);
      const reverted = world.target.writes.filter((it) => it.what.endsWith('one-wave') && it.owner === 'r3');
      expect(reverted.length).toBeLessThanOrEqual(1);
    });
  });
});

describe('a deploy that took another over and dies as well', () => {
  test.each(STEPS)('before %s', async (step) => {
    for (const first of ['mark-prepared', 'ready', 'mark-reverted'] as const) {
      const world = await World.after(1, 2);
      if (first === 'mark-reverted') world.unhealthy.add(digestOf(3));
      await world.die('r3', first, { release: releaseOf(3) });
      await world.die('r4', step, { release: releaseOf(4) });
      await world.sweep('sweep');
      await world.sweep('last');
      expectSettled(world, 'v2', 'v3', 'v4');
      const bad = world.running === 'v3' && first === 'mark-reverted';
      expect(bad).toBe(false);
    }
  });
});

describe('what a sweep says of a deploy that died', () => {
  test.each<[Step, string, string | undefined, string]>([
    ['prepare', 'failed', 'interrupted', 'v2'],
    ['apply', 'failed', 'interrupted', 'v2'],
    ['mark-applied', 'deployed', undefined, 'v3'],
    ['verify', 'deployed', undefined, 'v3'],
    ['settle', 'deployed', undefined, 'v3'],
    ['record-finish', 'deployed', undefined, 'v3'],
  ])('U9 before %s: %s', async (step, outcome, reason, runs) => {
    const world = await World.after(1, 2);
    await world.die('r3', step, { release: releaseOf(3) });
    expect(await world.sweep('sweep')).toMatchObject({ outcome, reason });
    expectSettled(world, runs);
    expect(world.ledger.events.map((it) => it.phase)).toEqual(['start', 'vanished']);
  });

  test.each<[Step, string]>([
    ['verify', 'rolled-back-after-failure'],
    ['mark-reverting', 'rolled-back-after-failure'],
    ['revert-apply', 'rolled-back-after-failure'],
    ['mark-reverted', 'rolled-back-after-failure'],
    ['record-finish', 'rolled-back-after-failure'],
  ])('U2 bad, before %s', async (step, outcome) => {
    const world = await World.after(1, 2);
    world.unhealthy.add(digestOf(3));
    await world.die('r3', step, { release: releaseOf(3) });
    const settled = await world.sweep('sweep');
    expect(settled).toMatchObject({ outcome, reason: 'unhealthy' });
    expect(settled?.evidence?.summary).toContain('healthz did not pass');
    expectSettled(world, 'v2');
  });

  test('leaves a deploy alone whose run lives', async () => {
    const world = await World.after(1);
    world.target.behaviours.set(digestOf(2), 'never');
    const slow = world.deploy('r2', 2);
    await world.reaches('r2 ready');
    expect(await world.sweep('sweep')).toBeUndefined();
    expect(world.target.writes.filter((it) => it.owner === 'sweep')).toEqual([]);
    await slow;
  });

  test('F04 a newer digest supersedes, and goes back to the last good one when it is bad itself', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    world.unhealthy.add(digestOf(4));
    expect(await world.deploy('r4', 4)).toMatchObject({ outcome: 'rolled-back-after-failure' });
    expect(world.ledger.events.find((it) => it.id.startsWith('r3') && it.phase === 'vanished')).toMatchObject({
      outcome: 'superseded',
      reason: 'interrupted',
    });
    expectSettled(world, 'v2');
  });

  test('F04 the same digest is adopted: this run waits, verifies and is what deployed it', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    expect(await world.deploy('again', 3)).toMatchObject({ outcome: 'deployed' });
    expectSettled(world, 'v3');
  });

  test('F04 the last good one is known from the target, when the ledger is lost', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    world.ledger.state = undefined;
    world.unhealthy.add(digestOf(4));
    expect(await world.deploy('r4', 4)).toMatchObject({ outcome: 'rolled-back-after-failure' });
    expect(world.running).toBe('v2');
  });

  test('what was only not recorded is recorded, and then the plan is made again', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'record-finish', { release: releaseOf(3) });
    expect(await world.deploy('again', 3)).toMatchObject({ outcome: 'unchanged' });
    expect(world.target.applied()).toEqual(['apply v3 steady']);
    expectSettled(world, 'v3');
  });

  test('U13 the same run again, attempt 2, has the same event', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    world.target.revive('r3');
    expect(await world.deploy('r3', 3)).toMatchObject({ outcome: 'deployed' });
    expect(world.ledger.events.map((it) => it.phase)).toEqual(['start', 'vanished', 'start', 'finish']);
    expect(world.running).toBe('v3');
  });

  test('a run that stops settles what is left behind, and only that', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    expect(await world.deploy('older', 1, { release: { ...releaseOf(1) } })).toMatchObject({ outcome: 'superseded' });
    expectSettled(world, 'v3');
  });
});

describe('a run that died, and whose intent the target has lost', () => {
  const died = async (step: Step, options: Options): Promise<World> => {
    const world = await World.after(1, 2);
    expect(await world.die('gone', step, options)).toBe('dead');
    world.target.intent = undefined;
    return world;
  };

  test('a rollback that was applied is a rollback still: what it left is held', async () => {
    const world = await died('ready', { mode: 'rollback' });
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'rolled-back', live: { digest: digestOf(1) } });
    expectSettled(world, 'v1');
    expect(world.ledger.state?.held.map((it) => it.digest)).toEqual([digestOf(2)]);
    expect(world.target.applied('sweep')).toEqual(['apply v1 one-wave']);
  });

  test('a rollback that is bad does not go back to what it left', async () => {
    const world = await died('ready', { mode: 'rollback' });
    world.unhealthy.add(digestOf(1));
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'rollback-failed' });
    expect(world.running).toBe('v1');
    expect(world.ledger.state?.needs_human).not.toBeNull();
  });

  test('a rollback that was not applied changed nothing', async () => {
    const world = await died('apply', { mode: 'rollback' });
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'failed', reason: 'interrupted' });
    expectSettled(world, 'v2');
    expect(world.target.applied()).toEqual([]);
  });

  test('a removal stays one: what was taken down does not come back', async () => {
    const world = await died('mark-applied', { mode: 'remove' });
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'removed' });
    expectSettled(world, undefined);
  });

  test('a deploy that is not to be taken back by itself is left as it is', async () => {
    const settings = settingsOf({ rollback: { automatic: false, hold: 'digest' } });
    const world = await died('ready', { release: releaseOf(3), settings });
    world.unhealthy.add(digestOf(3));
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'failed', reason: 'unhealthy' });
    expect(world.running).toBe('v3');
  });
});

describe('a deploy that is cancelled', () => {
  describe.each([['revert' as const], ['leave' as const]])('with on-cancel %s', (onCancel) => {
    test.each(STEPS)('before %s', async (step) => {
      const world = await World.after(1, 2);
      const settled = await world.cancel('r3', step, { release: releaseOf(3) });
      const cancelled = world.steps.includes(`r3 ${step}`) && settled.outcome === 'cancelled';
      const wrote = world.target.writes.length;
      if (cancelled) {
        const after = world.steps.slice(world.steps.indexOf(`r3 ${step}`) + 1);
        expect(after).toEqual([]);
      }
      const closed = await world.post('r3', onCancel);
      if (!cancelled) {
        expect(settled.outcome).toBe('deployed');
        expect(closed).toBeUndefined();
        expect(world.target.writes).toHaveLength(wrote);
      }
      expect(world.target.intent).toBeUndefined();
      expect(world.target.holder).toBeUndefined();
      expect(world.ledger.state?.in_doubt ?? null).toBeNull();
      expect([...world.ends().values()].filter((count) => count !== 1)).toEqual([]);
      if (onCancel === 'revert') expect(world.liveByLedger).toBe(world.running);
      expect(await world.post('r3', onCancel)).toBeUndefined();
    });
  });

  test('says what became of it', async () => {
    const world = await World.after(1, 2);
    await world.cancel('r3', 'verify', { release: releaseOf(3) });
    expect(await world.post('r3')).toMatchObject({
      outcome: 'cancelled',
      reason: 'cancelled',
      live: { digest: digestOf(2) },
    });
    expectSettled(world, 'v2');
    // It was not bad: nothing is held, and it may come again.
    expect(await world.deploy('again', 3)).toMatchObject({ outcome: 'deployed' });
  });

  test('leaves the new image when asked to', async () => {
    const world = await World.after(1, 2);
    await world.cancel('r3', 'verify', { release: releaseOf(3) });
    expect(await world.post('r3', 'leave')).toMatchObject({ outcome: 'cancelled', live: { digest: digestOf(3) } });
    expect(world.running).toBe('v3');
  });

  test('is closed as deployed when it was verified', async () => {
    const world = await World.after(1, 2);
    await world.cancel('r3', 'record-finish', { release: releaseOf(3) });
    expect(await world.post('r3')).toMatchObject({ outcome: 'deployed' });
    expectSettled(world, 'v3');
  });

  test('U3 what post does not get done, the sweep does', async () => {
    const world = await World.after(1, 2);
    await world.cancel('r3', 'verify', { release: releaseOf(3) });
    void world.post('r3', 'revert', 'revert-apply');
    await world.reaches('r3 revert-apply');
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'cancelled', live: { digest: digestOf(2) } });
    expectSettled(world, 'v2');
  });

  test('before it began anything leaves what another left to the sweep', async () => {
    const world = await World.after(1, 2);
    await world.die('r3', 'ready', { release: releaseOf(3) });
    await world.cancel('r4', 'intend', { release: releaseOf(4) });
    expect(await world.post('r4')).toBeUndefined();
    expect(world.target.holder).toBeUndefined();
    expect(world.ledger.events.map((it) => it.phase)).toEqual(['start']);
    expect(await world.sweep('sweep')).toMatchObject({ outcome: 'deployed' });
    expectSettled(world, 'v3');
  });

  test('while waiting for the lease wrote nothing', async () => {
    const world = await World.after(1);
    world.target.behaviours.set(digestOf(2), 'never');
    const slow = world.deploy('r2', 2);
    await world.reaches('r2 ready');
    expect(await world.cancel('r3', 'acquire', { release: releaseOf(3) })).toMatchObject({
      outcome: 'cancelled',
      changed: false,
    });
    expect(await world.post('r3')).toBeUndefined();
    expect(world.target.writes.filter((it) => it.owner === 'r3')).toEqual([]);
    await slow;
  });
});
