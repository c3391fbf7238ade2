import { type Problem, problem, UserError } from '../../model/index.ts';

/** A secret of the build, and the variable that has its value. The value itself goes no other way than by the environment. */
export interface BuildSecret {
  readonly id: string;
  readonly variable: string;
}

/**
 * Finds the values of secrets: `npm_token` in the variable `npm_token`, as Docker looks for it, else in `NPM_TOKEN`, as
 * variables are named. An empty one counts as missing, which is what a secret is that a workflow may not read. Throws
 * `secret-missing` for all that are.
 */
export function findSecrets(
  service: string,
  ids: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly BuildSecret[] {
  const found = ids.map((id) => ({ id, variable: namesOf(id).find((name) => (env[name] ?? '') !== '') }));
  const problems = found.filter(({ variable }) => variable === undefined).map(({ id }) => missing(service, id));
  if (problems.length > 0) throw new UserError(problems);
  return found.flatMap(({ id, variable }) => (variable === undefined ? [] : [{ id, variable }]));
}

const namesOf = (id: string): readonly [string, string] => [id, id.toUpperCase().replace(/[^A-Z0-9_]/g, '_')];

function missing(service: string, id: string): Problem {
  const [exact, upper] = namesOf(id);
  const names = exact === upper ? exact : `${upper}, nor ${exact}`;
  return problem(
    'secret-missing',
    `${service} is built with the secret \`${id}\`, but the environment of this step has no ${names}.`,
    {
      remedy: `Hand it over in the \`env:\` of the step: \`${upper}: \${{ secrets.${upper} }}\`. Runs of forks have no secrets.`,
    },
  );
}
