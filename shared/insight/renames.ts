import type { DeployEvent, Graph, ServiceName } from '../model/index.ts';
import { byName } from './words.ts';

/** Earlier name → name of today, by the aliases of the services. A name that is in use is never read as an earlier one. */
export function currentNames(graph: Graph): ReadonlyMap<ServiceName, ServiceName> {
  const earlier = [...graph.nodes].flatMap(([name, { service }]) =>
    service.aliases.filter((alias) => !graph.nodes.has(alias)).map((alias): [string, string] => [alias, name]),
  );
  return new Map(earlier);
}

/**
 * Gives every event the name that its service has today, so that history, suspects and metrics follow a rename. The two
 * streams become one, in the order of time, and places in it are counted anew; streams without a rename stay as they are.
 *
 * @param repository only its events are renamed: aliases of one repository say nothing about another
 */
export function followRenames(
  events: readonly DeployEvent[],
  graph: Graph,
  repository: string,
): readonly DeployEvent[] {
  const names = currentNames(graph);
  const concerned = new Set([...names.keys(), ...names.values()]);
  const renames = (event: DeployEvent) => event.commit.repo === repository && concerned.has(event.service);
  if (!events.some((it) => names.has(it.service) && renames(it))) return events;
  const renamed = events
    .filter(renames)
    .map((event) => ({ ...event, service: names.get(event.service) ?? event.service }))
    .sort((a, b) => timeOf(a) - timeOf(b) || a.seq - b.seq || byName(a.stream, b.stream));
  return [
    ...events.filter((event) => !renames(event)),
    ...renamed.map((event, index) => ({ ...event, seq: index + 1 })),
  ];
}

const timeOf = (event: DeployEvent): number => Date.parse(event.times.finished ?? event.times.started);
