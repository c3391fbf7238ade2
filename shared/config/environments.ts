import { type Environment, type EnvironmentClass, nearest, type Place, type Problem, problem } from '../model/index.ts';
import type { ConfigDocument } from './document.ts';
import { type KeyPath, valueAt } from './paths.ts';
import type { EnvironmentOutput } from './schema/environment.ts';

/** Names of the environments, and what each waits for, read before the rest is known to be right: so that its errors come with all others. */
export interface EnvironmentOrder {
  /** Each comes after those it waits for; what is free keeps the order of the file. */
  readonly names: readonly string[];
  readonly problems: readonly Problem[];
}

interface Waiting {
  readonly name: string;
  readonly after: readonly { readonly name: string; readonly path: KeyPath }[];
}

const SECTION = 'environments';

export function orderEnvironments(document: ConfigDocument): EnvironmentOrder {
  const waiting = document.keys([SECTION]).map((name) => ({ name, after: afterOf(document, name) }));
  const names = waiting.map(({ name }) => name);
  const problems = [...sameNames(document, names), ...unknownNames(document, waiting)];
  const known = waiting.map((it) => ({ ...it, after: it.after.filter(({ name }) => names.includes(name)) }));
  const { ordered, left } = order(known);
  return { names: ordered, problems: [...problems, ...circles(document, left)] };
}

function afterOf(document: ConfigDocument, environment: string): Waiting['after'] {
  const path = [SECTION, environment, 'after'];
  const value = valueAt(document.value, path);
  if (typeof value === 'string') return [{ name: value, path }];
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  return names.flatMap((name, index) => (typeof name === 'string' ? [{ name, path: [...path, index] }] : []));
}

function sameNames(document: ConfigDocument, names: readonly string[]): readonly Problem[] {
  return names.flatMap((name, index) => {
    const first = names.slice(0, index).find((it) => it.toLowerCase() === name.toLowerCase());
    if (first === undefined) return [];
    const sentence = `The environments \`${first}\` and \`${name}\` differ only in case.`;
    return [
      problem(document.code, sentence, { remedy: 'Rename one of them.', at: document.keyPlace([SECTION, name]) }),
    ];
  });
}

function unknownNames(document: ConfigDocument, waiting: readonly Waiting[]): readonly Problem[] {
  const names = waiting.map(({ name }) => name);
  return waiting.flatMap(({ name: waits, after }) =>
    after
      .filter(({ name }) => !names.includes(name))
      .map(({ name, path }) =>
        unknownEnvironment(document, `\`${waits}\` waits for`, name, names, document.place(path)),
      ),
  );
}

/** The problem of a name that no environment has. */
export function unknownEnvironment(
  document: ConfigDocument,
  who: string,
  name: string,
  known: readonly string[],
  at: Place,
): Problem {
  const meant = nearest(name, known);
  const list = known.length === 0 ? 'No environments are configured.' : `Environments are: ${known.join(', ')}.`;
  return problem(document.code, `${who} the environment \`${name}\`, which there is not.`, {
    remedy: meant === undefined ? list : `Did you mean \`${meant}\`?`,
    at,
  });
}

function order(waiting: readonly Waiting[]): { ordered: readonly string[]; left: readonly Waiting[] } {
  const ordered: string[] = [];
  let left = waiting;
  for (;;) {
    const next = left.find(({ after }) => after.every(({ name }) => ordered.includes(name)));
    if (next === undefined) return { ordered, left };
    ordered.push(next.name);
    left = left.filter((it) => it !== next);
  }
}

/** Each circle once, at the first of its environments. */
function circles(document: ConfigDocument, left: readonly Waiting[]): readonly Problem[] {
  const named = new Set<string>();
  return left.flatMap(({ name }) => {
    const circle = circleFrom(name, left);
    if (circle.some((it) => named.has(it))) return [];
    for (const it of circle) named.add(it);
    const sentence = `Environments wait for each other: ${[...circle, circle[0]].map((it) => `\`${it}\``).join(' after ')}.`;
    const at = document.place([SECTION, circle[0] ?? name, 'after']);
    return [problem(document.code, sentence, { remedy: 'Take one `after` out.', at })];
  });
}

/** Following what cannot be placed must come round at last. */
function circleFrom(start: string, left: readonly Waiting[]): readonly string[] {
  const way: string[] = [];
  let current = start;
  while (!way.includes(current)) {
    way.push(current);
    const after = left.find(({ name }) => name === current)?.after ?? [];
    current = after.find(({ name }) => left.some((it) => it.name === name))?.name ?? current;
  }
  return way.slice(way.indexOf(current));
}

/** The environments of a checked file in promotion order. */
export function toEnvironments(
  names: readonly string[],
  from: Readonly<Record<string, EnvironmentOutput | null>>,
): readonly Environment[] {
  return names.map((name) => {
    const { class: kind, after, approval, freeze, require } = from[name] ?? EMPTY;
    return {
      name,
      class: kind ?? classOf(name),
      after: after ?? [],
      approval,
      freeze: freeze.map(({ from: start, to, zone, reason }) => ({ from: start, to, zone, reason })),
      require,
    };
  });
}

const EMPTY: Pick<EnvironmentOutput, 'class' | 'after' | 'approval' | 'freeze' | 'require'> = {
  freeze: [],
  require: [],
};

const CLASSES: readonly (readonly [RegExp, EnvironmentClass])[] = [
  [/^(prod|live$)/i, 'production'],
  [/^(stag|(preprod|uat|qa)$)/i, 'staging'],
  [/^(dev|test)/i, 'development'],
  [/^pr-/i, 'preview'],
];

/** What a name says of its environment; in doubt, that it is production. */
export function classOf(name: string): EnvironmentClass {
  return CLASSES.find(([form]) => form.test(name))?.[1] ?? 'production';
}
