import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment, planDeploy, runDeploy, type SettleDeps, settleVanished } from '../../shared/deploy/index.ts';
import { systemClock } from '../../shared/io/clock.ts';
import { verifierOf } from '../../shared/judge/index.ts';
import type { DeployMode, Journal, Relation, Settled, StreamState } from '../../shared/model/index.ts';
import { createTarget } from '../../shared/targets/index.ts';
import { ImageShelf } from './image-shelf.ts';
import { MemoryLedger, type Noted } from './memory-journal.ts';
import { silentLog } from './silent-log.ts';
import { imageFor } from './small-images.ts';

/** What a deploy of the tests is asked for: here, or in a program of its own, which can be killed. */
export interface Order {
  readonly directory: string;
  readonly run: string;
  /** The end is its number, by which commits are ordered. */
  readonly version: string;
  readonly mode?: DeployMode | 'sweep';
  readonly port?: number;
  /** Kills itself before this step; `spawn`: as soon as the process that it starts has written who it is. */
  readonly dieAt?: string;
}

interface Stored {
  readonly state?: StreamState;
  readonly events: readonly Noted[];
}

const ledgerFile = (directory: string) => join(directory, 'test-ledger.json');

export function readLedger(directory: string): Stored {
  const file = ledgerFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stored) : { events: [] };
}

/** The memory ledger, kept in a file, so that it outlives its process. */
function openJournal(directory: string, run: string): Journal {
  const ledger = new MemoryLedger();
  const stored = readLedger(directory);
  ledger.state = stored.state;
  ledger.events.push(...stored.events);
  const journal = ledger.open(run);
  const saving = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    // Another deployer may read at any moment: it sees the old text or the new.
    const part = `${ledgerFile(directory)}.${process.pid}`;
    writeFileSync(part, JSON.stringify({ state: ledger.state, events: ledger.events }));
    renameSync(part, ledgerFile(directory));
    return result;
  };
  return {
    get state() {
      return ledger.state;
    },
    eventId: journal.eventId,
    start: (entry) => saving(journal.start(entry)),
    finish: (entry, settled) => saving(journal.finish(entry, settled)),
    settleVanished: (vanished, settled) => saving(journal.settleVanished(vanished, settled)),
  };
}

export async function carryOut(order: Order): Promise<Settled | undefined> {
  const { directory, run } = order;
  const shelf = new ImageShelf();
  const image = await imageFor(shelf, order.version);
  // Every image that may be gone back to is in the registry as well.
  for (const version of ['v1', 'v2', 'v3', 'v4', 'v5']) await imageFor(shelf, version);
  const settings = { kind: 'local' as const, directory, port: order.port };
  const env = { PATH: process.env['PATH'] };
  const target = createTarget(settings, {
    registry: shelf.registry,
    clock: systemClock,
    random: Math.random,
    env,
    learn: () => {},
    root: undefined,
  });
  const http = [{ url: '{url}/healthz', status: 200, withinMs: 2_000 }];
  const deps: SettleDeps = {
    target,
    journal: openJournal(directory, run),
    verify: verifierOf({ http, metrics: undefined }, { fetch, clock: systemClock }),
    clock: systemClock,
    log: silentLog,
    redact: (text) => text,
    owner: { id: run, url: undefined },
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onProgress: (step) => {
      if (step === order.dieAt) process.kill(process.pid, 'SIGKILL');
    },
  };
  if (order.dieAt === 'spawn') dieAfterSpawn(directory);
  if (order.mode === 'sweep') return settleVanished(deps);
  const release = { image, commit: commitOf(order.version), version: order.version, by: 'dana', target: settings };
  const plan = async (journal: Journal) => {
    const live = (await target.observe()).live;
    return planDeploy({
      mode: order.mode === 'rollback' ? 'rollback' : 'deploy',
      service: 'checkout',
      environment: bareEnvironment('production'),
      release,
      record: journal.state ?? 'missing',
      shows: live === undefined ? { kind: 'nothing' } : { kind: 'digest', digest: live.image.digest },
      before: [],
      ancestry: journal.state?.live ? relation(journal.state.live.commit, release.commit) : undefined,
      now: systemClock.now(),
      overrides: [],
      settings: {
        strategy: { kind: 'rolling' },
        verify: { http, metrics: undefined },
        rollback: { automatic: true, hold: 'digest' },
        hooks: { before: [], after: [] },
      },
      to: undefined,
      scope: undefined,
      by: 'dana',
      because: undefined,
    });
  };
  const review = async () => {
    const journal = openJournal(directory, run);
    return { plan: await plan(journal), journal };
  };
  return runDeploy(await plan(deps.journal), { ...deps, lockWaitMs: 20_000, review });
}

function dieAfterSpawn(directory: string): void {
  const folder = join(directory, 'processes');
  const list = () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pid')) : []);
  const before = list();
  setInterval(() => {
    const fresh = list().filter((name) => !before.includes(name));
    if (fresh.some((name) => readFileSync(join(folder, name), 'utf8').endsWith('.\n')))
      process.kill(process.pid, 'SIGKILL');
  }, 1).unref();
}

const commitOf = (version: string): string => version.replace(/\D/g, '').padStart(40, '0');

function relation(live: string, commit: string): Relation {
  if (live === commit) return 'same';
  return commit > live ? 'ahead' : 'behind';
}

const [, , text] = process.argv;
if (text?.startsWith('{')) {
  const settled = await carryOut(JSON.parse(text) as Order);
  process.stdout.write(JSON.stringify(settled ?? null));
}
