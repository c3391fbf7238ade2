import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Settled } from '../../../../shared/model/index.ts';
import { freePort } from '../../../../shared/targets/local/ports.ts';
import { carryOut, type Order, readLedger } from '../../../support/local-deployer.ts';
import { ask, Place } from './place.ts';

const SOURCE = fileURLToPath(new URL('../../../support/local-deployer.ts', import.meta.url));
const PATIENCE_MS = 30_000;

let bundles: string;
let place: Place;
beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), 'slipway-deployer-'));
  await build({
    entryPoints: [SOURCE],
    outfile: join(bundles, 'deployer.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});
afterAll(() => rm(bundles, { recursive: true, force: true }));
beforeEach(async () => {
  place = await Place.make();
});
afterEach(() => place.clear());

type Asked = Omit<Order, 'directory'>;

/** A deploy in this process. */
const deploy = (order: Asked) => carryOut({ ...order, directory: place.directory });

/** A deploy in a process of its own: its end, or the signal that killed it. */
function deployElsewhere(order: Asked): Promise<Settled | null | string> {
  const args = [join(bundles, 'deployer.mjs'), JSON.stringify({ ...order, directory: place.directory })];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else if (error.signal) resolve(error.signal);
      else reject(new Error(stderr));
    });
  });
}

/** One process runs, it is what state.json and the ledger say, it answers, and every start has one end. */
async function expectOne(version: string) {
  const seen = await place.target().observe();
  const answer = await ask(seen.url);
  const { state, events } = readLedger(place.directory);
  expect(answer.version).toBe(version);
  expect(await place.running()).toEqual([answer.pid]);
  expect(state?.live).toMatchObject({ version, image: seen.live?.image });
  expect(state?.in_doubt).toBeNull();
  expect(seen.intent).toBeUndefined();
  expect(seen.lease?.alive ?? false).toBe(false);
  const starts = events.filter((it) => it.phase === 'start').map((it) => it.id);
  const ends = events.filter((it) => it.phase === 'finish' || it.phase === 'vanished').map((it) => it.id);
  expect(ends.sort()).toEqual(starts.sort());
}

describe.each([
  ['without a port', false],
  ['with a port', true],
] as const)('a deploy that is killed, %s', (_name, fixed) => {
  test.each([
    ['prepare', 'v1'],
    ['spawn', undefined],
    ['mark-applied', 'v2'],
    ['record-finish', 'v2'],
  ])(
    'at %s is settled by a sweep',
    async (dieAt, expected) => {
      const port = fixed ? { port: await freePort() } : {};
      expect(await deploy({ run: 'r1', version: 'v1', ...port })).toMatchObject({ outcome: 'deployed' });
      expect(await deployElsewhere({ run: 'r2', version: 'v2', dieAt, ...port })).toBe('SIGKILL');
      await deploy({ run: 'sweep', version: 'v2', mode: 'sweep', ...port });
      // Killed right after the spawn, it depends on the port on which side of the commit point that was.
      await expectOne(expected ?? (fixed ? 'v2' : (readLedger(place.directory).state?.live?.version ?? '')));
    },
    PATIENCE_MS,
  );

  test.each(['spawn', 'ready', 'settle'])(
    'at %s is overtaken by the next',
    async (dieAt) => {
      const port = fixed ? { port: await freePort() } : {};
      await deploy({ run: 'r1', version: 'v1', ...port });
      expect(await deployElsewhere({ run: 'r2', version: 'v2', dieAt, ...port })).toBe('SIGKILL');
      expect(await deploy({ run: 'r3', version: 'v3', ...port })).toMatchObject({ outcome: 'deployed' });
      await expectOne('v3');
    },
    PATIENCE_MS,
  );

  test(
    'in the middle of going back is brought to its end',
    async () => {
      const port = fixed ? { port: await freePort() } : {};
      await deploy({ run: 'r1', version: 'v1', ...port });
      expect(await deployElsewhere({ run: 'r2', version: 'crash2', dieAt: 'revert-apply', ...port })).toBe('SIGKILL');
      expect(await deploy({ run: 'sweep', version: 'v1', mode: 'sweep', ...port })).toMatchObject({
        outcome: 'rolled-back-after-failure',
        evidence: { log: ['connecting', 'the database is locked'] },
      });
      await expectOne('v1');
    },
    PATIENCE_MS,
  );
});

test(
  'a bad image is taken back, and the old process answers all the while',
  async () => {
    await deploy({ run: 'r1', version: 'v1' });
    const before = await ask((await place.target().observe()).url);
    expect(await deploy({ run: 'r2', version: 'crash2' })).toMatchObject({
      outcome: 'rolled-back-after-failure',
      reason: 'start-failed',
      sentence: expect.stringMatching(/crash2 ended with exit code 3 .*v1 \(\w+\) is back\.$/),
    });
    await expectOne('v1');
    expect((await ask((await place.target().observe()).url)).pid).toBe(before.pid);
  },
  PATIENCE_MS,
);

test(
  'F10 of three deploys at once each goes in its turn, and the newest stays',
  async () => {
    await deploy({ run: 'r1', version: 'v1' });
    const ended = await Promise.all([
      deployElsewhere({ run: 'r2', version: 'v2' }),
      deployElsewhere({ run: 'r4', version: 'v4' }),
      deployElsewhere({ run: 'r3', version: 'v3' }),
    ]);
    const outcomes = ended.map((it) => (it !== null && typeof it === 'object' ? it.outcome : it));
    expect(outcomes[1]).toBe('deployed');
    for (const outcome of outcomes) expect(['deployed', 'superseded']).toContain(outcome);
    await expectOne('v4');
  },
  PATIENCE_MS,
);

test(
  'a rollback brings the release before back',
  async () => {
    await deploy({ run: 'r1', version: 'v1' });
    await deploy({ run: 'r2', version: 'v2' });
    expect(await deploy({ run: 'back', version: 'v2', mode: 'rollback' })).toMatchObject({ outcome: 'rolled-back' });
    await expectOne('v1');
    expect(await deploy({ run: 'r2b', version: 'v2' })).toMatchObject({ outcome: 'held' });
  },
  PATIENCE_MS,
);
