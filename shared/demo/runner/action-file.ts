import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isRecord } from '../../model/index.ts';

/** An `action.yml`, as far as a runner needs it. */
export interface ActionFile {
  readonly folder: string;
  /** Input → default; undefined where there is none. */
  readonly inputs: ReadonlyMap<string, string | undefined>;
  /** Output of a composite action → its expression. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly runs:
    | {
        readonly kind: 'node';
        readonly pre: Script | undefined;
        readonly main: string;
        readonly post: Script | undefined;
      }
    | { readonly kind: 'composite'; readonly steps: readonly CompositeStep[] };
}

/** A script beside the main one, and the condition it runs on. */
export interface Script {
  readonly path: string;
  readonly condition: string;
}

export interface CompositeStep {
  readonly id: string | undefined;
  readonly condition: string | undefined;
  readonly uses: string;
  readonly with: ReadonlyMap<string, string>;
}

/** Reads the `action.yml` of a folder. Throws when it is not one that this runner can run. */
export function readActionFile(folder: string): ActionFile {
  const file: unknown = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
  if (!isRecord(file) || !isRecord(file['runs'])) throw new Error(`${folder}/action.yml has no runs.`);
  return {
    folder,
    inputs: fields(file['inputs'], 'default'),
    outputs: new Map([...fields(file['outputs'], 'value')].map(([name, value]) => [name, value ?? ''])),
    runs: readRuns(folder, file['runs']),
  };
}

function readRuns(folder: string, runs: Record<string, unknown>): ActionFile['runs'] {
  if (runs['using'] === 'composite') return { kind: 'composite', steps: readSteps(runs['steps']) };
  if (runs['using'] !== 'node24') throw new Error(`${folder}/action.yml uses ${String(runs['using'])}, not node24.`);
  const script = (key: string): Script | undefined => {
    const name = textOf(runs[key]);
    return name === undefined
      ? undefined
      : { path: join(folder, name), condition: textOf(runs[`${key}-if`]) ?? 'always()' };
  };
  const main = script('main');
  if (main === undefined) throw new Error(`${folder}/action.yml has no main.`);
  return { kind: 'node', pre: script('pre'), main: main.path, post: script('post') };
}

function readSteps(steps: unknown): readonly CompositeStep[] {
  if (!Array.isArray(steps)) return [];
  return steps.filter(isRecord).map((step) => ({
    id: textOf(step['id']),
    condition: textOf(step['if']),
    uses: textOf(step['uses']) ?? '',
    with: new Map(
      isRecord(step['with']) ? Object.entries(step['with']).map(([key, value]) => [key, String(value)]) : [],
    ),
  }));
}

function fields(table: unknown, key: string): ReadonlyMap<string, string | undefined> {
  if (!isRecord(table)) return new Map();
  return new Map(
    Object.entries(table).map(([name, entry]) => [name, isRecord(entry) ? textOf(entry[key]) : undefined]),
  );
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
