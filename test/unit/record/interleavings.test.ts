import { describe, expect, test } from '@jest/globals';
import { type DeployEvent, type InDoubt, type Outcome, UserError } from '../../../shared/model/index.ts';
import { eventsOf, openJournal, type RecordingJournal, verify } from '../../../shared/record/index.ts';
import { type AppendFault, memoryStore } from '../../support/memory-store.ts';
import { entryOf, factsOf, fakeClock, fakeLog, REPOSITORY, runOf, settledOf } from './samples.ts';

const RUNS = 1_000;
const STEPS = 14;

/** mulberry32: small, seeded, good enough to shuffle steps. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One job: its journal, and what it believes to have done. */
interface Job {
  readonly run: string;
  readonly attempt: number;
  readonly journal: RecordingJournal;
  readonly letter: string;
  readonly startedAt: number;
  started: boolean;
  finished: boolean;
}

/** What a caller was told: these must be there exactly once. */
interface Told {
  readonly id: string;
  readonly attempt: number;
  readonly phase: 'start' | 'end';
}

async function play(seed: number) {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => {
    const it = list[Math.floor(random() * list.length)];
    if (it === undefined) throw new Error('nothing to pick from');
    return it;
  };
  const store = memoryStore();
  const deps = { store, clock: fakeClock(), random, redact: (text: string) => text, log: fakeLog() };
  const jobs: Job[] = [];
  const told: Told[] = [];
  let seconds = 0;

  const begin = async (run: string, attempt: number) => {
    const journal = await openJournal(deps, factsOf(runOf(run, attempt)));
    seconds += 1;
    jobs.push({
      run,
      attempt,
      journal,
      letter: pick(['A', 'B', 'C']),
      startedAt: seconds,
      started: false,
      finished: false,
    });
  };
  const entry = (job: Job) => entryOf(job.letter, job.startedAt, { live: job.journal.state?.live ?? undefined });
  const start = async (job: Job) => {
    await job.journal.start(entry(job));
    job.started = true;
    told.push({ id: job.journal.eventId('deploy', entry(job).release.image), attempt: job.attempt, phase: 'start' });
  };
  const finish = async (job: Job) => {
    seconds += 1;
    const id = job.journal.eventId('deploy', entry(job).release.image);
    const outcome = pick<Outcome>(['deployed', 'failed', 'rolled-back-after-failure', 'rollback-failed', 'cancelled']);
    job.finished = await job.journal.finish(entry(job), settledOf(outcome, seconds));
    if (job.finished) told.push({ id, attempt: job.attempt, phase: 'end' });
  };
  const takeOver = async (job: Job) => {
    const doubt: InDoubt | null = job.journal.state?.in_doubt ?? null;
    seconds += 1;
    if (doubt !== null)
      await job.journal.settleVanished(doubt, settledOf(pick<Outcome>(['deployed', 'failed']), seconds));
  };
  // A job that is killed is one that is never asked again; its re-run has the next attempt.
  const rerun = (killed: Job) => {
    jobs.splice(jobs.indexOf(killed), 1);
    return begin(killed.run, killed.attempt + 1);
  };
  const step = (): Promise<unknown> => {
    if (random() < 0.25) store.appendFaults.push(pick<AppendFault>(['moved', 'refused', 'lost-answer']));
    const ready = jobs.filter((job) => !job.started && !job.finished);
    const running = jobs.filter((job) => job.started && !job.finished);
    const unfinished = [...ready, ...running];
    const dice = random();
    if (unfinished.length === 0 || dice < 0.2) return begin(String(jobs.length), 1);
    if (dice < 0.45 && ready.length > 0) return start(pick(ready));
    if (dice < 0.7 && running.length > 0) return finish(pick(running));
    if (dice < 0.8) return takeOver(pick(jobs));
    if (dice < 0.9) return Promise.allSettled([finish(pick(unfinished)), takeOver(pick(jobs))]).then(rethrow);
    return rerun(pick(jobs));
  };
  for (let count = 0; count < STEPS; count += 1) {
    try {
      await step();
    } catch (error) {
      // Locked, or more faults than are borne: that is an answer as well. Anything else is a bug.
      if (!(error instanceof UserError)) throw error;
    }
  }
  const histories = await store.histories(['refs/slipway/v1/']);
  return {
    told,
    events: eventsOf(histories).map((it) => it.event),
    findings: verify(histories, REPOSITORY),
    // A stream that Slipway wrote is believed by every run that opens it.
    doubted: deps.log.problems.filter((it) => it.code === 'ledger-unbelievable'),
  };
}

function rethrow(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const it of results) if (it.status === 'rejected') throw it.reason;
}

const countOf = (events: readonly DeployEvent[], it: Told): number =>
  events.filter(
    (event) =>
      event.id === it.id && event.run.attempt === it.attempt && (event.phase === 'start') === (it.phase === 'start'),
  ).length;

describe('any order of start, finish, kill, re-run and take-over, with faults of the remote', () => {
  test('every event that someone was promised is there once, nothing is there twice, states are what a replay gives', async () => {
    const reached = { told: 0, ends: 0, reruns: 0, takenOver: 0 };
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const { told, events, findings, doubted } = await play(seed);
      const wrong = told.filter((it) => it.phase === 'start' && countOf(events, it) !== 1);
      const missing = told.filter((it) => it.phase === 'end' && countOf(events, it) < 1);
      const double = events.filter(
        (event) =>
          event.phase !== 'start' && countOf(events, { id: event.id, attempt: event.run.attempt, phase: 'end' }) > 1,
      );
      expect({ seed, findings, doubted, wrong, missing, double }).toEqual({
        seed,
        findings: [],
        doubted: [],
        wrong: [],
        missing: [],
        double: [],
      });
      reached.told += told.length;
      reached.ends += told.filter((it) => it.phase === 'end').length;
      reached.reruns += events.filter((event) => event.run.attempt > 1).length;
      reached.takenOver += events.filter((event) => event.annotations['settled_by'] !== undefined).length;
    }
    // The days that are meant do come: otherwise the law above would say little.
    expect(Math.min(...Object.values(reached))).toBeGreaterThan(RUNS / 10);
  }, 60_000);
});
