import { appendFileSync, existsSync } from 'node:fs';
import { EOL } from 'node:os';
import { userError } from '../../model/index.ts';
import type { Env } from './context.ts';

/*
 * The files through which a step hands values to its runner (docs.github.com, "Workflow commands", "Environment files").
 * What @actions/core writes to them differs in one thing: its delimiters are random, and the generator of random numbers
 * costs more time than all else that a short step does. A delimiter that does not occur in the value is as safe.
 */

type FileCommand = 'OUTPUT' | 'STATE' | 'STEP_SUMMARY';

/** Hands on values by their names, all in one write; does nothing where no runner listens. Throws `internal-error` when its file is gone. */
export function writeValues(command: 'OUTPUT' | 'STATE', values: Readonly<Record<string, string>>, env: Env): void {
  appendTo(
    command,
    Object.entries(values)
      .map(([name, value]) => keyValue(name, value))
      .join(''),
    env,
  );
}

/** Adds Markdown to the summary of the job. */
export const writeMarkdown = (markdown: string, env: Env): void => appendTo('STEP_SUMMARY', `${markdown}${EOL}`, env);

/** What `main` kept for `post` under this name; empty when there is none. */
export const stateOf = (name: string, env: Env): string => env[`STATE_${name}`] ?? '';

function appendTo(command: FileCommand, text: string, env: Env): void {
  const file = env[`GITHUB_${command}`];
  if (file === undefined || file === '') return;
  if (!existsSync(file)) throw userError('internal-error', `The runner's file ${file} (GITHUB_${command}) is gone.`);
  appendFileSync(file, text, 'utf8');
}

const DELIMITER = 'slipway_value';

/** `name<<delimiter`, the value on as many lines as it has, and the delimiter. */
function keyValue(name: string, value: string): string {
  let delimiter = DELIMITER;
  for (let count = 1; value.includes(delimiter); count += 1) delimiter = `${DELIMITER}_${count}`;
  return `${name}<<${delimiter}${EOL}${value}${EOL}${delimiter}${EOL}`;
}
