import { systemClock } from '../../../../shared/io/clock.ts';
import {
  type DeployEvent,
  type JournalEntry,
  type Outcome,
  openRedactor,
  type SinkSettings,
} from '../../../../shared/model/index.ts';
import { createSinks, project, type SinkDeps } from '../../../../shared/record/index.ts';
import { type FakeVendor, startVendor, type Vendor } from '../../../support/vendors/index.ts';
import { at, entryOf, eventOf, releaseOf, runOf } from '../samples.ts';

/** Sinks wait a fiftieth of what they would. */
const HASTE = 50;

export interface Desk {
  readonly fake: FakeVendor;
  /** A sink of its own for each call, as each job has one. */
  readonly send: (...events: readonly DeployEvent[]) => Promise<readonly unknown[]>;
}

const open: FakeVendor[] = [];

/** What stands in for a vendor, and a sink that sends to it. */
export async function deskOf(vendor: Vendor, more: Partial<SinkSettings> = {}): Promise<Desk> {
  const fake = await startVendor(vendor);
  open.push(fake);
  const send = async (...events: readonly DeployEvent[]) => {
    const sinks = await createSinks([settingsOf(vendor, fake.url, more)], depsOf(vendor.env));
    const results: unknown[] = [];
    for (const event of events) results.push((await project(event, sinks)).results['sink']);
    return results;
  };
  return { fake, send };
}

export async function closeDesks(): Promise<void> {
  await Promise.all(open.splice(0).map((it) => it.close()));
}

export const settingsOf = (vendor: Vendor, url: string, more: Partial<SinkSettings> = {}): SinkSettings => ({
  kind: vendor.kind,
  name: 'sink',
  url,
  environments: undefined,
  required: false,
  timeoutMs: 100_000,
  fields: vendor.fields,
  ...more,
});

export function depsOf(env: Readonly<Record<string, string>>): SinkDeps {
  const { redact, learn } = openRedactor([]);
  return {
    fetch: globalThis.fetch,
    clock: { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / HASTE, signal) },
    random: () => 0.5,
    redact,
    learn,
    env: (name) => env[name],
    deployments: () => Promise.reject(new Error('not here')),
    streamOf: (event) => ({ environment: event.env.name, service: event.service, repository: undefined }),
  };
}

/** A deploy of the image B where A was live, by run 7. */
export function deployOf(entry: Partial<JournalEntry> = {}, facts: Parameters<typeof eventOf>[2] = {}) {
  const live = { ...releaseOf('A'), event: 'a'.repeat(32), since: at(0) };
  const it = entryOf('B', 10, { live, ...entry });
  const run = (attempt: number) => ({ ...facts, run: runOf('7', attempt) });
  return {
    start: (attempt = 1) => eventOf(undefined, it, run(attempt)),
    end: (outcome: Outcome = 'deployed', attempt = 1) =>
      eventOf(outcome, it, { ...run(attempt), phase: 'finish', finished: 100 }),
  };
}
