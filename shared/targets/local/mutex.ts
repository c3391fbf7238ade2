import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../io/disk.ts';
import { lifeOf, type ProcessIdentity } from '../../io/processes.ts';
import { type Clock, type Random, userError } from '../../model/index.ts';
import { parseIdentity } from './files.ts';

/** Nothing that is done under it takes long; whoever waits longer has met a process that is stopped. */
const WAIT_MS = 30_000;
const POLL_MS = 5;
const FREE = '.free';

/**
 * One at a time among the processes of a machine, by files alone, and free again at once when its holder is killed.
 *
 * A claim is a file with the next number, made by link(2), which fails when the number is taken: so one of several wins.
 * It says which process it is of. It is given back by renaming it to `<number>.free`, and the next number may be claimed
 * once the highest is free or its process is dead. The highest number is never deleted and numbers never go down, so
 * whoever claimed a number that another had, and gave back or cleared away since, sees so and withdraws.
 */
export class Mutex {
  readonly #folder: string;
  readonly #self: ProcessIdentity;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(folder: string, self: ProcessIdentity, clock: Clock, random: Random) {
    this.#folder = folder;
    this.#self = self;
    this.#clock = clock;
    this.#random = random;
  }

  /** Does something while no one else does. Throws `locked` when it is not free in time. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    const number = await this.#claim();
    try {
      return await act();
    } finally {
      await rename(this.#file(number), this.#file(number) + FREE);
    }
  }

  async #claim(): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    const started = this.#clock.now();
    for (let waited = 0; waited <= WAIT_MS; waited = this.#clock.now() - started) {
      const number = await this.#next();
      if (number !== undefined && (await this.#take(number))) return number;
      if (number === undefined) await this.#clock.sleep(POLL_MS + Math.floor(this.#random() * POLL_MS));
    }
    throw userError('locked', `${this.#folder} is held by a process that does not go on.`, {
      remedy: 'Look for a stopped process of an earlier deploy on this machine, and end it.',
    });
  }

  /** The number to claim; undefined while the highest is held by a living process. */
  async #next(): Promise<number | undefined> {
    const names = await readdir(this.#folder);
    const top = highest(names);
    if (top === 0 || names.includes(`${top}${FREE}`)) return top + 1;
    const text = await readFile(this.#file(top), 'utf8').catch((error: unknown) => {
      // Given back in between.
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    return (await lifeOf(parseIdentity(this.#file(top), text))) === 'dead' ? top + 1 : undefined;
  }

  async #take(number: number): Promise<boolean> {
    const temporary = join(this.#folder, `.${this.#self.pid}-${this.#random().toString(36).slice(2)}`);
    await writeFile(temporary, JSON.stringify(this.#self), { mode: 0o600 });
    try {
      await link(temporary, this.#file(number));
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    return this.#isNewest(number);
  }

  /** Whether no one had this number before, or has a higher one; else the claim is withdrawn. */
  async #isNewest(number: number): Promise<boolean> {
    const names = await readdir(this.#folder);
    // Given back by another between the look at the names and the link, the number could be had a second time.
    if (highest(names) > number || names.includes(`${number}${FREE}`)) {
      await rm(this.#file(number), { force: true });
      return false;
    }
    const older = names.filter((name) => numberOf(name) > 0 && numberOf(name) < number);
    for (const name of older) await rm(join(this.#folder, name), { force: true });
    return true;
  }

  #file(number: number): string {
    return join(this.#folder, String(number));
  }
}

const highest = (names: readonly string[]): number => Math.max(0, ...names.map(numberOf));

/** 0 for what is no claim. */
const numberOf = (name: string): number => Number(/^(\d+)(?:\.free)?$/.exec(name)?.[1] ?? 0);
