import type { Environment, EnvironmentName, Service } from '../model/index.ts';

/** The environments that a run goes through, in promotion order, cut where people approve once for all of its services. */
export interface Chain {
  readonly first: readonly EnvironmentName[];
  /** GitHub environments whose reviewers approve; more than one can be configured, but not by every workflow be asked. */
  readonly approvals: readonly string[];
  /** Those that have an approval, or come after one that has. */
  readonly approved: readonly EnvironmentName[];
}

/**
 * The chain of a run. Previews are not in it: nothing is promoted into them.
 *
 * @param environments in promotion order
 * @param wanted only these; undefined: all
 */
export function chainOf(environments: readonly Environment[], wanted: readonly EnvironmentName[] | undefined): Chain {
  const waiting = new Set<EnvironmentName>();
  for (const { name, approval, after } of environments)
    if (approval !== undefined || after.some((it) => waiting.has(it))) waiting.add(name);
  const taken = environments.filter((it) => it.class !== 'preview' && wanted?.includes(it.name) !== false);
  const names = taken.map(({ name }) => name);
  return {
    first: names.filter((it) => !waiting.has(it)),
    approvals: [...new Set(taken.flatMap(({ approval }) => approval ?? []))],
    approved: names.filter((it) => waiting.has(it)),
  };
}

/** Those of some environments that a service goes to. */
export const stagesOf = (service: Service, environments: readonly EnvironmentName[]): readonly EnvironmentName[] =>
  environments.filter((it) => service.deployments.has(it));
