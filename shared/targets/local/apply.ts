import { type Release, short, userError } from '../../model/index.ts';
import { commandOf } from './command.ts';
import type { Instance, State } from './files.ts';
import type { LocalLease } from './lease.ts';
import { accepting, freePort, urlOf } from './ports.ts';
import type { Site } from './site.ts';

/** How long a port may stay taken after its process has ended. */
const PORT_WAIT_MS = 5_000;
const PORT_POLL_MS = 50;
/** Digits of the lease's number in an id, so that ids sort by age. */
const SEQUENCE_DIGITS = 8;

/**
 * Makes a release what the target wants to run. With no fixed port its process is started first, beside the old one, and the
 * rename of state.json is the commit point. With one the rename comes first, then the old process makes room: so whoever
 * finds a half-done switch knows which way it was going.
 */
export async function applyRelease(site: Site, lease: LocalLease, release: Release): Promise<void> {
  const state = await lease.state();
  const port = portOf(site, release);
  const running = await runningAlready(site, state, release, port);
  if (running !== undefined) {
    await lease.write((now) => ({ ...now, live: { ...running, ...told(release) } }));
    if (port !== undefined) await makeRoom(site, lease, running);
  } else if (port === undefined) await startBeside(site, lease, release);
  else await replace(site, lease, release, port);
}

/** The port that the release was deployed with; settings of a target of another kind say nothing of it. */
function portOf({ settings }: Site, { target }: Release): number | undefined {
  return target.kind === 'local' ? target.port : settings.port;
}

/** A process of this digest that is still there: of the live release, or of the one that a revert goes back to. */
async function runningAlready(
  { instances }: Site,
  { live, settled }: State,
  release: Release,
  port: number | undefined,
): Promise<Instance | undefined> {
  for (const it of [live, settled]) {
    const fits = it?.image.digest === release.image.digest && (port === undefined || port === it.port);
    if (fits && (await instances.isAlive(it.id))) return it;
  }
  return undefined;
}

async function startBeside(site: Site, lease: LocalLease, release: Release): Promise<void> {
  const instance = instanceOf(site, lease, release, await freePort());
  const pid = await start(site, lease, release, instance);
  await lease.write((state) => ({ ...state, live: { ...instance, pid } }));
}

async function replace(site: Site, lease: LocalLease, release: Release, port: number): Promise<void> {
  const instance = instanceOf(site, lease, release, port);
  await lease.write((state) => ({ ...state, live: instance }));
  await makeRoom(site, lease, instance);
  await portIsFree(site, port);
  const pid = await start(site, lease, release, instance);
  await lease.write((state) => ({ ...state, live: { ...instance, pid } }));
}

/** Stops what has the port; a process that settled on another port runs on until this release has settled. */
async function makeRoom(site: Site, lease: LocalLease, { id, port }: Instance): Promise<void> {
  const { settled } = await lease.state();
  const beside = settled !== null && settled.port !== port ? [settled.id] : [];
  await site.instances.keepOnly([id, ...beside], (act) => lease.fence(act));
}

async function portIsFree({ deps: { clock } }: Site, port: number): Promise<void> {
  for (let waited = 0; waited <= PORT_WAIT_MS; waited += PORT_POLL_MS) {
    if ((await accepting(port)) === undefined) return;
    await clock.sleep(PORT_POLL_MS);
  }
  throw userError('start-failed', `Port ${port} is in use by a program that is not of this target.`, {
    remedy: 'End that program, or choose another `port`.',
  });
}

async function start(site: Site, lease: LocalLease, release: Release, instance: Instance): Promise<number> {
  const { images, instances, deps } = site;
  const unpacked = await images.find(release.image.digest);
  if (unpacked === undefined) {
    throw userError('image-not-found', `${short(release.image.digest)} is not unpacked in ${site.directory}.`);
  }
  const machine = { node: process.execPath, env: deps.env };
  const command = await commandOf(unpacked, machine, instance.port);
  return lease.fence(async () => (await instances.start(instance.id, command)).pid);
}

function instanceOf({ deps }: Site, lease: LocalLease, release: Release, port: number): Instance {
  const id = `${String(lease.sequence).padStart(SEQUENCE_DIGITS, '0')}-${short(release.image.digest)}`;
  const since = new Date(deps.clock.now()).toISOString();
  return { id, image: release.image, ...told(release), port, url: urlOf('127.0.0.1', port), pid: null, since };
}

const told = ({ commit, version, event }: Release) => ({ commit, version, event });
