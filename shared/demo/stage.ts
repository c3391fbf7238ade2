import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Narrator } from './narrator.ts';
import type { Pipeline, PipelineRun, ServiceRun } from './pipeline.ts';
import type { RunningRegistry } from './registry.ts';
import type { StepResult } from './runner/index.ts';
import type { Push, Shop } from './shop.ts';

/** Everything that the chapters of the story share. */
export interface Stage {
  readonly say: Narrator;
  readonly shop: Shop;
  readonly pipeline: Pipeline;
  readonly registry: RunningRegistry;
  readonly folder: string;
  /** Root of the library: `actions/`, `dist/`, `examples/`. */
  readonly library: string;
  /** Where the board is written; it stays when the rest goes. */
  readonly site: string;
  /** Aborts when someone ends the demonstration: nothing is started any more. */
  readonly signal: AbortSignal;
  /** Runs of chapters before, by a name that the chapter gives. */
  readonly memory: Map<string, PipelineRun>;
}

interface Answer {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

/** Runs the command line `dist/cli.js` in the developer's clone, as a person would. */
export async function ask(stage: Stage, ...args: readonly string[]): Promise<Answer> {
  stage.signal.throwIfAborted();
  const script = join(stage.library, 'dist', 'cli.js');
  const child = spawn(process.execPath, [script, ...args, '--repository', 'acme/shop'], {
    cwd: stage.shop.clone,
    env: { PATH: process.env['PATH'] ?? '', HOME: stage.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = () => child.kill('SIGKILL');
  stage.signal.addEventListener('abort', end, { once: true });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  stage.signal.removeEventListener('abort', end);
  stage.signal.throwIfAborted();
  return { exitCode, lines: Buffer.concat(chunks).toString('utf8').trimEnd().split('\n') };
}

/** The status of one deploy of a run, or why there is none. */
export function statusOf(run: PipelineRun, service: string, environment: string): string {
  const found = run.services.find((it) => it.service === service);
  if (found === undefined) return 'not selected';
  return found.deploys.get(environment)?.outputs['status'] ?? 'not reached';
}

export function serviceOf(run: PipelineRun, service: string): ServiceRun {
  const found = run.services.find((it) => it.service === service);
  if (found === undefined) throw new Error(`${service} was not selected in "${run.push.title}".`);
  return found;
}

export const selected = (run: PipelineRun): string => run.services.map((it) => it.service).join(', ');

/** Asks the running service itself. */
export async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  return response.json();
}

/** Where a service answers after a deploy. */
export const urlOf = (step: StepResult | undefined): string => step?.outputs['url'] ?? '';

/** Deploys that ended as they should in both environments. */
export function arrived(run: PipelineRun, services: readonly string[]): boolean {
  return services.every((it) =>
    ['dev', 'production'].every((environment) => statusOf(run, it, environment) === 'deployed'),
  );
}

/** Pushes and runs the pipeline, and tells both. */
export function pushAndRun(stage: Stage, push: Push): Promise<PipelineRun> {
  stage.say.line(`push ${push.after.slice(0, 7)} "${push.title}"`);
  return stage.pipeline.run(push);
}
