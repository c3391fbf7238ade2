/** Context name with dots, such as `github.token` or `steps.build.outputs.image` → value. */
export type Contexts = (name: string) => string | undefined;

/**
 * Fills in `${{ … }}`: names of contexts, joined by `||` (the first that is not empty). That is all that our own
 * `action.yml` files use; anything else is an error, so that nothing is taken for filled in that was not.
 */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_whole, expression: string) => {
    const alternatives = expression.split('||').map((it) => term(it.trim(), contexts));
    return alternatives.find((it) => it !== '') ?? '';
  });
}

function term(name: string, contexts: Contexts): string {
  const literal = /^'([^']*)'$/.exec(name);
  if (literal) return literal[1] ?? '';
  if (!/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+$/.test(name))
    throw new Error(`This runner does not know the expression "${name}".`);
  return contexts(name) ?? '';
}

export type JobStatus = 'success' | 'failure' | 'cancelled';

const CONDITIONS: Readonly<Record<string, (status: JobStatus) => boolean>> = {
  'always()': () => true,
  'success()': (status) => status === 'success',
  'failure()': (status) => status === 'failure',
  'cancelled()': (status) => status === 'cancelled',
  '!cancelled()': (status) => status !== 'cancelled',
};

/** Whether a step runs. Of conditions this runner knows the functions of the status, alone; anything else is an error. */
export function holds(condition: string, status: JobStatus): boolean {
  const known = CONDITIONS[condition.replace(/^\$\{\{\s*(.*?)\s*\}\}$/, '$1')];
  if (known === undefined) throw new Error(`This runner does not know the condition "${condition}".`);
  return known(status);
}
