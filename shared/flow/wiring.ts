import type { World } from '../io/runner/index.ts';
import { verifierOf } from '../judge/index.ts';
import type { Registry, Target, TargetSettings, VerifySettings } from '../model/index.ts';
import { createTarget } from '../targets/index.ts';

/*
 * How flows that deploy put rooms together: what targets and the judge need of the world is taken from it here, once.
 * Registry and journal have files of their own, so that an action which needs only these does not load the rest.
 */

/** Where nothing is configured. Milliseconds. */
export const DEFAULT_TIMEOUT_MS = 600_000;
/** What is verified where no settings are known: that the target says it is ready. */
export const NO_CHECKS: VerifySettings = { http: [], metrics: undefined };

/** Opens targets; throws `not-yet` and `config-invalid` for those that cannot be. */
export type OpenTarget = (settings: TargetSettings) => Target;

export function targetsOf(registry: Registry, { clock, random, env, learn }: World, root?: string): OpenTarget {
  return (settings) => createTarget(settings, { registry, clock, random, env, learn, root });
}

/**
 * What looks at a running image. Metrics are left out: the plan of a deploy refuses them before anything is written, and a
 * rollback or a sweep must not fail for them.
 */
export const checksOf = ({ http }: VerifySettings, world: World) => verifierOf({ http, metrics: undefined }, world);
