import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActionFile, type CompositeStep, readActionFile } from './action-file.ts';
import { type Annotation, parseCommand, parseCommandFile } from './command-files.ts';
import { type Contexts, evaluate } from './expressions.ts';
import { killOrphans, runProcess } from './process.ts';

export interface JobOptions {
  /** Program that runs actions, Node 24 on a real runner. */
  readonly node: string;
  readonly workspace: string;
  /** RUNNER_TEMP; made if it is not there. */
  readonly temp: string;
  readonly event: { readonly name: string; readonly payload: unknown };
  /** GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_REF and whatever else the job has. The process environment is not inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly token: string;
  /** Where `$/` of a composite action begins: the root of this library. */
  readonly library: string;
}

export interface StepOptions {
  /** Folder of the action. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: ((child: ChildProcess) => void) | undefined;
}

export interface StepResult {
  readonly conclusion: 'success' | 'failure';
  readonly exitCode: number | null;
  readonly killedBy: string | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown of the job summary. */
  readonly summary: string;
  /** Output as the log shows it: masked, without commands. */
  readonly log: readonly string[];
  readonly annotations: readonly Annotation[];
  readonly durationMs: number;
}

interface Pending {
  readonly action: ActionFile;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly options: StepOptions;
}

/** One job on a runner: steps one after the other, `post:` in reverse at the end, then what was left behind is killed. */
export class Job {
  readonly #options: JobOptions;
  readonly #posts: Pending[] = [];
  readonly #masks = new Set<string>();
  readonly #trackingId = `github_${randomUUID()}`;
  #status: 'success' | 'failure' | 'cancelled' = 'success';
  #count = 0;

  constructor(options: JobOptions) {
    this.#options = options;
    mkdirSync(options.temp, { recursive: true });
    mkdirSync(join(options.temp, '_runner_file_commands'), { recursive: true });
    writeFileSync(join(options.temp, 'event.json'), JSON.stringify(options.event.payload));
    this.#masks.add(options.token);
  }

  /** Runs one step; a failing one fails the job, but the caller decides whether to go on. */
  async step(options: StepOptions): Promise<StepResult> {
    const action = readActionFile(options.uses);
    const result =
      action.runs.kind === 'composite'
        ? await this.#composite(action, action.runs.steps, options)
        : await this.#node(action, options);
    if (options.signal?.aborted) this.#status = 'cancelled';
    else if (result.conclusion === 'failure') this.#status = 'failure';
    return result;
  }

  /** Runs the `post:` of every step that started, newest first, whatever happened before. */
  async end(): Promise<readonly StepResult[]> {
    const results: StepResult[] = [];
    for (let post = this.#posts.pop(); post !== undefined; post = this.#posts.pop()) {
      const env = { ...post.env, ...post.state, 'INPUT_JOB-STATUS': this.#status };
      results.push((await this.#run(post.script, env, { onLine: post.options.onLine })).result);
    }
    killOrphans(this.#trackingId);
    return results;
  }

  async #node(action: ActionFile, options: StepOptions): Promise<StepResult> {
    if (action.runs.kind !== 'node') throw new Error('not a node action');
    const env = { ...options.env, ...this.#inputs(action, options.with ?? {}) };
    if (action.runs.pre !== undefined) await this.#run(action.runs.pre, env, options);
    const { result, state } = await this.#run(action.runs.main, env, options);
    if (action.runs.post !== undefined) this.#posts.push({ action, script: action.runs.post, env, state, options });
    return result;
  }

  async #composite(action: ActionFile, steps: readonly CompositeStep[], options: StepOptions): Promise<StepResult> {
    const given = options.with ?? {};
    const results = new Map<string, StepResult>();
    const contexts: Contexts = (name) => {
      const [context, first = '', , output = ''] = name.split('.');
      if (context === 'inputs') return given[first] ?? evaluate(action.inputs.get(first) ?? '', this.#contexts());
      if (context === 'steps') return results.get(first)?.outputs[output];
      return this.#contexts()(name);
    };
    let last: StepResult | undefined;
    for (const step of steps) {
      if (last?.conclusion === 'failure' && step.condition !== 'always()') continue;
      const inputs = Object.fromEntries([...step.with].map(([name, value]) => [name, evaluate(value, contexts)]));
      const result = await this.step({
        ...options,
        uses: step.uses.replace(/^\$/, this.#options.library),
        with: inputs,
      });
      if (step.id !== undefined) results.set(step.id, result);
      last =
        last === undefined
          ? result
          : { ...result, conclusion: last.conclusion === 'failure' ? 'failure' : result.conclusion };
    }
    if (last === undefined) throw new Error(`${action.folder} has no steps.`);
    const all = [...results.values()];
    return {
      ...last,
      outputs: Object.fromEntries([...action.outputs].map(([name, value]) => [name, evaluate(value, contexts)])),
      summary: all.map((it) => it.summary).join('\n'),
      log: all.flatMap((it) => it.log),
      annotations: all.flatMap((it) => it.annotations),
      durationMs: all.reduce((sum, it) => sum + it.durationMs, 0),
    };
  }

  /** Every input of the action is set, to the empty text where neither `with` nor a default gives a value. */
  #inputs(action: ActionFile, given: Readonly<Record<string, string>>): Record<string, string> {
    const unknown = Object.keys(given).filter((name) => !action.inputs.has(name));
    if (unknown.length > 0) throw new Error(`${action.folder} has no input ${unknown.join(', ')}.`);
    return Object.fromEntries(
      [...action.inputs].map(([name, preset]) => [
        `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
        given[name] ?? evaluate(preset ?? '', this.#contexts()),
      ]),
    );
  }

  #contexts(): Contexts {
    return (name) => {
      if (name === 'github.token') return this.#options.token;
      if (name === 'job.status') return this.#status;
      if (name.startsWith('github.')) return this.#options.env[`GITHUB_${name.slice('github.'.length).toUpperCase()}`];
      throw new Error(`This runner does not know ${name}.`);
    };
  }

  async #run(
    script: string,
    env: Readonly<Record<string, string>>,
    options: Partial<Pick<StepOptions, 'onLine' | 'signal' | 'onStart'>>,
  ) {
    const files = this.#commandFiles();
    const log: string[] = [];
    const annotations: Annotation[] = [];
    const started = performance.now();
    const ended = await runProcess({
      node: this.#options.node,
      script,
      cwd: this.#options.workspace,
      env: { ...this.#options.env, ...this.#runnerVariables(), ...files, ...env },
      onLine: (line) => this.#readLine(line, log, annotations, options.onLine),
      signal: options.signal,
      onStart: options.onStart,
    });
    const read = (name: keyof typeof files) => readFileSync(files[name], 'utf8');
    const result: StepResult = {
      conclusion: ended.exitCode === 0 ? 'success' : 'failure',
      exitCode: ended.exitCode,
      killedBy: ended.signal,
      outputs: Object.fromEntries(parseCommandFile(read('GITHUB_OUTPUT'))),
      summary: this.#mask(read('GITHUB_STEP_SUMMARY')),
      log,
      annotations,
      durationMs: performance.now() - started,
    };
    const state = Object.fromEntries(
      [...parseCommandFile(read('GITHUB_STATE'))].map(([name, value]) => [`STATE_${name}`, value]),
    );
    return { result, state };
  }

  #readLine(
    line: string,
    log: string[],
    annotations: Annotation[],
    onLine: ((line: string) => void) | undefined,
  ): void {
    const command = parseCommand(line);
    if (command?.name === 'add-mask' && command.value !== '') this.#masks.add(command.value);
    const { name, value = '', properties = {} } = command ?? {};
    if (name === 'error' || name === 'warning' || name === 'notice')
      annotations.push({ level: name, message: this.#mask(value), properties });
    if (name === 'add-mask' || name === 'debug') return;
    const shown = this.#mask(name === undefined ? line : value);
    log.push(shown);
    onLine?.(shown);
  }

  #mask(text: string): string {
    return [...this.#masks]
      .filter((it) => it !== '')
      .reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  }

  #commandFiles() {
    this.#count += 1;
    const file = (kind: string) => {
      const path = join(this.#options.temp, '_runner_file_commands', `${kind}_${this.#count}`);
      writeFileSync(path, '');
      return path;
    };
    return {
      GITHUB_OUTPUT: file('set_output'),
      GITHUB_STATE: file('save_state'),
      GITHUB_ENV: file('set_env'),
      GITHUB_PATH: file('add_path'),
      GITHUB_STEP_SUMMARY: file('step_summary'),
    };
  }

  #runnerVariables(): Record<string, string> {
    return {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: this.#options.event.name,
      GITHUB_EVENT_PATH: join(this.#options.temp, 'event.json'),
      GITHUB_WORKSPACE: this.#options.workspace,
      RUNNER_TEMP: this.#options.temp,
      RUNNER_TRACKING_ID: this.#trackingId,
    };
  }
}
