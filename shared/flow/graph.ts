import type { ReadImports } from '../detect/index.ts';
import { buildGraph } from '../graph/index.ts';
import type { World } from '../io/runner/index.ts';
import type { Checkout, Config, Graph } from '../model/index.ts';

/** How services depend on each other here, and what manifests mean between two commits; undefined when none are read. */
export interface Dependencies {
  readonly graph: Graph;
  readonly importsSince: ReadImports | undefined;
}

/**
 * The graph of the commit that is checked out: what services declare, and what is imported from manifests, unless
 * `graph.import` is `[]`. Parsers are loaded only here. Throws `git-failed`, `config-invalid`.
 */
export async function readDependencies(checkout: Checkout, config: Config, world: World): Promise<Dependencies> {
  if (config.graphImport?.length === 0) return { graph: buildGraph(config), importsSince: undefined };
  const [{ Importer }, here] = await Promise.all([import('../ecosystems/index.ts'), checkout.resolve('HEAD')]);
  if (here === undefined) return { graph: buildGraph(config), importsSince: undefined };
  const importer = new Importer(checkout, config);
  const { services, warnings } = await importer.importsAt(here);
  for (const it of warnings) world.log.warning(it);
  return {
    graph: buildGraph(config, services),
    importsSince: (since, head, changed) => importer.since(here, since, head, changed),
  };
}
