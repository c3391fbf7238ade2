import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STEPS } from '../../../../shared/deploy/steps.ts';
import type { PodStatus } from '../../../support/kubernetes/fake-rollouts.ts';
import { Deployer } from './deployer.ts';
import { imageOf, Place, WEB } from './place.ts';

const BAD: PodStatus = {
  containerStatuses: [
    {
      name: 'web',
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    },
  ],
};

let place: Place;
let deployer: Deployer;
beforeEach(async () => {
  place = await Place.make();
  place.rollouts.behaviours.set(imageOf('bad2'), BAD);
  deployer = new Deployer(place);
  expect(await deployer.run({ run: 'r1', version: 'v1' })).toMatchObject({ outcome: 'deployed' });
});
afterEach(() => place.clear());

/** One version is wanted, it is what the ledger says, every start has one end, and nothing is left over. */
async function expectOne(...versions: readonly string[]): Promise<void> {
  const seen = await place.target().observe();
  const { state, events } = deployer.ledger;
  expect(versions.map(imageOf)).toContain(place.image);
  expect(state?.live?.image.digest).toBe(seen.live?.image.digest);
  expect(state?.in_doubt).toBeNull();
  expect(seen.intent).toBeUndefined();
  expect(seen.lease).toBeUndefined();
  expect(place.api.at(WEB, 'spec.strategy.rollingUpdate.maxSurge')).toBe('25%');
  const idsOf = (...phases: readonly string[]) => events.filter((it) => phases.includes(it.phase)).map((it) => it.id);
  expect(idsOf('finish', 'vanished').sort()).toEqual(idsOf('start').sort());
}

describe.each(STEPS)('killed before the step %s', (dieAt) => {
  test.each(['v2', 'bad2'])('a deploy of %s is settled by a sweep', async (version) => {
    await deployer.died({ run: 'r2', version, dieAt });
    await deployer.run({ run: 'sweep', version, mode: 'sweep' });
    // The sweep of what had no intent yet has nothing to do; its lease runs out by itself.
    if ((await place.target().observe()).lease !== undefined) await deployer.run({ run: 'r3', version: 'v3' });
    await expectOne('v1', 'v2', 'v3');
  });

  test.each(['v2', 'bad2'])('a deploy of %s is overtaken by the next', async (version) => {
    await deployer.died({ run: 'r2', version, dieAt });
    expect(await deployer.run({ run: 'r3', version: 'v3' })).toMatchObject({ outcome: 'deployed' });
    await expectOne('v3');
  });

  test('a rollback is brought to its end', async () => {
    expect(await deployer.run({ run: 'r2', version: 'v2' })).toMatchObject({ outcome: 'deployed' });
    await deployer.died({ run: 'back', version: 'v2', mode: 'rollback', dieAt });
    await deployer.run({ run: 'again', version: 'v2', mode: 'rollback' });
    // Where only its bookkeeping was left, a second rollback is none; the next deploy clears up.
    await deployer.run({ run: 'r3', version: 'v3' });
    await expectOne('v3');
  });
});

describe('killed with any request, which arrives or does not', () => {
  /** Every third request, so that it stays short; SLIPWAY_KILLS tries them all. */
  const every = process.env['SLIPWAY_KILLS'] === 'all' ? 1 : 3;
  const LONGEST = 60;

  test.each([
    ['v', true],
    ['v', false],
    ['bad', true],
    ['bad', false],
  ])(
    'a deploy of %s (%s)',
    async (version, arrives) => {
      let number = 2;
      for (let request = 1; request <= LONGEST; request += every) {
        const killed = `${version}${++number}`;
        if (version === 'bad') place.rollouts.behaviours.set(imageOf(killed), BAD);
        const died = await deployer.died({ run: `dies-${request}`, version: killed, dieWith: { request, arrives } });
        const next = `v${++number}`;
        expect(await deployer.run({ run: `next-${request}`, version: next })).toMatchObject({ outcome: 'deployed' });
        await expectOne(next);
        if (!died) return;
      }
    },
    60_000,
  );
});
