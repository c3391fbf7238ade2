import { afterEach, expect, test } from '@jest/globals';
import { monorepo, programOf, server } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

/*
 * Refs of streams cannot be protected. Whatever becomes of one, what its target keeps of it counts: an image that was
 * rolled back does not come back, and the next release goes on where the record was.
 */

const dev = { service: 'api', environment: 'dev' };
const REF = 'refs/slipway/v1/dev/api';
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

let world: World;
afterEach(() => world.close());

const ref = (...args: readonly string[]) => world.gitIn(world.remote, 'update-ref', ...args);

async function release(answer: string) {
  world.push({ [programOf('api')]: server(answer) });
  const image = await world.build('api');
  return { image, ran: await world.deploy({ ...dev, image }) };
}

test.each<readonly [string, (before: string) => unknown, RegExp]>([
  [
    'damaged',
    () => ref(REF, world.gitIn(world.remote, 'commit-tree', EMPTY_TREE, '-p', REF, '-m', 'oops')),
    /cannot be believed/,
  ],
  ['deleted', () => ref('-d', REF), /it is gone, and its target knows of 6 events/],
  ['set back', (before) => ref(REF, before), /it was set back: it has 4 events, and its target knows of 6/],
])('a record that was %s: what was rolled back stays held, and a fix goes on from there', async (_how, harm, words) => {
  world = await World.start();
  world.push(monorepo(world));
  await release('good');
  const bad = await release('bad');
  const before = world.gitIn(world.remote, 'rev-parse', REF);
  expect((await world.deploy({ ...dev, mode: 'rollback' })).outputs['status']).toBe('rolled-back');
  await harm(before);

  world.push({ 'README.md': 'only words' });
  const again = await world.deploy({ ...dev, image: bad.image });
  expect(again.outputs['status']).toBe('held');
  expect(again.annotations.map((it) => it.message).join()).toMatch(words);
  expect(await world.answer('api', 'dev')).toBe('good');

  // One that fails goes back to what ran, not to what the record says or to nothing.
  world.push({ [programOf('api')]: 'process.exit(3);' });
  const broken = await world.deploy({ ...dev, image: await world.build('api') });
  expect(broken.outputs['status']).toBe('rolled-back-after-failure');
  expect(await world.answer('api', 'dev')).toBe('good');
  expect(world.state('api', 'dev')).toMatchObject({ seq: 8, held: [{}, { digest: bad.image.split('@')[1] }] });

  const { ran } = await release('better');
  expect(ran).toMatchObject({ outputs: { status: 'deployed' }, annotations: [] });
  expect(world.state('api', 'dev')).toMatchObject({ seq: 10, held: [] });
});
