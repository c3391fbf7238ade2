import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isRecord } from '../../../shared/model/index.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = '.github/workflows';

export type Fields = Readonly<Record<string, unknown>>;
export interface Job {
  readonly workflow: string;
  readonly name: string;
  readonly job: Fields;
}

export const record = (value: unknown): Fields => (isRecord(value) ? value : {});
export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(record) : []);

export const textOf = (name: string): string => readFileSync(join(ROOT, FOLDER, name), 'utf8');

export function read(name: string): Fields {
  return record(parse(textOf(name)));
}

/** The workflows that are made to be called: everything but those of this repository itself. */
export const WORKFLOWS = readdirSync(join(ROOT, FOLDER)).filter((name) => 'workflow_call' in record(read(name)['on']));

export const jobsOf = (workflow: string): readonly Job[] =>
  Object.entries(record(read(workflow)['jobs'])).map(([name, job]) => ({ workflow, name, job: record(job) }));

export const JOBS: readonly Job[] = WORKFLOWS.flatMap(jobsOf);

export const stepsOf = ({ job }: Job): readonly Fields[] => list(job['steps']);
