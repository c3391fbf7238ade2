import type { Said } from './asking.ts';
import type { Ledger } from './ledgers.ts';
import type { Story } from './occasions.ts';
import type { Remote } from './repository.ts';
import type { Entry, Tree } from './tree.ts';

const show = (value: unknown): string => JSON.stringify(value);

/** A story in lines for people: commits with what each did to the tree, branches, the ledger, the run. */
export function tell(story: Story, ledger: Ledger): readonly string[] {
  const { commits, branches, tags, occasion } = story;
  return [
    ...commits.flatMap(({ parents, tree, what }, number) => [
      `#${number} ${parents.length === 0 ? '(a root)' : `on ${parents.map((it) => `#${it}`).join(' and ')}`}: ${what.join('; ')}`,
      ...differences(commits[parents[0] ?? -1]?.tree ?? new Map<string, Entry>(), tree),
    ]),
    ...[...branches].map(([name, at]) => `branch ${name} is at #${at}`),
    ...tags.map((it) => `tag ${it.name}${it.annotated ? ' (annotated)' : ''} is at #${it.at}`),
    ...[...ledger].map(([stream, fate]) => `ledger ${stream}: ${show(fate)}`),
    `event ${show(occasion.event)}`,
    `GITHUB_SHA #${occasion.sha}, checked out #${occasion.checkedOut}${occasion.depth === 0 ? '' : ` at depth ${occasion.depth}`}, inputs ${show(occasion.inputs)}`,
  ];
}

function differences(before: Tree, after: Tree): readonly string[] {
  const text = (entry: Entry | undefined) =>
    entry === undefined ? '' : `${entry.mode} ${entry.mode === '160000' ? entry.id : show(entry.text)}`;
  const all = [...new Set([...before.keys(), ...after.keys()])].sort();
  return all
    .filter((path) => text(before.get(path)) !== text(after.get(path)))
    .map((path) => {
      const entry = after.get(path);
      return entry === undefined
        ? `    - ${show(path)}`
        : `    ${before.has(path) ? '~' : '+'} ${show(path)} ${text(entry)}`;
    });
}

/** An answer, with the numbers of commits instead of their ids. */
export function tellAnswer(said: Said, { ids }: Remote): readonly string[] {
  if (said.kind === 'refused') return [`refused: ${said.message}`];
  const numbered = (text: string) => ids.reduce((so, id, number) => so.replaceAll(id, `#${number}`), text);
  return said.reasons.services.map(({ service, selected, reasons, bases }) =>
    numbered(`${selected ? 'selected' : 'left out'} ${service}: ${show(reasons)} against ${show(bases)}`),
  );
}
