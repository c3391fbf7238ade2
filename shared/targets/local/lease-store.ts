import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lifeOf, ownIdentity, type ProcessIdentity } from '../../io/processes.ts';
import { type Clock, Fenced, type Owner, type Random } from '../../model/index.ts';
import { type LeaseFile, readLease, readState, writeLease } from './files.ts';
import { Mutex } from './mutex.ts';

/** A lease that was not renewed for so long counts as left, by the clock of this machine. */
const EXPIRES_MS = 60_000;
export const RENEW_EVERY_MS = 15_000;

type Taken =
  | { readonly kind: 'held'; readonly sequence: number }
  | { readonly kind: 'busy'; readonly holder: Owner; readonly since: string };

/**
 * Who may write in a directory: `lease.json`, changed only under the mutex, like everything that needs the lease. So between
 * the look at the lease and the write that follows nobody can take it over, and a write that should be fenced never happens.
 */
export class LeaseStore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(directory: string, clock: Clock, random: Random) {
    this.#directory = directory;
    this.#clock = clock;
    this.#random = random;
  }

  /** Who has the lease, if anybody, and whether that one still lives. */
  async look(): Promise<{ readonly owner: Owner; readonly alive: boolean } | undefined> {
    const lease = await readLease(this.#file);
    if (lease === undefined || lease.released) return undefined;
    return { owner: ownerOf(lease), alive: await this.#lives(lease) };
  }

  async acquire(owner: Owner, force: boolean): Promise<Taken> {
    await mkdir(this.#directory, { recursive: true });
    const self = await ownIdentity();
    return this.#mutex(self).run(async () => {
      const lease = await readLease(this.#file);
      const foreign = lease !== undefined && !lease.released && lease.owner.id !== owner.id;
      if (foreign && !force && (await this.#lives(lease))) {
        return { kind: 'busy', holder: ownerOf(lease), since: lease.since };
      }
      const written = await readState(join(this.#directory, 'state.json'));
      const sequence = Math.max(lease?.sequence ?? 0, written?.sequence ?? 0) + 1;
      await writeLease(this.#file, this.#fresh(owner, self, sequence));
      return { kind: 'held', sequence };
    });
  }

  /** Does something while the lease is surely held; throws {@link Fenced}, and does nothing, when another has it. */
  async fenced<T>(sequence: number, act: () => Promise<T>): Promise<T> {
    return this.#mutex(await ownIdentity()).run(async () => {
      await this.#held(sequence);
      return act();
    });
  }

  renew(sequence: number): Promise<void> {
    return this.fenced(sequence, async () => {
      const lease = await this.#held(sequence);
      await writeLease(this.#file, { ...lease, renewed: this.#clock.now() });
    });
  }

  async release(sequence: number): Promise<void> {
    await this.#mutex(await ownIdentity()).run(async () => {
      const lease = await readLease(this.#file);
      if (lease?.sequence === sequence) await writeLease(this.#file, { ...lease, released: true });
    });
  }

  async #held(sequence: number): Promise<LeaseFile> {
    const lease = await readLease(this.#file);
    if (lease === undefined || lease.sequence !== sequence || lease.released) {
      throw new Fenced(lease === undefined || lease.sequence === sequence ? undefined : ownerOf(lease));
    }
    return lease;
  }

  /** A dead process tells at once; one that lives may be stopped for good, which its renewals tell. */
  async #lives(lease: LeaseFile): Promise<boolean> {
    const fresh = Math.abs(this.#clock.now() - lease.renewed) <= EXPIRES_MS;
    return fresh && (await lifeOf(lease.process)) !== 'dead';
  }

  #fresh(owner: Owner, self: ProcessIdentity, sequence: number): LeaseFile {
    const now = this.#clock.now();
    const since = new Date(now).toISOString();
    return { v: 1, sequence, owner, process: self, since, renewed: now, released: false };
  }

  #mutex(self: ProcessIdentity): Mutex {
    return new Mutex(join(this.#directory, 'lock'), self, this.#clock, this.#random);
  }

  get #file(): string {
    return join(this.#directory, 'lease.json');
  }
}

const ownerOf = ({ owner }: LeaseFile): Owner => ({ id: owner.id, url: owner.url });
