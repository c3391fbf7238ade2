import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { monorepo, programOf } from '../support/monorepo.ts';
import { World } from '../support/runner.ts';

let world: World;
beforeEach(async () => {
  world = await World.start();
  const image = { reuse: 'tag', tags: ['sha', 'branch', 'latest', 'semver', '{{semver.major}}'] };
  world.push(monorepo(world, { image }));
});
afterEach(() => world.close());

const change = (text: string) => world.push({ [programOf('api')]: `console.log(${JSON.stringify(text)})` });
const build = (at: string, settings: Parameters<World['run']>[2] = {}) =>
  world.run('build-and-tag-image', { service: 'api' }, { at, ...settings });
async function digestAt(tag: string): Promise<string | undefined> {
  const headers = { Accept: 'application/vnd.oci.image.manifest.v1+json' };
  const answer = await fetch(`http://${world.registry.host}/v2/acme/shop/api/manifests/${tag}`, { headers });
  return answer.headers.get('docker-content-digest') ?? undefined;
}

describe('U7: moving tags never go backwards', () => {
  test.each<[string, readonly string[]]>([
    ['whole', []],
    ['of depth 1, as actions/checkout makes it', ['--depth=1']],
  ])('two runs of the default branch end in the wrong order; the clone is %s', async (_name, options) => {
    const older = change('older');
    const workspace = world.checkout(older, ...options);
    const newer = change('newer');
    const fast = await build(newer);
    expect(JSON.parse(fast.outputs['tags'] ?? '')).toEqual(expect.arrayContaining(['main', 'latest']));
    const slow = await build(older, { workspace });
    expect(slow).toMatchObject({ conclusion: 'success', annotations: [] });
    const tags: unknown = JSON.parse(slow.outputs['tags'] ?? '');
    expect(tags).toContain(`sha-${older}`);
    expect(tags).not.toEqual(expect.arrayContaining(['main']));
    expect(slow.summary).toContain(`The tag \`main\` was left`);
    expect(slow.summary).toContain(`${newer.slice(0, 12)}, which came after this commit, has its image already`);
    for (const tag of ['main', 'latest']) expect(await digestAt(tag)).toBe(fast.outputs['digest']);
    expect(await digestAt(`sha-${older}`)).toBe(slow.outputs['digest']);
  });

  test('a newer commit that has no image yet is not waited for; a revert brings the old image back', async () => {
    const first = change('first');
    const second = change('second');
    change('third');
    const old = await build(first);
    const bad = await build(second);
    expect(await digestAt('main')).toBe(bad.outputs['digest']);
    const back = change('first');
    const reverted = await build(back);
    expect(reverted.outputs).toMatchObject({ reused: 'true', digest: old.outputs['digest'] });
    expect(await digestAt('main')).toBe(old.outputs['digest']);
    // Repeated, the run of the bad commit does not bring it back.
    await build(second);
    expect(await digestAt('main')).toBe(old.outputs['digest']);
  });

  test('after a force push the branch has what is on it now', async () => {
    const lost = change('lost');
    const workspace = world.checkout(lost);
    world.git('reset', '--quiet', '--hard', 'HEAD~1');
    const kept = change('kept');
    const now = await build(kept);
    const late = await build(lost, { workspace });
    expect(await digestAt('main')).toBe(now.outputs['digest']);
    expect(late.summary).toContain('has taken the place of this commit');
  });

  test('releases end in the wrong order: the greater version keeps what both share', async () => {
    const release = async (commit: string, version: string) => {
      const ref = `refs/tags/v${version}`;
      return build(commit, { ref, event: { name: 'push', payload: { ref } } });
    };
    const one = change('one');
    world.git('tag', 'v1.2.3');
    const two = change('two');
    world.git('tag', 'v1.2.4');
    world.git('push', '--quiet', '--tags', 'origin');
    const greater = await release(two, '1.2.4');
    const late = await release(one, '1.2.3');
    expect(await digestAt('1')).toBe(greater.outputs['digest']);
    expect(await digestAt('latest')).toBe(greater.outputs['digest']);
    expect(await digestAt('1.2.3')).toBe(late.outputs['digest']);
  });
});
