/**
 * What runs images. One folder for each kind of target, all behind the interface of the model: reading needs nothing,
 * writing needs the lease.
 */
import { type Target, type TargetSettings, userError } from '../model/index.ts';
import type { LocalDeps } from './local/site.ts';
import { localTarget } from './local/target.ts';

/** What any of the targets needs of the world. */
type TargetDeps = LocalDeps;

/** Makes the target that settings speak of; paths in them are absolute, or from the working directory. Throws `not-yet`. */
export function createTarget(settings: TargetSettings, deps: TargetDeps): Target {
  switch (settings.kind) {
    case 'local':
      return localTarget(settings, deps);
    case 'kubernetes':
    case 'gitops':
    case 'command':
    case 'foreign':
      throw userError('not-yet', `Targets of kind ${settings.kind} cannot be used by this version.`);
  }
}
