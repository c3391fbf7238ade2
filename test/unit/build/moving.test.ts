import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CommitOrder } from '../../../shared/build/index.ts';
import { applyTags } from '../../../shared/build/tagging.ts';
import { commitTag, keyTag } from '../../../shared/image/index.ts';
import type {
  Commit,
  Digest,
  ImagePlan,
  RawManifest,
  Registry,
  ReleaseLine,
  TagPlan,
} from '../../../shared/model/index.ts';
import { OCI_MANIFEST } from '../../support/registry-world.ts';
import { SETTINGS } from '../image/facts.ts';

type Pause = <T>(answer: () => T) => Promise<T>;

/** Tags of one repository, where each question and each write takes its turn. */
class Shelf {
  readonly tags = new Map<string, RawManifest>();
  readonly asked: string[] = [];
  readonly #pause: Pause;

  constructor(pause: Pause = (answer) => Promise.resolve(answer())) {
    this.#pause = pause;
  }

  at(tag: string): Digest | undefined {
    return this.tags.get(tag)?.digest;
  }

  get registry(): Registry {
    const ask = <T>(what: string, answer: () => T) =>
      this.#pause(() => {
        this.asked.push(what);
        return answer();
      });
    const known: Partial<Registry> = {
      resolve: (_repository, tag) =>
        ask(`resolve ${tag}`, () => {
          const it = this.tags.get(tag);
          return it && { mediaType: it.mediaType, digest: it.digest, size: it.bytes.length };
        }),
      manifest: (_repository, tag) => ask(`manifest ${tag}`, () => this.tags.get(tag)),
      tag: (_repository, manifest, tag) => ask(`tag ${tag}`, () => void this.tags.set(tag, manifest)),
      tags: () => ask('tags', () => [...this.tags.keys()].sort()),
    };
    return known as Registry;
  }
}

const manifestOf = (text: string): RawManifest => {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [], annotations: { text } }));
  return { mediaType: OCI_MANIFEST, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
};
const commitOf = (number: number): Commit => number.toString(16).padStart(40, '0');
const HISTORY = Array.from({ length: 40 }, (_it, at) => commitOf(at));

const planOf = (commit: Commit, moving: readonly TagPlan[], content = commit): ImagePlan => {
  const key = { value: createHash('sha256').update(content).digest('hex'), parts: {} };
  return {
    service: 'api',
    repository: 'host/api',
    builder: 'native',
    settings: SETTINGS,
    key,
    version: 'v',
    commit,
    decision: { kind: 'build', why: '', forced: false },
    push: true,
    tags: [{ tag: keyTag(key), kind: 'fixed' }, { tag: commitTag(commit), kind: 'fixed' }, ...moving],
    labels: {},
    annotations: {},
  };
};
const MAIN: readonly TagPlan[] = [{ tag: 'main', kind: 'moving' }];

/** A straight history, as the remote has it. */
const straight = (commit: Commit, history: readonly Commit[] = HISTORY): CommitOrder => ({
  successors: () =>
    Promise.resolve({ commits: [...history.slice(history.indexOf(commit) + 1)].reverse(), rewritten: false }),
  dateOf: () => Promise.resolve(undefined),
});

const run = (
  shelf: Shelf,
  commit: Commit,
  more: { content?: string; moving?: readonly TagPlan[]; order?: CommitOrder } = {},
) => {
  const { content = commit, moving = MAIN, order = straight(commit) } = more;
  return applyTags(shelf.registry, planOf(commit, moving, content), manifestOf(content), order);
};

describe('U7: moving tags never go backwards', () => {
  test('an older commit that ends late leaves the tag, and says why', async () => {
    const shelf = new Shelf();
    await run(shelf, commitOf(5));
    const late = await run(shelf, commitOf(3));
    expect(shelf.at('main')).toBe(manifestOf(commitOf(5)).digest);
    expect(late.tags).not.toContain('main');
    expect(late.left).toEqual([
      {
        tag: 'main',
        digest: manifestOf(commitOf(5)).digest,
        why: `${commitOf(5).slice(0, 12)}, which came after this commit, has its image already.`,
      },
    ]);
    expect((await run(shelf, commitOf(6))).left).toEqual([]);
    expect(shelf.at('main')).toBe(manifestOf(commitOf(6)).digest);
  });

  test('a revert brings the old image back, whatever its tag was written for: commits count', async () => {
    const shelf = new Shelf();
    await run(shelf, commitOf(1), { content: 'good' });
    await run(shelf, commitOf(2), { content: 'bad' });
    await run(shelf, commitOf(3), { content: 'good' });
    expect(shelf.at('main')).toBe(manifestOf('good').digest);
    // The run of the bad commit, repeated: its tag is behind, though the image that is there was first made before it.
    expect((await run(shelf, commitOf(2), { content: 'bad' })).left).toHaveLength(1);
    expect(shelf.at('main')).toBe(manifestOf('good').digest);
  });

  test('the same image for a newer commit is no reason to leave the tag at another', async () => {
    const shelf = new Shelf();
    await run(shelf, commitOf(2), { content: 'two' });
    shelf.tags.set(commitTag(commitOf(4)), manifestOf('three'));
    await run(shelf, commitOf(3), { content: 'three' });
    expect(shelf.at('main')).toBe(manifestOf('three').digest);
  });

  test('newer commits without an image of this service are in nobody’s way, few or many', async () => {
    const shelf = new Shelf();
    await run(shelf, commitOf(2));
    await run(shelf, commitOf(3));
    expect(shelf.at('main')).toBe(manifestOf(commitOf(3)).digest);
    expect(shelf.asked.filter((it) => it.startsWith('manifest sha-')).length).toBeLessThan(8);
    await run(shelf, commitOf(36));
    await run(shelf, commitOf(35));
    expect(shelf.at('main')).toBe(manifestOf(commitOf(36)).digest);
  });

  test('of a branch that was pushed over, the commit that is on it now wins', async () => {
    const shelf = new Shelf();
    const rewritten: CommitOrder = {
      ...straight(commitOf(1)),
      successors: () => Promise.resolve({ commits: [commitOf(9)], rewritten: true }),
    };
    await run(shelf, commitOf(1), { order: rewritten });
    expect(shelf.at('main')).toBe(manifestOf(commitOf(1)).digest);
    await run(shelf, commitOf(9), { order: straight(commitOf(9)) });
    const late = await run(shelf, commitOf(2), { order: rewritten });
    expect(shelf.at('main')).toBe(manifestOf(commitOf(9)).digest);
    expect(late.left[0]?.why).toContain('has taken the place of this commit');
  });

  test('where the branch cannot be asked, the dates of commits decide', async () => {
    const shelf = new Shelf();
    const dates = new Map([
      [commitOf(1), 1_000],
      [commitOf(2), 2_000],
      [commitOf(3), 3_000],
    ]);
    const order: CommitOrder = {
      successors: () => Promise.resolve(undefined),
      dateOf: (commit) => Promise.resolve(dates.get(commit)),
    };
    await run(shelf, commitOf(1), { order });
    await run(shelf, commitOf(3), { order });
    const late = await run(shelf, commitOf(2), { order });
    expect(shelf.at('main')).toBe(manifestOf(commitOf(3)).digest);
    expect(late.left[0]?.why).toContain('is younger; the branch could not be asked');
  });

  test('a tag that is where it belongs costs one question', async () => {
    const shelf = new Shelf();
    await run(shelf, commitOf(1), { content: 'same' });
    shelf.asked.length = 0;
    const order: CommitOrder = { ...straight(commitOf(2)), successors: () => Promise.reject(new Error('asked')) };
    await run(shelf, commitOf(2), { content: 'same', order });
    expect(shelf.asked.filter((it) => it.includes('main'))).toEqual(['resolve main']);
  });
});

describe('moving tags of releases', () => {
  const release = (version: string, ...same: ReleaseLine['same']): TagPlan => ({
    tag: same.length === 0 ? 'latest' : version.split('.').slice(0, same.length).join('.'),
    kind: 'moving',
    release: { version, same },
  });
  const publishRelease = async (shelf: Shelf, number: number, version: string) => {
    const commit = commitOf(number);
    shelf.tags.set(version, manifestOf(commit));
    return run(shelf, commit, { moving: [release(version, 'major'), release(version)] });
  };

  test('follow the greatest version, however the runs end; and what came after on the default branch has `latest`', async () => {
    const shelf = new Shelf();
    await publishRelease(shelf, 4, '1.2.4');
    const late = await publishRelease(shelf, 3, '1.2.3');
    expect(late.left.map(({ tag, why }) => [tag, why])).toEqual([
      ['1', 'The greater version 1.2.4 is out.'],
      ['latest', 'The greater version 1.2.4 is out.'],
    ]);
    await publishRelease(shelf, 6, '2.0.0');
    expect(shelf.at('1')).toBe(manifestOf(commitOf(4)).digest);
    expect(shelf.at('latest')).toBe(manifestOf(commitOf(6)).digest);
    await run(shelf, commitOf(8), { moving: [{ tag: 'latest', kind: 'moving' }] });
    const next = await publishRelease(shelf, 7, '2.0.1');
    expect(shelf.at('2')).toBe(manifestOf(commitOf(7)).digest);
    expect(next.left.map(({ tag }) => tag)).toEqual(['latest']);
  });
});

describe('runs at the same time', () => {
  test('whatever the order of what they ask and write, the tag ends at the newest commit', async () => {
    const runs = fc.uniqueArray(
      fc.record({ commit: fc.integer({ min: 1, max: 9 }), content: fc.constantFrom('a', 'b', 'c') }),
      {
        minLength: 2,
        maxLength: 4,
        selector: ({ commit }) => commit,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), runs, async (scheduler, all) => {
        const shelf = new Shelf((answer) => scheduler.schedule(Promise.resolve()).then(answer));
        const done = Promise.all(all.map(({ commit, content }) => run(shelf, commitOf(commit), { content })));
        await scheduler.waitFor(done);
        const newest = all.reduce((a, b) => (a.commit > b.commit ? a : b));
        expect(shelf.at('main')).toBe(manifestOf(newest.content).digest);
      }),
      { numRuns: 400 },
    );
  });
});
