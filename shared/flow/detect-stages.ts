import { type Chain, chainOf } from '../detect/index.ts';
import type { InputValues } from '../io/runner/index.ts';
import { type Config, type Json, parseJson, userError } from '../model/index.ts';
import type { detectAction } from './interface/index.ts';

type Inputs = Pick<InputValues<typeof detectAction.inputs>, 'environments' | 'max-stages' | 'runner'>;

/** What a matrix is made with, beside the services. */
export interface Stages {
  readonly chain: Chain;
  /** Whether the rows are for a workflow that goes through these environments. */
  readonly isPipeline: boolean;
  /** undefined: the usual one. */
  readonly runner: Json | undefined;
}

/** The environments of a run. Throws `config-invalid` where the workflow that asks has too few jobs for them. */
export function stagesFor(inputs: Inputs, config: Pick<Config, 'environments'>): Stages {
  const chain = chainOf(config.environments, wantedOf(inputs.environments));
  const most = inputs['max-stages'];
  if (most !== undefined) refuseMore(chain, most);
  return {
    chain,
    isPipeline: most !== undefined,
    runner: inputs.runner === undefined ? undefined : labels(inputs.runner),
  };
}

export const wantedOf = (environments: readonly string[]): readonly string[] | undefined =>
  environments.length > 0 ? environments : undefined;

function refuseMore({ first, approvals, approved }: Chain, most: number): void {
  const remedy =
    'Let this workflow go through some of them, with its input `environments`, and another one through the rest.';
  const longest = [first, approved].find((it) => it.length > most);
  if (longest !== undefined)
    throw userError(
      'config-invalid',
      `${longest.length} environments come in a row: the workflow has jobs for ${most}.`,
      {
        remedy,
      },
    );
  if (approvals.length > 1)
    throw userError('config-invalid', `More than one \`approval\` is configured: ${approvals.join(', ')}.`, { remedy });
}

/** A list is JSON; anything else is a label. */
function labels(text: string): Json {
  const value = text.startsWith('[') ? parseJson(text) : text;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((it): it is string => typeof it === 'string')) return value;
  throw userError('input-invalid', 'The input `runner` starts like a JSON list, but is no list of labels.');
}
