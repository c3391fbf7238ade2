import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LIBRARY, type Ran, World } from '../support/runner.ts';

/*
 * What the ledger says of a service, and what the next push makes of it. Each service of one repository is in a situation
 * of its own; all are met by one detection. The files of every service are changed in the second push, but for those whose
 * name says otherwise.
 */

const SERVICES = [
  'cancelled',
  'deployed',
  'diverged-as-here',
  'diverged-otherwise',
  'failed',
  'forged',
  'forged-state',
  'in-doubt',
  'moved-on-in-dev',
  'never-began',
  'never-deployed',
  'old-name',
  'on-hold',
  'rolled-back',
  'unchanged',
];

let world: World;
/** Commits: the first push, the second, one that main never had, and the head. */
let first: string;
let second: string;
let side: string;
let ran: Ran;

const image = (service: string, letter: string) => `ghcr.io/acme/shop/${service}@sha256:${letter.repeat(64)}`;

async function record(service: string, commit: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  // Another commit is another image, but where it is said to be the same.
  const letter = commit === first ? 'a' : 'b';
  const inputs = { service, environment: 'dev', image: image(service, letter), commit, status: 'success', ...more };
  const { conclusion, log } = await world.run('record-deploy-event', inputs);
  if (conclusion !== 'success') throw new Error(log.join('\n'));
}

/** A deploy whose runner dies. */
async function begin(service: string): Promise<void> {
  const job = world.job();
  const inputs = { service, environment: 'dev', phase: 'start', image: image(service, 'b'), commit: second };
  await job.step({ uses: join(LIBRARY, 'actions/record-deploy-event'), with: inputs });
  job.kill();
}

const change = (names: readonly string[], text: string) =>
  Object.fromEntries(names.map((name) => [`services/${name}/main.js`, text]));

beforeAll(async () => {
  world = await World.start();
  const file = { image: { builder: 'none' }, environments: { dev: {} } };
  const files = Object.fromEntries(SERVICES.map((it) => [`services/${it}/slipway.service.yml`, file]));
  first = world.push({
    'slipway.yml': {
      version: 1,
      services: ['services/*'],
      environments: { dev: {}, production: { after: 'dev' } },
      deploy: { target: { kind: 'local', directory: `${world.runtime}/{environment}/{service}` } },
    },
    ...files,
    'services/moved-on-in-dev/slipway.service.yml': { image: { builder: 'none' } },
    ...change(SERVICES, '1'),
  });
  for (const name of SERVICES.filter((it) => it !== 'never-deployed')) await record(name, first);
  await record('moved-on-in-dev', first, { environment: 'production' });

  world.git('checkout', '--quiet', '-b', 'side');
  side = world.commit(change(['diverged-as-here', 'diverged-otherwise'], 'of the side'));
  world.git('push', '--quiet', 'origin', 'side');
  world.git('checkout', '--quiet', 'main');
  const changed = SERVICES.filter((it) => it !== 'unchanged' && it !== 'forged-state' && !it.startsWith('diverged'));
  second = world.push({
    ...change(changed, '2'),
    ...change(['diverged-as-here', 'diverged-otherwise'], 'of the side'),
  });

  await record('deployed', second);
  await record('failed', second, { status: 'failure' });
  await record('cancelled', second, { status: 'cancelled' });
  await record('rolled-back', second);
  await record('rolled-back', first, { kind: 'rollback' });
  await record('moved-on-in-dev', second);
  await record('diverged-as-here', side);
  await record('diverged-otherwise', side);
  await begin('in-doubt');
  const held = await world.deploy({ service: 'on-hold', environment: 'dev', mode: 'hold', reason: 'audit' });
  expect(held.outputs['status']).toBe('held');
  world.gitIn(world.remote, 'update-ref', 'refs/slipway/v1/dev/forged', second);
  world.forge('forged-state', 'dev', (event) => event.replaceAll(first, second));

  world.git('mv', 'services/old-name', 'services/new-name');
  world.push({
    'services/new-name/slipway.service.yml': { ...file, aliases: ['old-name'] },
    ...change(['diverged-otherwise'], 'of main'),
  });
  ran = await world.detect({}, { workspace: world.checkout(world.git('rev-parse', 'HEAD'), '--depth=1') });
});
afterAll(() => world.close());

interface Verdict {
  readonly service: string;
  readonly selected: boolean;
  readonly reasons: readonly { readonly kind: string }[];
  readonly bases: readonly { readonly rung: string; readonly commit: string | null; readonly environment: string }[];
}

function verdictOn(service: string): Verdict | undefined {
  const { services } = JSON.parse(readFileSync(ran.outputs['reasons-file'] ?? '', 'utf8'));
  return services.find((it: Verdict) => it.service === service);
}

const commitOf = (name: string | null): string | null =>
  name === null ? null : ({ first, second, side }[name] ?? null);

test.each([
  ['deployed as it is: nothing to do', 'deployed', [], [['deployed', 'second']]],
  ['its inputs are as they were, though the commit is another', 'unchanged', [], [['deployed', 'first']]],
  ['its run failed: it comes back', 'failed', ['files'], [['deployed', 'first']]],
  ['its run was cancelled: it comes back', 'cancelled', ['files'], [['deployed', 'first']]],
  ['its run never began: it comes back', 'never-began', ['files'], [['deployed', 'first']]],
  ['nothing of it was ever recorded', 'never-deployed', ['no-record'], [['deployed', null]]],
  ['U6: rolled back: what it went back to is the base', 'rolled-back', ['files'], [['deployed', 'first']]],
  ['its deploy has no known end', 'in-doubt', ['in-doubt'], [['deployed', null]]],
  ['all of it is on hold: it does not count', 'on-hold', [], [['deployed', null]]],
  ['U10: its stream is no record of Slipway’s', 'forged', ['unbelievable'], [['unknown', null]]],
  ['U10: its event was written over, and its state not', 'forged-state', ['unbelievable'], [['unknown', null]]],
  ['U12: renamed, with its old name: the base follows', 'new-name', ['config', 'files'], [['deployed', 'first']]],
  [
    'environments run different commits',
    'moved-on-in-dev',
    ['files'],
    [
      ['deployed', 'second'],
      ['deployed', 'first'],
    ],
  ],
  ['what runs is of a line that main never had, with the same content', 'diverged-as-here', [], [['deployed', 'side']]],
  [
    'what runs is of a line that main never had, with other content',
    'diverged-otherwise',
    ['files'],
    [['deployed', 'side']],
  ],
])('%s', (_what, service, reasons, bases) => {
  const verdict = verdictOn(service);
  expect(verdict?.reasons.map(({ kind }) => kind).sort()).toEqual(reasons);
  expect(verdict?.selected).toBe(reasons.length > 0);
  expect(verdict?.bases.map(({ rung, commit }) => [rung, commit])).toEqual(
    bases.map(([rung = '', commit = null]) => [rung, commitOf(commit)]),
  );
});

test('of all of them: those that are selected, and nothing is removed', () => {
  const names: readonly string[] = JSON.parse(ran.outputs['services'] ?? '');
  expect(names).toEqual([
    'cancelled',
    'diverged-otherwise',
    'failed',
    'forged',
    'forged-state',
    'in-doubt',
    'moved-on-in-dev',
    'never-began',
    'never-deployed',
    'new-name',
    'rolled-back',
  ]);
  expect(ran.outputs).toMatchObject({ removed: '[]', base: '', count: String(names.length) });
  expect(ran.annotations).toEqual([]);
});
