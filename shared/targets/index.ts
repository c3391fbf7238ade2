/**
 * What runs images. One file or folder for each kind of target, all behind the interface of the model: reading needs
 * nothing, writing needs the lease.
 */
import { type Target, type TargetSettings, userError } from '../model/index.ts';
import type { TargetDeps, TargetMaker } from './kind.ts';
import { kubernetes } from './kubernetes/target.ts';
import { local } from './local/target.ts';

/** The kinds that can be used. A new one is a file beside these that exports what `defineTarget` gives, and its line here. */
const KINDS: readonly TargetMaker[] = [local, kubernetes];

/** Makes the target that settings speak of; paths in them are absolute, or from the working directory. Throws `not-yet`. */
export function createTarget(settings: TargetSettings, deps: TargetDeps): Target {
  const target = KINDS.find(({ kind }) => kind === settings.kind)?.make(settings, deps);
  if (target !== undefined) return target;
  throw userError('not-yet', `Targets of kind ${settings.kind} cannot be used by this version.`);
}
