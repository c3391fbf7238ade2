import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { monorepo, programOf, serviceFile } from '../support/monorepo.ts';
import { type Ran, World } from '../support/runner.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const image = { ...serviceFile().image, platforms: PLATFORMS };

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.push({ ...monorepo(world), 'services/api/slipway.service.yml': serviceFile({ image }) });
});
afterAll(() => world.close());

const run = (inputs: Record<string, string>, settings: Parameters<World['run']>[2] = {}) =>
  world.run('build-and-tag-image', { service: 'api', ...inputs }, settings);
const part = (platform: string) => run({ push: 'part', platforms: platform });
const join = (inputs: Record<string, string> = {}) => run({ builder: 'none', ...inputs });
const tagsOf = (ran: Ran): readonly string[] => JSON.parse(ran.outputs['tags'] ?? '[]');
async function manifest(reference: string) {
  const answer = await fetch(`http://${world.registry.host}/v2/acme/shop/api/manifests/${reference}`, {
    headers: { Accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
  });
  return (await answer.json()) as { manifests?: { digest: string; platform: object }[]; annotations?: object };
}

describe('one image of platforms that several jobs build', () => {
  test('each part is under its key alone; a missing one is refused; then they are one image, with the tags', async () => {
    const amd = await part('linux/amd64');
    expect(amd).toMatchObject({ conclusion: 'success', outputs: { reused: 'false' } });
    expect(tagsOf(amd)).toEqual([expect.stringMatching(/^key-[0-9a-f]{40}$/)]);

    const early = await join();
    expect(early).toMatchObject({ conclusion: 'failure', report: { status: 'platform-missing' } });
    expect(early.annotations[0]?.message).toMatch(
      /^platform-missing .*\/api has no image of this content for linux\/arm64 \(nothing is under key-/,
    );

    const arm = await part('linux/arm64');
    const uploads = world.registry.uploads();
    const whole = await join();
    expect(whole).toMatchObject({ conclusion: 'success', annotations: [], report: { status: 'built', reused: false } });
    expect(whole.report['why']).toBe('Other jobs have built linux/amd64, linux/arm64.');
    expect(tagsOf(whole)).toEqual(expect.arrayContaining([`sha-${world.git('rev-parse', 'HEAD')}`, 'main']));
    expect(world.registry.uploads()).toBe(uploads);
    const { manifests = [] } = await manifest(whole.outputs['digest'] ?? '');
    expect(manifests.map(({ digest }) => digest)).toEqual([amd.outputs['digest'], arm.outputs['digest']]);
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    expect(whole.summary).toContain(`| linux/arm64 | \`${arm.outputs['digest']}\` |`);
  });

  test('the content key is that of one job; and what is whole is taken as it is', async () => {
    const whole = await join();
    expect(whole.report).toMatchObject({ status: 'reused' });
    const forced = await run({ force: 'true' });
    expect(forced.outputs['content-key']).toBe(whole.outputs['content-key']);
  });

  test('parts of other content are not taken; gates look at the whole', async () => {
    const gates = [{ name: 'look', run: ['node', '-e', 'console.log(process.argv[1])', '{layout}'] }];
    world.push({
      [programOf('api')]: 'console.log("next")',
      'services/api/slipway.service.yml': serviceFile({ image: { ...image, gates } }),
    });
    expect((await join()).annotations[0]?.message).toMatch(/for linux\/amd64 \(.*\), nor for linux\/arm64/);
    await Promise.all(PLATFORMS.map(part));
    const whole = await join();
    expect(whole.report).toMatchObject({
      status: 'built',
      gates: [{ verdict: 'passed', output: [expect.stringContaining('fetched-api')] }],
    });
  });

  test.each([
    ['force', { force: 'true' }, /`force: true` forbids/],
    ['no reuse', { reuse: 'off' }, /`reuse: off` forbids/],
    ['nothing that could prove them', { reuse: 'verified' }, /there is no `image.reuse-key`/],
  ])('nothing is taken with %s', async (_name, inputs, why) => {
    world.push({ [programOf('api')]: `console.log(${JSON.stringify(inputs)})` });
    expect((await join(inputs)).annotations[0]?.message).toMatch(why);
  });
});
