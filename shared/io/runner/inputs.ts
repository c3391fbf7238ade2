import { type Problem, problem, UserError } from '../../model/index.ts';
import type { Env } from './context.ts';
import { InputFault, type InputTable, type InputValues } from './table.ts';

/** The environment variable that carries an input: upper case, spaces become `_`, hyphens stay. */
const inputVariable = (name: string): string => `INPUT_${name.replace(/ /g, '_').toUpperCase()}`;

/**
 * Reads all inputs of a table from the environment, as the runner hands them over.
 * Throws one UserError with every `input-invalid`.
 */
export function readInputs<Table extends InputTable>(table: Table, env: Env): InputValues<Table> {
  const problems: Problem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, input] of Object.entries(table)) {
    const given = (env[inputVariable(name)] ?? '').trim();
    // Outside the runner nobody fills defaults in; an expression only the runner can evaluate counts as empty.
    const value = given === '' && !input.default.includes('${{') ? input.default : given;
    try {
      if (value === '' && input.required) throw new InputFault('is required');
      values[name] = input.parse(value);
    } catch (fault) {
      if (!(fault instanceof InputFault)) throw fault;
      problems.push(problem('input-invalid', `The input \`${name}\` ${fault.message}.`));
    }
  }
  if (problems.length > 0) throw new UserError(problems);
  return values as InputValues<Table>;
}
