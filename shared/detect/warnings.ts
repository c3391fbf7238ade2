import { type Commit, type Config, type Problem, problem, type ServiceName } from '../model/index.ts';
import type { Compared } from './comparison.ts';

/** How many lost bases are told one by one. */
const MAX_LOST_TOLD = 3;
/** How many services one sentence names. */
const MAX_NAMES_TOLD = 20;

/** What people should know of a detection beside its answer. */
export function warningsOf(comparisons: ReadonlyMap<Commit, Compared>, config: Config): readonly Problem[] {
  const all = [...comparisons.values()];
  const lost = all.flatMap((it) => (it.kind === 'lost' ? [it.why] : []));
  const told = [...new Set(lost)].slice(0, MAX_LOST_TOLD);
  return [
    ...told.map((why) => problem('base-unknown', `What was to be compared with it counts as changed: ${why}.`)),
    ...absentHere(all, config),
  ];
}

/** Services of the head that the work tree does not have: no job could be started for them here. */
function absentHere(comparisons: readonly Compared[], config: Config): readonly Problem[] {
  const atHead = comparisons.flatMap((it) =>
    it.kind === 'compared' && it.old.kind === 'read' ? [...it.old.now.values()] : [],
  );
  if (atHead.length === 0) return [];
  const here = new Set(config.services.flatMap(({ name, aliases }) => [name, ...aliases]));
  const absent = atHead.filter((it) => ![it.name, ...it.aliases].some((name) => here.has(name)));
  const names: readonly ServiceName[] = [...new Set(absent.map(({ name }) => name))].sort();
  if (names.length === 0) return [];
  const more = names.length > MAX_NAMES_TOLD ? ` and ${names.length - MAX_NAMES_TOLD} more` : '';
  const listed = `${names.slice(0, MAX_NAMES_TOLD).join(', ')}${more}`;
  const sentence = `The head has services that the commit which is checked out does not have, so they are not in the lists: ${listed}.`;
  return [
    problem('service-unknown', sentence, { remedy: 'Check out the commit that this run is about to have them too.' }),
  ];
}
