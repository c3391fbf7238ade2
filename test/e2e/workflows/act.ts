import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORGE, git, NAME, type Shop, SLIPWAY, SLIPWAY_REF } from './shop.ts';

/** A run as act has told it. */
export interface ActRun {
  readonly code: number;
  readonly log: string;
  /** Lines that the steps of a job have written, without act's own prefix. */
  lines(job: string): readonly string[];
}

/** act takes the name of the repository from a remote on GitHub, and git takes what lies on this disk for it. */
export function originForAct(shop: Shop): string {
  const bare = join(shop.root, 'acme', 'shop.git');
  mkdirSync(join(shop.root, 'acme'));
  git(shop.root, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', bare);
  git(bare, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  const origin = `https://github.com/${NAME}.git`;
  git(shop.clone, 'config', `url.${bare}.insteadOf`, origin);
  return origin;
}

/**
 * pipeline.yml as a workflow of the shop itself: act skips jobs that wait for a call which calls again. Its inputs have
 * their defaults, since a push has none.
 */
export function pipelineAsTop(shop: Shop, inputs: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(join(shop.library, '.github/workflows/pipeline.yml'), 'utf8');
  const [start, end] = [text.indexOf('\non:\n'), text.indexOf('\npermissions: {}')];
  const header = text.slice(start, end);
  const defaults = new Map(
    [...header.matchAll(/^ {6}([\w-]+):\n {8}description: .*\n {8}type: string\n {8}default: (.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value.replace(/^"(.*)"$/, '$1')],
    ),
  );
  const body = text.slice(end).replace(/inputs\.([\w-]+)/g, (_, name) => `'${inputs[name] ?? defaults.get(name)}'`);
  return `${text.slice(0, start)}\non: [push, pull_request, workflow_dispatch]\n${body}`;
}

export interface ActOptions {
  readonly run: string;
  readonly attempt?: string;
  readonly event?: { readonly name: string; readonly payload: object };
  readonly workflow?: string;
  readonly more?: readonly string[];
}

/** Runs a workflow of the clone for its newest commit. */
export async function act(shop: Shop, options: ActOptions): Promise<ActRun> {
  const event = options.event ?? pushOf(shop);
  const file = join(shop.root, `event-${options.run}.json`);
  writeFileSync(file, JSON.stringify(event.payload));
  const args = [
    ...[shop.clone, event.name, '--provide', `${SLIPWAY}@${SLIPWAY_REF}=${shop.library}`, '--'],
    ...['-W', `.github/workflows/${options.workflow ?? 'ship.yml'}`, '-e', file],
    ...['--env', `GITHUB_RUN_ID=${options.run}`, '--env', `GITHUB_RUN_ATTEMPT=${options.attempt ?? '1'}`],
    ...(options.more ?? []),
  ];
  const child = spawn(join(FORGE, 'act'), args, { stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
    });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  writeFileSync(join(shop.root, `act-${options.run}.log`), log);
  return { code, log, lines: (job) => linesOf(log, job) };
}

export function pushOf(shop: Shop) {
  const [after = '', before = '0'.repeat(40)] = shop
    .git('rev-list', '--max-count=2', '--first-parent', 'HEAD')
    .split('\n');
  return { name: 'push', payload: { ref: 'refs/heads/main', before, after, repository: REPOSITORY } };
}

export const REPOSITORY = {
  full_name: NAME,
  name: 'shop',
  owner: { login: 'acme' },
  default_branch: 'main',
};

/** `[Pipeline/cart/dev] | words` → `words`, of every job whose name ends so. */
function linesOf(log: string, job: string): readonly string[] {
  return log.split('\n').flatMap((line) => {
    const [, name = '', words = ''] = /^\[([^\]]*?)\s*\]\s+\|\s?(.*)$/.exec(line) ?? [];
    return name.endsWith(job) ? [words] : [];
  });
}
