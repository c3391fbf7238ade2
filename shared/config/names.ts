import { formatPlace, isName, nearest, type Place, problem } from '../model/index.ts';
import type { Draft } from './drafts.ts';
import { type KeyPath, valueAt } from './paths.ts';
import { type Finding, finding } from './report.ts';

/** A draft that has its name. */
export interface NamedDraft extends Draft {
  readonly name: string;
}

/** Gives each draft its name; what cannot be one, or is not the only one, is found. */
export function nameDrafts(drafts: readonly Draft[]): {
  readonly named: readonly NamedDraft[];
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const named: NamedDraft[] = [];
  for (const draft of drafts) {
    const own = written(draft, ['name']);
    const name = typeof own === 'string' ? own : draft.defaultName;
    if (isName(name)) named.push({ ...draft, name });
    else if (own === undefined) findings.push(finding(unnameable(draft)));
  }
  return { named, findings: [...findings, ...clashes(named)] };
}

/** What the service says at a path, whether the rest of it can be used or not. */
function written({ source }: Draft, path: KeyPath): unknown {
  return source === undefined ? undefined : valueAt(source.document.value, [...source.path, ...path]);
}

/** Where the service says something, or where it stands when it does not. */
export function placeOf({ source, home }: Draft, path: KeyPath): Place {
  if (source === undefined) return home();
  const whole = [...source.path, ...path];
  return source.document.depth(whole) === whole.length ? source.document.place(whole) : home();
}

const codeOf = ({ source }: Draft) => source?.document.code ?? 'config-invalid';

function unnameable(draft: Draft) {
  const sentence = `\`${draft.defaultName}\` cannot be the name of a service.`;
  const remedy = draft.source === undefined ? 'Give it a slipway.service.yml with a `name`.' : 'Give it a `name`.';
  return problem(codeOf(draft), sentence, { remedy, at: draft.home() });
}

interface Claim {
  readonly name: string;
  readonly draft: NamedDraft;
  readonly place: () => Place;
  readonly kind: 'name' | 'alias';
}

/** Names before aliases, so that the one who has an alias of another's name is told. */
function clashes(named: readonly NamedDraft[]): readonly Finding[] {
  const claims: readonly Claim[] = [
    ...named.map((draft): Claim => ({ name: draft.name, draft, place: () => placeOf(draft, ['name']), kind: 'name' })),
    ...named.flatMap((draft) =>
      (draft.fields?.aliases ?? []).map(
        (name, index): Claim => ({ name, draft, place: () => placeOf(draft, ['aliases', index]), kind: 'alias' }),
      ),
    ),
  ];
  const first = new Map<string, Claim>();
  return claims.flatMap((claim) => {
    const earlier = first.get(claim.name.toLowerCase());
    if (earlier === undefined) first.set(claim.name.toLowerCase(), claim);
    return earlier === undefined || earlier.draft === claim.draft ? [] : [clash(claim, earlier)];
  });
}

function clash(claim: Claim, earlier: Claim): Finding {
  const what = claim.kind === 'name' ? 'name' : 'alias';
  const taken =
    earlier.kind === 'name' ? `the service \`${earlier.name}\`` : `an alias of the service \`${earlier.draft.name}\``;
  const sentence = `The ${what} \`${claim.name}\` of ${folderOf(claim.draft)} is taken by ${taken} at ${formatPlace(earlier.place())}.`;
  const remedy = 'Names are unique without regard to case; change one of the two.';
  return finding(problem(codeOf(claim.draft), sentence, { remedy, at: claim.place() }));
}

const folderOf = ({ folder }: Draft): string => (folder === '' ? 'the root' : folder);

/** Dependencies on services that there are not. */
export function unknownDependencies(named: readonly NamedDraft[]): readonly Finding[] {
  const names = named.map(({ name }) => name);
  const known = new Set(names);
  return named.flatMap((draft) =>
    (draft.fields?.dependencies.services ?? []).flatMap((dependency, index) => {
      if (known.has(dependency)) return [];
      const renamed = named.find(({ fields }) => fields?.aliases.includes(dependency) === true)?.name;
      const meant = renamed ?? nearest(dependency, names);
      const sentence = `\`${draft.name}\` depends on the service \`${dependency}\`, which there is not.`;
      const remedy = meant === undefined ? 'Name a service of this repository.' : `Did you mean \`${meant}\`?`;
      return [
        finding(problem(codeOf(draft), sentence, { remedy, at: placeOf(draft, ['dependencies', 'services', index]) })),
      ];
    }),
  );
}
