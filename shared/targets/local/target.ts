import { join, resolve } from 'node:path';
import type { Acquired, LocalTargetSettings, Observation, Owner, Target } from '../../model/index.ts';
import { defineTarget, type TargetDeps } from '../kind.ts';
import { readIntent, readState, readStream } from './files.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { LocalLease } from './lease.ts';
import { LeaseStore } from './lease-store.ts';
import { intentFile, type Site, stateFile, streamFile } from './site.ts';

/**
 * Runs images as processes of this machine, for demonstrations and tests. What its directory holds is written at the head
 * of files.ts. The image's user, volumes and limits are not looked at: it is no isolation of any kind.
 */
export const local = defineTarget('local', openLocal);

function openLocal(settings: LocalTargetSettings, deps: TargetDeps): Target {
  const directory = resolve(settings.directory);
  const machine = { platform: process.platform, arch: process.arch };
  const site: Site = {
    directory,
    settings,
    deps,
    images: new Images(join(directory, 'images'), { registry: deps.registry, random: deps.random, machine }),
    instances: new Instances(join(directory, 'processes'), deps.clock),
    leases: new LeaseStore(directory, deps.clock, deps.random),
  };
  return {
    kind: 'local',
    observe: () => observe(site),
    acquire: (owner, { force }) => acquire(site, owner, force),
  };
}

async function observe(site: Site): Promise<Observation> {
  const state = await readState(stateFile(site));
  const live = state?.live ?? undefined;
  return {
    live: live && { image: live.image, event: live.event, sequence: state?.sequence ?? 0 },
    url: live?.url,
    intent: await readIntent(intentFile(site)),
    lease: await site.leases.look(),
    stream: await readStream(streamFile(site)),
    warm: await site.images.list(),
  };
}

async function acquire(site: Site, owner: Owner, force: boolean): Promise<Acquired> {
  const taken = await site.leases.acquire(owner, force);
  return taken.kind === 'busy' ? taken : { kind: 'held', lease: new LocalLease(site, taken.sequence) };
}
