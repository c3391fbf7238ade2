import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../shared/io/clock.ts';
import { lifeOf, readIdentity, stop } from '../../../../shared/io/processes.ts';
import type { Acquired, Clock, Lease, Release, Target } from '../../../../shared/model/index.ts';
import { createTarget } from '../../../../shared/targets/index.ts';
import { ImageShelf } from '../../../support/image-shelf.ts';
import { imageFor } from '../../../support/small-images.ts';

const never = new AbortController().signal;

/** A directory with a local target, and everything to take down what was started in it. */
export class Place {
  readonly shelf = new ImageShelf();
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'slipway-local-')));
  }

  target(options: { port?: number; clock?: Clock; env?: Record<string, string> } = {}): Target {
    const settings = { kind: 'local' as const, directory: this.directory, port: options.port };
    const env = options.env ?? { PATH: process.env['PATH'] ?? '', SECRET_TOKEN: 'hunter2' };
    const clock = options.clock ?? systemClock;
    return createTarget(settings, {
      registry: this.shelf.registry,
      clock,
      random: Math.random,
      env,
      learn: () => {},
      root: undefined,
    });
  }

  async release(version: string, port?: number): Promise<Release> {
    return {
      image: await imageFor(this.shelf, version),
      commit: 'c'.repeat(40),
      version,
      event: `event-of-${version}`,
      since: '2026-03-02T12:00:00.000Z',
      by: 'dana',
      target: { kind: 'local', directory: this.directory, port },
    };
  }

  async file(name: string): Promise<string> {
    return readFile(join(this.directory, name), 'utf8');
  }

  async images(): Promise<readonly string[]> {
    return readdir(join(this.directory, 'images'));
  }

  /** Ids of processes that live. */
  async running(): Promise<readonly number[]> {
    const alive: number[] = [];
    for (const identity of await this.identities()) {
      if ((await lifeOf(identity)) === 'alive') alive.push(identity.pid);
    }
    return alive.sort((a, b) => a - b);
  }

  async identities() {
    const folder = join(this.directory, 'processes');
    const names = await readdir(folder).catch(() => []);
    const read = names.filter((name) => name.endsWith('.pid')).map((name) => readIdentity(join(folder, name)));
    return (await Promise.all(read)).filter((it) => it !== undefined);
  }

  async clear(): Promise<void> {
    const options = { clock: systemClock, graceMs: 0, guard: (act: () => Promise<void>) => act() };
    await Promise.all((await this.identities()).map((identity) => stop(identity, options)));
    await rm(this.directory, { recursive: true, force: true });
  }
}

export const owner = (id: string) => ({ id, url: undefined });

export async function held(target: Target, id = 'run-1', force = false): Promise<Lease> {
  const acquired: Acquired = await target.acquire(owner(id), { force });
  if (acquired.kind === 'busy') throw new Error(`busy: ${acquired.holder.id}`);
  return acquired.lease;
}

/** Brings a release to where it runs and has settled. */
export async function settled(lease: Lease, release: Release): Promise<string | undefined> {
  await lease.prepare(release);
  await lease.apply(release, 'steady');
  const readiness = await lease.ready(never, () => {});
  if (readiness.kind === 'failed') throw new Error(readiness.sentence);
  await lease.settle();
  return readiness.url;
}

export interface Answer {
  readonly version: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

export async function ask(url: string | undefined): Promise<Answer> {
  const response = await fetch(url ?? '');
  return (await response.json()) as Answer;
}
