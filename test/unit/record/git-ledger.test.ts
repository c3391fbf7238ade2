import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../../shared/io/clock.ts';
import { openStreamStore } from '../../../shared/io/git/index.ts';
import {
  type JournalFacts,
  LEDGER_BRANCH,
  openJournal,
  publishFold,
  readStreams,
  streamRef,
  verify,
} from '../../../shared/record/index.ts';
import { entryOf, factsOf, fakeLog, imageOf, REPOSITORY, redact, runOf, settledOf } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-record-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = {
  PATH: process.env['PATH'],
  HOME: folder,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
const git = (remote: string, ...args: string[]): string =>
  execFileSync('git', [`--git-dir=${remote}`, ...args], { env: environment, encoding: 'utf8' }).trim();

function bare(name: string): string {
  const remote = join(folder, `${name}.git`);
  execFileSync('git', ['init', '--quiet', '--bare', remote], { env: environment });
  return remote;
}

// Every step starts git several times over; a busy machine takes its time for that.
jest.setTimeout(60_000);

/** What one job has: a store of its own on the same remote. */
const clock = { now: systemClock.now, sleep: (ms: number) => systemClock.sleep(ms / 20) };
const jobOn = (remote: string) => ({
  store: openStreamStore(remote, { environment, scratch: folder, clock, random: Math.random }),
  clock,
  random: Math.random,
  redact,
  log: fakeLog(),
});

const open = (remote: string, run: string, more: Partial<JournalFacts> = {}) =>
  openJournal(jobOn(remote), factsOf(runOf(run), more));

async function deploy(remote: string, letter: string, run: string, seconds: number): Promise<void> {
  const journal = await open(remote, run);
  const entry = entryOf(letter, seconds, { live: journal.state?.live ?? undefined });
  await journal.start(entry);
  expect(await journal.finish(entry, settledOf('deployed', seconds + 5))).toBe(true);
}

const NAME = { environment: 'production', service: 'checkout', repository: undefined };
const REF = streamRef(NAME);

describe('a ledger in git', () => {
  test('two deploys and a rollback, each by a run of its own: a chain of commits that holds nothing but events', async () => {
    const remote = bare('chain');
    await deploy(remote, 'A', '1', 10);
    await deploy(remote, 'B', '2', 20);
    const back = await open(remote, '3');
    const entry = entryOf('A', 30, { kind: 'rollback', live: back.state?.live ?? undefined });
    await back.start(entry);
    await back.finish(entry, settledOf('rolled-back', 35));
    const view = await readStreams(jobOn(remote).store, [NAME], REPOSITORY);
    expect(view.reading(NAME, [])).toMatchObject({
      kind: 'believed',
      state: { seq: 6, live: { image: imageOf('A') }, held: [{ digest: imageOf('B').digest }] },
    });
    expect(git(remote, 'rev-list', '--count', REF)).toBe('6');
    expect(git(remote, 'ls-tree', '-r', '--name-only', REF).split('\n')).toEqual(['event.json', 'state.json']);
    expect(git(remote, 'log', '-1', '--format=%s', REF)).toBe('rollback checkout to production: 1.0.0-A rolled-back');
    expect(git(remote, 'for-each-ref', '--format=%(refname)')).toBe(REF);
    expect(verify(await jobOn(remote).store.histories(['refs/slipway/v1/']), REPOSITORY)).toEqual([]);
  });

  test('many writers on one stream: every event is there once', async () => {
    const remote = bare('writers');
    const runs = ['1', '2', '3'];
    const journals = await Promise.all(runs.map((run) => open(remote, run)));
    const done = await Promise.all(
      journals.map((it, place) => it.finish(entryOf('A', place, { kind: 'flag' }), settledOf('deployed', place))),
    );
    expect(done).toEqual(runs.map(() => true));
    expect(git(remote, 'rev-list', '--count', REF)).toBe('3');
    expect(verify(await jobOn(remote).store.histories([REF]), REPOSITORY)).toEqual([]);
  });

  test('the fold is a branch of folders and files; a stream that is rewritten afterwards shows', async () => {
    const remote = bare('fold');
    await deploy(remote, 'A', '1', 10);
    const old = git(remote, 'rev-parse', REF);
    await deploy(remote, 'B', '2', 20);
    const first = await publishFold(jobOn(remote), REPOSITORY);
    expect(first).toMatchObject({ added: 4, findings: [] });
    expect(git(remote, 'ls-tree', '-r', '--name-only', LEDGER_BRANCH).split('\n')).toEqual([
      'events/production/2026-01.jsonl',
      'heads.json',
      'root',
      'state.json',
    ]);
    await publishFold(jobOn(remote), REPOSITORY);
    expect(git(remote, 'rev-list', '--count', LEDGER_BRANCH)).toBe('1');
    git(remote, 'update-ref', REF, old);
    const next = await publishFold(jobOn(remote), REPOSITORY);
    expect(next.findings).toMatchObject([{ stream: REF, what: expect.stringContaining('was rewritten') }]);
    expect(next.files['events/production/2026-01.jsonl']).toBe(first.files['events/production/2026-01.jsonl']);
  });

  test('a ledger that is not there: no start, and the reason is said', async () => {
    await expect(open(join(folder, 'nowhere.git'), '1')).rejects.toMatchObject({ code: 'ledger-unavailable' });
    const journal = await open(join(folder, 'nowhere.git'), '1', { whenUnreadable: 'continue' });
    await expect(journal.start(entryOf('A', 1, { kind: 'rollback' }))).rejects.toMatchObject({
      code: 'ledger-unavailable',
    });
  });
});
