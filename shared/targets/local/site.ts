import { join } from 'node:path';
import type { Clock, LocalTargetSettings, Random, Registry } from '../../model/index.ts';
import type { Images } from './images.ts';
import type { Instances } from './instances.ts';
import type { LeaseStore } from './lease-store.ts';

export interface LocalDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** The action's environment; the few variables that processes get are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Everything that a lease of this target works with. */
export interface Site {
  readonly directory: string;
  readonly settings: LocalTargetSettings;
  readonly deps: LocalDeps;
  readonly images: Images;
  readonly instances: Instances;
  readonly leases: LeaseStore;
}

/** How many releases stay unpacked: the live one and two to go back to. */
export const IMAGES_KEPT = 3;

export const stateFile = (site: Site): string => join(site.directory, 'state.json');
export const intentFile = (site: Site): string => join(site.directory, 'intent.json');
