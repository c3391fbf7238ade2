import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lifeOf, type ProcessIdentity, readIdentity, spawnDetached, stop } from '../../io/processes.ts';
import type { Clock } from '../../model/index.ts';
import type { Command } from './command.ts';
import { logTail } from './log-tail.ts';

/** From SIGTERM to SIGKILL: time to answer what is being asked, as container runtimes give. */
const GRACE_MS = 10_000;
/** Logs of processes that are gone are kept for so many of them. */
const LOGS_KEPT = 10;

type Fence = <T>(act: () => Promise<T>) => Promise<T>;

/** The processes of a target: each is known by an id, and found by the file it wrote about itself. */
export class Instances {
  readonly #folder: string;
  readonly #clock: Clock;
  /** How those ended that this process started. */
  readonly #ends = new Map<string, number | string>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Starts a program; its identity is on the disk before it begins. Throws `start-failed`. */
  async start(id: string, it: Command): Promise<ProcessIdentity> {
    await mkdir(this.#folder, { recursive: true });
    this.#ends.delete(id);
    const files = { logFile: this.#file(id, 'log'), identityFile: this.#file(id, 'pid') };
    const { identity, ended } = await spawnDetached({ ...it, ...files });
    void ended.then((how) => this.#ends.set(id, how));
    return identity;
  }

  async isAlive(id: string): Promise<boolean> {
    const identity = await readIdentity(this.#file(id, 'pid'));
    return identity !== undefined && (await lifeOf(identity)) === 'alive';
  }

  /** Exit code or signal, where this process saw the end. */
  endOf(id: string): number | string | undefined {
    return this.#ends.get(id);
  }

  log(id: string): Promise<readonly string[]> {
    return logTail(this.#file(id, 'log'));
  }

  /** Stops every process but these, those of runs that were killed included. */
  async keepOnly(ids: readonly string[], fence: Fence): Promise<void> {
    const others = (await this.#ids('pid')).filter((id) => !ids.includes(id));
    await Promise.all(others.map((id) => this.#stop(id, fence)));
    await this.#clearLogs(ids, fence);
  }

  async #stop(id: string, fence: Fence): Promise<void> {
    const identity = await readIdentity(this.#file(id, 'pid'));
    if (identity !== undefined) await stop(identity, { clock: this.#clock, graceMs: GRACE_MS, guard: fence });
    await fence(() => rm(this.#file(id, 'pid'), { force: true }));
  }

  async #clearLogs(ids: readonly string[], fence: Fence): Promise<void> {
    const logs = (await this.#ids('log')).filter((id) => !ids.includes(id));
    // Ids begin with the number of the lease, padded, so that the newest come last.
    const old = logs.sort().slice(0, -LOGS_KEPT);
    if (old.length === 0) return;
    await fence(async () => {
      for (const id of old) await rm(this.#file(id, 'log'), { force: true });
    });
  }

  async #ids(ending: string): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true });
    const names = await readdir(this.#folder);
    return names.filter((name) => name.endsWith(`.${ending}`)).map((name) => name.slice(0, -ending.length - 1));
  }

  #file(id: string, ending: string): string {
    return join(this.#folder, `${id}.${ending}`);
  }
}

/** For people, after `ended`: how a process ended, as far as that is known. */
export function saidEnd(how: number | string | undefined): string {
  if (how === undefined) return '';
  return typeof how === 'number' ? ` with exit code ${how}` : ` with ${how}`;
}
