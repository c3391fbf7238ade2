import { join } from 'node:path';
import type { LocalTargetSettings } from '../../model/index.ts';
import type { TargetDeps } from '../kind.ts';
import type { Images } from './images.ts';
import type { Instances } from './instances.ts';
import type { LeaseStore } from './lease-store.ts';

/** Everything that a lease of this target works with. */
export interface Site {
  readonly directory: string;
  readonly settings: LocalTargetSettings;
  readonly deps: TargetDeps;
  readonly images: Images;
  readonly instances: Instances;
  readonly leases: LeaseStore;
}

/** How many releases stay unpacked: the live one and two to go back to. */
export const IMAGES_KEPT = 3;

export const stateFile = (site: Site): string => join(site.directory, 'state.json');
export const streamFile = (site: Site): string => join(site.directory, 'stream.json');
export const intentFile = (site: Site): string => join(site.directory, 'intent.json');
