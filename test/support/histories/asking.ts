import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectFlow } from '../../../shared/flow/detect.ts';
import { systemClock } from '../../../shared/io/clock.ts';
import { readRun, type World } from '../../../shared/io/runner/index.ts';
import { UserError } from '../../../shared/model/index.ts';
import { silentLog } from '../silent-log.ts';
import type { Occasion, Story } from './occasions.ts';
import { REPOSITORY } from './records.ts';
import { gitEnvironment, idAt, type Remote } from './repository.ts';

/** What the product says: the outputs and the file of reasons; or the code of its refusal. */
export type Said = { readonly kind: 'refused'; readonly code: string; readonly message: string } | Answered;

export interface Answered {
  readonly kind: 'answered';
  readonly services: readonly string[];
  readonly removed: readonly string[];
  readonly matrix: readonly string[];
  readonly base: string;
  readonly head: string;
  readonly reasons: Reasons;
}

export interface Reasons {
  readonly head: string;
  readonly services: readonly {
    readonly service: string;
    readonly selected: boolean;
    readonly why: readonly string[];
    readonly reasons: readonly Reason[];
    readonly bases: readonly {
      readonly commit: string | null;
      readonly rung: string;
      readonly environment: string | null;
    }[];
  }[];
}

export interface Reason {
  readonly kind: string;
  readonly since?: string;
  readonly count?: number;
  readonly path?: readonly string[];
  readonly environment?: string;
}

const ZEROS = '0'.repeat(40);
/** The variables that the runner sets for this run, and its event file. */
function environmentOf(story: Story, remote: Remote, temp: string): Record<string, string> {
  mkdirSync(temp, { recursive: true });
  const file = join(temp, 'event.json');
  writeFileSync(file, JSON.stringify({ repository: { default_branch: 'main' }, ...payloadOf(story.occasion, remote) }));
  const { event, sha } = story.occasion;
  const [name, ref] = nameAndRef(event);
  return {
    ...gitEnvironment(),
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: ref,
    GITHUB_SHA: idAt(remote, sha),
  };
}

function nameAndRef(event: Occasion['event']): readonly [name: string, ref: string] {
  switch (event.kind) {
    case 'push':
      return ['push', `refs/heads/${event.branch}`];
    case 'tag':
      return ['push', `refs/tags/${event.tag.name}`];
    case 'pull-request':
      return ['pull_request', 'refs/pull/7/merge'];
    case 'merge-group':
      return ['merge_group', 'refs/heads/gh-readonly-queue/main/1'];
    case 'dispatch':
      return ['workflow_dispatch', 'refs/heads/main'];
  }
}

function payloadOf({ event, sha }: Occasion, remote: Remote): object {
  const id = (at: Parameters<typeof idAt>[1]) => idAt(remote, at);
  switch (event.kind) {
    case 'push': {
      const commits = Array.from({ length: event.fresh }, () => ({}));
      const before = event.before === 'zeros' ? ZEROS : id(event.before);
      return { before, after: id(sha), forced: event.forced, commits };
    }
    case 'tag':
      return { before: ZEROS, after: id(sha) };
    case 'pull-request': {
      const repo = { full_name: REPOSITORY };
      const sides = {
        base: { ref: 'main', sha: id(event.base), repo },
        head: { ref: 'topic', sha: id(event.head), repo },
      };
      return { number: 7, pull_request: { number: 7, ...sides } };
    }
    case 'merge-group':
      return { merge_group: { base_ref: 'refs/heads/main', base_sha: id(event.base), head_sha: id(sha) } };
    case 'dispatch':
      return {};
  }
}

function inputsOf({ inputs }: Occasion, remote: Remote) {
  const { base, environments } = inputs;
  const asked = base === 'auto' ? base : typeof base === 'object' ? `deployed:${base.deployed}` : idAt(remote, base);
  return { base: asked, environments };
}

/** Asks the flow of detect-changed-services in this process. */
export async function askHere(story: Story, remote: Remote, checkout: string, temp: string): Promise<Said> {
  const env = environmentOf(story, remote, temp);
  const world: World = {
    run: readRun(env),
    env,
    directory: checkout,
    temp,
    token: undefined,
    log: silentLog,
    redact: (text) => text,
    learn() {},
    clock: systemClock,
    random: Math.random,
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
    saveState() {},
  };
  const { base, environments } = inputsOf(story.occasion, remote);
  try {
    const { outputs } = await detectFlow.main(
      {
        services: undefined,
        environments: [...environments],
        base,
        head: undefined,
        select: 'changed',
        'on-unknown-base': 'all',
        'refuse-classes': [],
        runner: undefined,
        'max-stages': undefined,
        config: 'slipway.yml',
        'working-directory': undefined,
        'github-token': undefined,
      },
      world,
    );
    return answered(outputs);
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    return { kind: 'refused', code: thrown.code, message: thrown.message };
  }
}

/** Asks the bundle, as the runner starts it. */
export async function askBundle(
  library: string,
  story: Story,
  remote: Remote,
  checkout: string,
  temp: string,
): Promise<Said> {
  const { base, environments } = inputsOf(story.occasion, remote);
  const files = { GITHUB_OUTPUT: join(temp, 'output'), GITHUB_STEP_SUMMARY: join(temp, 'summary') };
  const env = {
    ...environmentOf(story, remote, temp),
    ...files,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: checkout,
    RUNNER_TEMP: temp,
    INPUT_BASE: base,
    INPUT_ENVIRONMENTS: environments.join(','),
  };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const child = spawn(process.execPath, [join(library, 'dist', 'detect-changed-services.js')], { env, cwd: checkout });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status === 0) return answered(outputsIn(readFileSync(files.GITHUB_OUTPUT, 'utf8')));
  // An annotation has its code as its title.
  const [, code = '', message = log] = /::error title=([\w-]+)[^:]*::(.*)/.exec(log) ?? [];
  return { kind: 'refused', code, message };
}

/** The outputs as the runner reads them: `name<<mark`, lines, `mark`. */
function outputsIn(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/^([\w-]+)<<(\S+)\r?\n([\s\S]*?)\r?\n?^\2$/gm);
  return Object.fromEntries([...found].map(([, name = '', , value = '']) => [name, value]));
}

function answered(outputs: Readonly<Record<string, string>>): Answered {
  const json = (name: string) => JSON.parse(outputs[name] ?? 'null');
  return {
    kind: 'answered',
    services: json('services'),
    removed: json('removed'),
    matrix: json('matrix').include.map((it: { service: string }) => it.service),
    base: outputs['base'] ?? '',
    head: outputs['head'] ?? '',
    reasons: JSON.parse(readFileSync(outputs['reasons-file'] ?? '', 'utf8')),
  };
}
