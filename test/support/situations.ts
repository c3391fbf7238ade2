import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type Changes, checkoutOf, folders, Remote } from './history.ts';
import { contentOf, type JobSettings, type Ran, type World } from './runner.ts';

/*
 * Situations that a run of a workflow finds itself in: each makes a history, and says which event the run is about, which
 * services are then selected, by which rung of the ladder, and against which commit.
 */

export const ZEROS = '0'.repeat(40);
export const NEVER = 'd'.repeat(40);
export const SHALLOW = ['--depth=1'];
export const ALL = ['a', 'b', 'c'];

export const service = { image: { builder: 'none' } };
export const config = (more: object = {}) => JSON.stringify({ version: 1, services: ['services/*'], ...more });
export const serviceFiles = (names: readonly string[]) =>
  Object.fromEntries(
    names.flatMap((it) => [
      [`services/${it}/slipway.service.yml`, JSON.stringify(service)],
      [`services/${it}/main`, it],
    ]),
  );
export const house = (names: readonly string[] = ALL) => ({ 'slipway.yml': config(), ...serviceFiles(names) });

/** What a run is about, and what must come of it. */
export interface Situation {
  readonly event: { readonly name: string; readonly payload: object };
  /** GITHUB_SHA. */
  readonly at: string;
  readonly ref?: string;
  /** What is checked out; default: `at`. */
  readonly checkedOut?: string;
  readonly depth?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly services: readonly string[];
  readonly rung: string;
  /** `null`: none is known. */
  readonly base: string | null;
  readonly removed?: readonly string[];
  /** Codes of the annotations. */
  readonly told?: readonly string[];
}

export type Make = (remote: Remote) => Situation;

export const reasonsOf = (ran: Ran) => JSON.parse(readFileSync(ran.outputs['reasons-file'] ?? '', 'utf8'));

/** What is not as usual about where a situation is met. */
export interface Surroundings {
  /** Settings of the remote. */
  readonly remote?: Readonly<Record<string, string>>;
  /** What ids of objects are made with; default: SHA-1. */
  readonly format?: 'sha1' | 'sha256';
  /** Options of the fetch that made the checkout, instead of those of the situation. */
  readonly depth?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Changes the checkout before the step starts, and may say that the workspace is another folder. */
  readonly prepare?: (checkout: string) => { readonly workspace: string; readonly folder: string } | undefined;
}

/** Meets situations in one world: each with a remote and a checkout of its own. */
export class Situations {
  readonly #world: World;
  readonly #folder: (name: string) => string;

  constructor(world: World) {
    this.#world = world;
    this.#folder = folders(world.root);
  }

  /** Runs the step as in this situation, and expects what it says; the checkout must stay as it is, byte for byte. */
  async meet(make: Make, { remote: settings, format, depth, inputs, env, prepare }: Surroundings = {}): Promise<Ran> {
    const remote = new Remote(this.#folder('remote'), settings, format);
    const it = make(remote);
    const checkout = checkoutOf(remote, this.#folder('work'), it.checkedOut ?? it.at, depth ?? it.depth);
    const place = prepare?.(checkout);
    const workspace = place?.workspace ?? checkout;
    const within = place === undefined ? {} : { 'working-directory': place.folder };
    const before = contentOf(join(checkout, '.git'));
    const { event, at, ref = 'refs/heads/main' } = it;
    const job: JobSettings = { event, at, ref, workspace, ...(env === undefined ? {} : { env }) };
    const ran = await this.#world.detect({ ...it.inputs, ...within, ...inputs }, job);
    expectAnswer(ran, it);
    expect(contentOf(join(checkout, '.git'))).toEqual(before);
    return ran;
  }
}

function expectAnswer(ran: Ran, it: Situation): void {
  expect({
    conclusion: ran.conclusion,
    services: ran.outputs['services'],
    removed: ran.outputs['removed'],
    told: ran.annotations.map(({ message }) => message.split(' ')[0]),
  }).toEqual({
    conclusion: 'success',
    services: JSON.stringify(it.services),
    removed: JSON.stringify(it.removed ?? []),
    told: it.told ?? [],
  });
  const bases = reasonsOf(ran).services.flatMap(({ bases }: { bases: readonly object[] }) => bases);
  expect(bases.length).toBeGreaterThan(0);
  for (const base of bases) expect(base).toMatchObject({ rung: it.rung, commit: it.base });
  expect(ran.outputs['base']).toBe(it.base ?? '');
}

/** A push of `at` to a branch whose tip was `before`. */
export const pushed = (before: string, at: string, more: object = {}) => ({
  event: { name: 'push', payload: { before, after: at, forced: false, ...more } },
  at,
});

/** Sixty commits, the first and the last of which change something. */
export const sixty: (remote: Remote, branch?: string) => { base: string; at: string } = (remote, branch = 'main') => {
  const base = remote.commit(house());
  const between = Array.from({ length: 58 }, () => ({}));
  const at = remote.commits([{ 'services/a/x': '1' }, ...between, { 'services/b/x': '1' }], {
    branch,
    parents: [base],
  });
  return { base, at };
};

/** A force push: what was there before changed service a, what is there now changed service b. */
export const forced =
  (depth: readonly string[], what: 'is still there' | 'is gone' | 'has nothing in common'): Make =>
  (remote) => {
    const first = remote.commit(house());
    const parents = what === 'has nothing in common' ? [] : [first];
    const old = remote.commit({ ...house(), 'services/a/x': '1' }, { parents });
    const at = remote.commit({ 'services/b/x': '1' }, { parents: [first] });
    const situation = { ...pushed(old, at, { forced: true }), depth };
    if (what !== 'is gone') return { ...situation, services: ['a', 'b'], rung: 'before', base: old };
    remote.forget();
    return { ...situation, services: ALL, rung: 'unknown', base: null, told: ['base-unknown'] };
  };

/** The first push of a branch that two commits ago left a main that has gone on since. */
export const firstOfBranch =
  (depth: readonly string[]): Make =>
  (remote) => {
    const base = remote.commit(house());
    const at = remote.commits([{ 'services/a/x': '1' }, { 'services/b/x': '1' }], { branch: 'topic', parents: [base] });
    remote.commit({ 'services/c/others': '1' });
    const commits = [{}, {}];
    return {
      ...pushed(ZEROS, at, { commits }),
      ref: 'refs/heads/topic',
      depth,
      services: ['a', 'b'],
      rung: 'merge-base',
      base,
    };
  };

export interface Pull {
  readonly base: string;
  readonly head: string;
  /** Where main stands by now. */
  readonly main: string;
  /** The merge that the server made. */
  readonly merge: string;
}

/** A pull request that changes service a, from a main that changes service b since. */
export function pull(remote: Remote, change: Changes = { 'services/a/x': '1' }): Pull {
  const base = remote.commit(house());
  const head = remote.commit(change, { branch: 'topic', parents: [base] });
  const main = remote.commit({ 'services/b/others': '1' }, { parents: [base] });
  const merge = remote.commit(change, { branch: 'merge', parents: [main, head] });
  remote.point('refs/pull/7/merge', merge);
  remote.point('refs/pull/7/head', head);
  remote.point('merge', undefined);
  return { base, head, main, merge };
}

export const pullEvent = ({ base, head }: Pull, more: { name?: string; from?: string; payload?: object } = {}) => ({
  event: {
    name: more.name ?? 'pull_request',
    payload: {
      number: 7,
      pull_request: {
        number: 7,
        base: { ref: 'main', sha: base, repo: { full_name: 'acme/shop' } },
        head: { ref: 'topic', sha: head, repo: { full_name: more.from ?? 'acme/shop' } },
      },
      ...more.payload,
    },
  },
});

export const merged =
  (depth: readonly string[], more: Parameters<typeof pullEvent>[1] = {}): Make =>
  (remote) => {
    const it = pull(remote);
    const ref = 'refs/pull/7/merge';
    return { ...pullEvent(it, more), at: it.merge, ref, depth, services: ['a'], rung: 'first-parent', base: it.main };
  };

/** With `ref: ${{ github.event.pull_request.head.sha }}`. */
export const ofHead =
  (depth: readonly string[]): Make =>
  (remote) => {
    const it = pull(remote);
    const at = { at: it.merge, ref: 'refs/pull/7/merge', checkedOut: it.head, depth };
    return { ...pullEvent(it), ...at, services: ['a'], rung: 'merge-base', base: it.base };
  };

/** `pull_request_target`: the run's commit, and what is checked out, is the tip of the target branch. */
export const onTarget =
  (change: Parameters<typeof pull>[1], services: readonly string[], more: Partial<Situation> = {}): Make =>
  (remote) => {
    const it = pull(remote, change);
    const event = pullEvent(it, { name: 'pull_request_target', from: 'fork/shop' });
    return { ...event, at: it.main, depth: SHALLOW, services, rung: 'merge-base', base: it.base, ...more };
  };

/** Two entries of a merge queue, of which the second is the head of the group. */
export const group =
  (depth: readonly string[], isMerged: false | 'merged' | 'merged, and main has gone on' = false): Make =>
  (remote) => {
    const base = remote.commit(house());
    const entry = remote.commit({ 'services/a/x': '1' }, { branch: 'gh-readonly-queue/main/1', parents: [base] });
    const at = remote.commit({ 'services/b/x': '1' }, { branch: 'gh-readonly-queue/main/2', parents: [entry] });
    if (isMerged) remote.point('main', at);
    if (isMerged === 'merged, and main has gone on') remote.commit({ 'services/c/x': '1' });
    const payload = { merge_group: { base_ref: 'refs/heads/main', base_sha: entry, head_sha: at } };
    const event = { event: { name: 'merge_group', payload }, at, ref: 'refs/heads/gh-readonly-queue/main/2', depth };
    const expected = isMerged ? { services: ['b'], base: entry } : { services: ['a', 'b'], base };
    return { ...event, rung: 'target-branch', ...expected };
  };

/** Tags of the repository and of a service, each on a commit of its own. */
export const tagged =
  (
    tag: string,
    depth: readonly string[],
    expected: (commits: readonly string[]) => Pick<Situation, 'services' | 'rung' | 'base'>,
    id: 'commit' | 'tag' = 'commit',
  ): Make =>
  (remote) => {
    const one = remote.commit(house());
    const two = remote.commit({ 'services/a/x': '1' });
    const three = remote.commit({ 'services/b/x': '1' });
    const four = remote.commit({ 'services/c/x': '1' });
    remote.point('refs/tags/v1.0.0', one);
    remote.point('refs/tags/a/v7.0.0', two);
    remote.git('tag', '-a', '-m', 'one', 'v1.1.0', three);
    remote.git('tag', '-a', '-m', 'two', 'v1.2.0', four);
    // A word after a digit is no version.
    remote.point('refs/tags/v1-broken-experiment', three);
    for (const it of ['a/v7.1.0', 'nightly', 'other-1.0.0']) remote.point(`refs/tags/${it}`, four);
    const at = id === 'tag' ? remote.git('rev-parse', 'refs/tags/v1.2.0') : four;
    const event = { name: 'push', payload: { before: ZEROS, after: at } };
    return { event, at, ref: `refs/tags/${tag}`, checkedOut: four, depth, ...expected([one, two, three, four]) };
  };
