import { currentNames } from '../insight/index.ts';
import type { Graph, ServiceName } from '../model/index.ts';

/** Under which name a service stands on the board. */
export interface Naming {
  of(repository: string, service: ServiceName): ServiceName;
}

/**
 * Services of the board's own repository stand under their name of today; those of others that share its ledger carry
 * their repository, so that two services of one name do not become one.
 */
export function naming(facts: { readonly repository: string; readonly graph: Graph }): Naming {
  const current = currentNames(facts.graph);
  return {
    of: (repository, service) =>
      repository === facts.repository ? (current.get(service) ?? service) : `${repository}/${service}`,
  };
}
