import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo, programOf, server, serviceFile, slipwayFile } from '../support/monorepo.ts';
import { actionFolder, LIBRARY, type Ran, reportOf, World } from '../support/runner.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';

const disk: SmallDisk | undefined = smallDisk(join(LIBRARY, `disk-${process.pid}`), 2);
let world: World;
beforeAll(async () => {
  world = await World.start(disk === undefined ? {} : { runtime: join(disk.folder, 'runtime') });
  world.push(monorepo(world));
});
afterAll(async () => {
  await world.close();
  disk?.remove();
});

/** What a failing step says: one annotation each, with its place. */
const told = (ran: Ran): readonly unknown[] => {
  expect(ran).toMatchObject({ conclusion: 'failure', exitCode: 1, report: { status: 'failed' } });
  expect(ran.log.filter((line) => /^ {4}at /.test(line))).toEqual([]);
  return ran.annotations.map(({ message, properties: { file, line, col } }) => [`${file}:${line}:${col}`, message]);
};
const says = (words: string) => expect.stringContaining(words);

describe('a configuration that is wrong', () => {
  test('YAML that cannot be read: where, and why', async () => {
    world.push({ 'slipway.yml': 'version: 1\nservices: [\n  a\nenvironments: {}\n' });
    const ran = await world.detect();
    expect(told(ran)[0]).toEqual(['slipway.yml:4:1', says('slipway.yml:4:1: config-invalid The YAML cannot be read')]);
  });

  test('every unknown key of a file at once, each with the nearest known one', async () => {
    world.push({ 'slipway.yml': 'version: 1\nservces: ["services/*"]\nenvironmnts: {}\nimage: { reus: tag }\n' });
    const ran = await world.detect();
    expect(told(ran)).toEqual([
      ['slipway.yml:2:1', says('`servces` is not known. Did you mean `services`?')],
      ['slipway.yml:3:1', says('`environmnts` is not known. Did you mean `environments`?')],
      ['slipway.yml:4:10', says('`reus` is not known in `image`. Did you mean `reuse`?')],
    ]);
    expect(ran.report['problems']).toHaveLength(3);
    expect(ran.summary).toContain('### Detect changed services: failed');
    world.push({ 'slipway.yml': slipwayFile(world) });
  });

  test('two services of one name, and a dependency that there is not', async () => {
    world.push({ 'services/web/slipway.service.yml': 'name: API\n' });
    expect(told(await world.detect())).toEqual([
      ['services/web/slipway.service.yml:1:7', says('is taken by the service `api` at services/api')],
    ]);
    world.push({ 'services/web/slipway.service.yml': 'dependencies:\n  services: [apy]\n' });
    expect(told(await world.detect())).toEqual([
      ['services/web/slipway.service.yml:2:14', says('the service `apy`, which there is not. Did you mean `api`?')],
    ]);
  });

  test('patterns that lead to no service are told: every run would be green, and nothing would ship', async () => {
    world.push({ 'slipway.yml': slipwayFile(world, { services: ['service/*'] }) });
    const ran = await world.detect();
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { any: 'false' } });
    expect(ran.annotations).toMatchObject([{ level: 'warning', message: says('There is no service in slipway.yml') }]);
    world.push({ 'slipway.yml': slipwayFile(world) });
  });

  test('a circle of dependencies is told, and detection works with it', async () => {
    world.push({
      'services/web/slipway.service.yml': serviceFile({ dependencies: { services: ['api'] } }),
      'services/api/slipway.service.yml': serviceFile({ dependencies: { services: ['web'] } }),
    });
    const before = world.git('rev-parse', 'HEAD');
    world.push({ [programOf('web')]: server('web-2') });
    const ran = await world.detect({ base: before });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { services: '["api","web"]' } });
    expect(ran.annotations).toMatchObject([{ level: 'notice', message: says('api → web → api') }]);
    world.push(monorepo(world));
  });
});

describe('a place that is wrong', () => {
  test('no git, no checkout, no such folder, no such file: each has its own code', async () => {
    const empty = world.emptyFolder();
    const reasons = await Promise.all([
      world.detect({}, { env: { PATH: empty } }),
      world.deploy({ service: 'api', environment: 'dev' }, { env: { PATH: empty } }),
      world.detect({}, { workspace: empty }),
      world.detect({ 'working-directory': 'no/such/folder' }),
      world.detect({ config: 'other.yml' }),
      world.detect({ config: '../outside.yml' }),
    ]);
    expect(reasons.map((it) => [told(it).length, it.report['reason']])).toEqual([
      [1, 'git-missing'],
      [1, 'git-missing'],
      [1, 'not-a-repository'],
      [1, 'not-a-repository'],
      [1, 'config-missing'],
      [1, 'config-invalid'],
    ]);
    expect(reasons[1]?.outputs).toMatchObject({ status: 'failed', reason: 'git-missing' });
  });

  test('a folder of the checkout is as good as its root', async () => {
    const inputs = { 'working-directory': 'services/api', config: '../../slipway.yml', select: 'api' };
    expect((await world.detect(inputs)).outputs['services']).toBe('["api"]');
  });
});

const withDisk = disk === undefined ? describe.skip : describe;
withDisk('a disk that is full (skipped where no tmpfs can be mounted)', () => {
  let image: string;
  beforeAll(async () => {
    image = await world.build('api');
  });

  const step = async (action: Parameters<typeof actionFolder>[0], inputs: Record<string, string>) => {
    if (disk === undefined) throw new Error('There is no small disk.');
    const job = world.job({ temp: join(disk.folder, action) });
    disk.fill();
    const result = await job.step({ uses: actionFolder(action), with: inputs });
    await job.end();
    disk.free();
    return result;
  };

  test('is said by every action, in one sentence; nothing is written', async () => {
    const dev = { service: 'api', environment: 'dev' };
    const results = [
      await step('detect-changed-services', {}),
      await step('build-and-tag-image', { service: 'api', force: 'true' }),
      await step('deploy-to-env', { ...dev, image }),
      await step('record-deploy-event', { ...dev, image, status: 'success' }),
      await step('publish-deploy-board', {}),
    ];
    for (const it of results) {
      expect(it).toMatchObject({ conclusion: 'failure', exitCode: 1, outputs: {} });
      expect(it.annotations).toEqual([expect.objectContaining({ level: 'error', message: says('disk-full ') })]);
      expect(it.log).toHaveLength(1);
    }
    expect(world.ledger()).toEqual({});
    expect(world.processes()).toEqual([]);
  });

  test('of the target: what runs runs on, nothing is half written, and it goes on when there is space', async () => {
    const dev = { service: 'api', environment: 'dev' };
    const first = await world.deploy({ ...dev, image });
    expect(first.outputs['status']).toBe('deployed');
    const url = first.outputs['url'] ?? '';
    world.push({ [programOf('api')]: server('api-2'), 'services/api/src/big.txt': 'x'.repeat(100_000) });
    const next = await world.build('api');
    disk?.fill();
    const full = await world.deploy({ ...dev, image: next });
    expect(full).toMatchObject({ conclusion: 'failure', report: { reason: 'disk-full' } });
    expect(reportOf(full)['status']).toBe('failed');
    expect(await (await fetch(url)).text()).toBe('api-1');
    disk?.free();
    const again = await world.deploy({ ...dev, image: next });
    expect(again.outputs['status']).toBe('deployed');
    expect(await (await fetch(again.outputs['url'] ?? '')).text()).toBe('api-2');
  });
});
