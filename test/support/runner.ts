import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { type Around, type RunningRegistry, startRegistry } from '../../shared/demo/registry.ts';
import { Job, type StepOptions, type StepResult } from '../../shared/demo/runner/index.ts';

// A step is a process or two of its own, and the machine may be busy.
jest.setTimeout(120_000);

/** The built library: `actions/`, `dist/`, `action.yml`. */
export const LIBRARY = process.env['SLIPWAY_LIBRARY'] ?? '';
const REPOSITORY = 'acme/shop';
export const TOKEN = 'the-token-of-this-run-1234';

export type Files = Readonly<Record<string, string | object | undefined>>;
type Action =
  | 'detect-changed-services'
  | 'build-and-tag-image'
  | 'deploy-to-env'
  | 'record-deploy-event'
  | 'publish-deploy-board'
  | 'summarize-run'
  /** The action at the root of the library. */
  | 'root';

/** What is not as usual about a job. Usual is: a push to main of the newest commit, in a whole clone of it. */
export interface JobSettings {
  /** The commit; default: the newest that was pushed. */
  readonly at?: string;
  /** Commit before the push; default: the parent of `at`. */
  readonly before?: string;
  readonly event?: { readonly name: string; readonly payload: object };
  readonly ref?: string;
  readonly run?: string;
  readonly attempt?: number;
  readonly job?: string;
  readonly actor?: string;
  /** Folder of the checkout; default: a clone, one for each commit. */
  readonly workspace?: string;
  /** RUNNER_TEMP; default: a folder of the job's own. */
  readonly temp?: string;
  readonly token?: string;
  /** Whole environment of the job beside what the runner sets; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One step in a job of its own, with its `post:`. */
export interface Ran extends StepResult {
  readonly posts: readonly StepResult[];
  readonly report: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/** A bare remote, clones of it, a registry, and the processes that were deployed: all in one temporary folder. */
export class World {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-world-')));
  readonly remote = join(this.root, 'acme', 'shop.git');
  readonly developer = join(this.root, 'developer');
  /** Where local targets have their folders. */
  readonly runtime: string;
  readonly registry: RunningRegistry;
  readonly #checkouts = new Map<string, string>();
  #runs = 100;
  #jobs = 0;

  private constructor(registry: RunningRegistry, runtime: string | undefined) {
    this.registry = registry;
    this.runtime = runtime ?? join(this.root, 'runtime');
  }

  /** @param options.around what stands between the network and the registry */
  static async start(options: { around?: Around; runtime?: string } = {}): Promise<World> {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-registry-'));
    const around = options.around === undefined ? {} : { around: options.around };
    const world = new World(await startRegistry({ directory, ...around }), options.runtime);
    mkdirSync(dirname(world.remote));
    git(world.root, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', world.remote);
    git(world.remote, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    git(world.root, 'init', '--quiet', '--initial-branch=main', '--template=', world.developer);
    git(world.developer, 'remote', 'add', 'origin', world.remote);
    return world;
  }

  /** Ends every process that was deployed, and clears everything away. */
  async close(): Promise<void> {
    for (const pid of this.processes()) kill(pid);
    await this.registry.close();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Git in the developer's clone. */
  git(...args: readonly string[]): string {
    return git(this.developer, ...args);
  }

  /** Git in another folder of this world. */
  gitIn(folder: string, ...args: readonly string[]): string {
    return git(folder, ...args);
  }

  /** Writes files (an object becomes JSON, which is YAML; undefined deletes), and commits everything. */
  commit(files: Files, title = 'Change something'): string {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.developer, path);
      if (content === undefined) rmSync(file, { recursive: true });
      else write(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', title);
    return this.git('rev-parse', 'HEAD');
  }

  /** Commits and pushes to the branch that is checked out. */
  push(files: Files, title?: string): string {
    const commit = this.commit(files, title);
    this.git('push', '--quiet', '--force', 'origin', 'HEAD');
    return commit;
  }

  /** A clone that has a commit checked out, as actions/checkout makes it; `options` are those of git clone. */
  checkout(commit: string, ...options: readonly string[]): string {
    const key = [commit, ...options].join(' ');
    const known = this.#checkouts.get(key);
    if (known !== undefined) return known;
    const folder = join(this.root, 'work', String(this.#checkouts.size + 1));
    const source = options.length === 0 ? this.remote : `file://${this.remote}`;
    git(this.root, 'clone', '--quiet', '--template=', '--no-checkout', ...options, source, folder);
    git(folder, 'checkout', '--quiet', '--detach', commit);
    this.#checkouts.set(key, folder);
    return folder;
  }

  /** A workspace without a checkout. */
  emptyFolder(): string {
    return mkdtempSync(join(this.root, 'empty-'));
  }

  /** A job in this world; each has a run id of its own unless one is given. */
  job(settings: JobSettings = {}): Job {
    this.#jobs += 1;
    this.#runs += 1;
    const at = settings.at ?? this.git('rev-parse', 'HEAD');
    const event = settings.event ?? { name: 'push', payload: this.#push(at, settings) };
    const env: Record<string, string | undefined> = {
      PATH: process.env['PATH'],
      HOME: join(this.root, 'home'),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_REF: settings.ref ?? 'refs/heads/main',
      GITHUB_SHA: at,
      GITHUB_RUN_ID: settings.run ?? String(this.#runs),
      GITHUB_RUN_ATTEMPT: String(settings.attempt ?? 1),
      GITHUB_JOB: settings.job ?? 'job',
      GITHUB_ACTOR: settings.actor ?? 'dana',
      GITHUB_SERVER_URL: 'https://github.example',
      ...settings.env,
    };
    return new Job({
      node: process.execPath,
      library: LIBRARY,
      workspace: settings.workspace ?? this.checkout(at),
      temp: settings.temp ?? join(this.root, 'temp', String(this.#jobs)),
      token: settings.token ?? TOKEN,
      event: { name: event.name, payload: { repository: { default_branch: 'main' }, ...event.payload } },
      env: Object.fromEntries(
        Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    });
  }

  /** One step in a job of its own, to the end of the job. */
  async run(
    action: Action,
    inputs: Readonly<Record<string, string>> = {},
    settings: JobSettings & Pick<StepOptions, 'onLine' | 'interrupt'> = {},
  ): Promise<Ran> {
    const { onLine, interrupt } = settings;
    const job = this.job(settings);
    const result = await job.step({
      uses: actionFolder(action),
      with: inputs,
      ...(onLine === undefined ? {} : { onLine }),
      ...(interrupt === undefined ? {} : { interrupt }),
    });
    const posts = await job.end();
    return { ...result, posts, report: reportOf(result) };
  }

  detect(inputs: Readonly<Record<string, string>> = {}, settings: JobSettings = {}): Promise<Ran> {
    return this.run('detect-changed-services', inputs, settings);
  }

  /** Builds a service, which must go well; gives the image. */
  async build(service: string, settings: JobSettings = {}): Promise<string> {
    const ran = await this.run('build-and-tag-image', { service, push: 'always' }, settings);
    if (ran.conclusion !== 'success') throw new Error(`${service} was not built:\n${ran.log.join('\n')}`);
    return ran.outputs['image'] ?? '';
  }

  deploy(
    inputs: Readonly<Record<string, string>>,
    settings: JobSettings & Pick<StepOptions, 'onLine' | 'interrupt'> = {},
  ): Promise<Ran> {
    return this.run('deploy-to-env', inputs, settings);
  }

  /** The command line, as a person in a shell runs it. */
  cli(args: readonly string[], options: { readonly cwd?: string; readonly repository?: string } = {}): Promise<Answer> {
    const { cwd = this.developer, repository = REPOSITORY } = options;
    const known = repository === '' ? {} : { GITHUB_REPOSITORY: repository };
    return start('cli', args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: this.root, ...known } });
  }

  /** Refs of the ledger in the remote: name → commit. */
  ledger(): Readonly<Record<string, string>> {
    const lines = git(this.remote, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/slipway').split('\n');
    return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(' ')));
  }

  /** Events of one stream, oldest first, as they lie in the ledger. */
  events(service: string, environment: string): readonly Json[] {
    const ref = `refs/slipway/v1/${environment}/${service}`;
    if (this.ledger()[ref] === undefined) return [];
    const commits = git(this.remote, 'rev-list', '--reverse', ref).split('\n');
    return commits.map((commit) => JSON.parse(git(this.remote, 'show', `${commit}:event.json`)));
  }

  /** Overwrites files of the newest event of a stream, as anybody with the right to push can. */
  forge(service: string, environment: string, change: (event: string) => string): void {
    const ref = `refs/slipway/v1/${environment}/${service}`;
    const worktree = mkdtempSync(join(this.root, 'forge-'));
    git(this.remote, 'worktree', 'add', '--quiet', '--detach', worktree, ref);
    writeFileSync(join(worktree, 'event.json'), change(readFileSync(join(worktree, 'event.json'), 'utf8')));
    git(worktree, 'commit', '--quiet', '--all', '--amend', '--no-edit');
    git(this.remote, 'update-ref', ref, git(worktree, 'rev-parse', 'HEAD'));
  }

  /** What one stream says now. */
  state(service: string, environment: string): Json {
    return JSON.parse(git(this.remote, 'show', `refs/slipway/v1/${environment}/${service}:state.json`));
  }

  /** What the local target says shall run; undefined when nothing was ever deployed there. */
  target(service: string, environment: string): Json | undefined {
    const file = join(this.runtime, environment, service, 'state.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  }

  /** Asks what runs; undefined when nothing answers. */
  async answer(service: string, environment: string): Promise<string | undefined> {
    const live = this.target(service, environment)?.['live'];
    const url = typeof live === 'object' && live !== null && 'url' in live ? String(live.url) : undefined;
    if (url === undefined) return undefined;
    return fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
  }

  /** Ids of processes that were deployed and still run. */
  processes(): readonly number[] {
    if (!existsSync(this.runtime)) return [];
    const names = readdirSync(this.runtime, { recursive: true, encoding: 'utf8' });
    const pids = names.filter((it) => it.endsWith('.pid')).map((it) => readFileSync(join(this.runtime, it), 'utf8'));
    return pids.map((it) => Number(it.split('\n')[0])).filter(lives);
  }

  /** The remote does not take what its hook refuses: a shell script that gets `old new ref` lines on its input. */
  hook(script: string): void {
    const file = join(this.remote, 'hooks', 'pre-receive');
    write(file, `#!/bin/sh\n${script}\n`);
    execFileSync('chmod', ['+x', file]);
  }

  #push(at: string, settings: JobSettings): object {
    const before = settings.before ?? this.#parent(at);
    return { ref: settings.ref ?? 'refs/heads/main', before, after: at, forced: false };
  }

  #parent(commit: string): string {
    return git(this.developer, 'rev-list', '--parents', '-1', commit).split(' ')[1] ?? '0'.repeat(40);
  }
}

/** The whole content of a folder, path → content: equal before and after means that nothing was written. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return Object.fromEntries(files.sort().map((file) => [file.slice(folder.length), readFileSync(file, 'latin1')]));
}

export const actionFolder = (action: Action): string =>
  action === 'root' ? LIBRARY : join(LIBRARY, 'actions', action);

/** The `report` output of a step. */
export const reportOf = (step: StepResult): Json => JSON.parse(step.outputs['report'] ?? '{}');

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a bundle directly, as no runner does: with exactly this environment. */
export async function start(
  bundle: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Answer> {
  const child = spawn(process.execPath, [join(LIBRARY, 'dist', `${bundle}.js`), ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  return { exitCode, stdout, stderr };
}

/** Git without anything of the machine's own configuration. */
export function git(directory: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Dana',
    GIT_AUTHOR_EMAIL: 'dana@example.com',
    GIT_COMMITTER_NAME: 'Dana',
    GIT_COMMITTER_EMAIL: 'dana@example.com',
  };
  return execFileSync('git', [...args], {
    cwd: directory,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  }).trim();
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
