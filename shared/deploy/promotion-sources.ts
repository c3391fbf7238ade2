import type { Environment, EnvironmentName } from '../model/index.ts';

/**
 * The environments in which a service must have settled before it may go to this one. Those that the service skips are
 * looked through: the ones before them are asked. In the order of the configuration, each once.
 *
 * @param goesTo the environments that the service goes to
 */
export function promotionSources(
  environments: readonly Pick<Environment, 'name' | 'after'>[],
  goesTo: ReadonlySet<EnvironmentName>,
  environment: EnvironmentName,
): readonly EnvironmentName[] {
  const after = new Map(environments.map((it) => [it.name, it.after]));
  const found = new Set<EnvironmentName>();
  const seen = new Set<EnvironmentName>([environment]);
  const open = [...(after.get(environment) ?? [])];
  // Each environment is opened at most once, so that a circle in the configuration ends as well.
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (goesTo.has(name)) found.add(name);
    else open.push(...(after.get(name) ?? []));
  }
  return environments.map((it) => it.name).filter((name) => found.has(name));
}
