import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type ActionFile, type CompositeStep, readActionFile, type Script } from './action-file.ts';
import { type Contexts, evaluate, holds, type JobStatus } from './expressions.ts';
import { killOrphans, SIGINT_GRACE_MS, SIGTERM_GRACE_MS } from './process.ts';
import { type Left, Masks, runScript, type StepResult, together } from './step.ts';

interface JobOptions {
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
  /** How long the signals of a cancelled job are apart; default: as GitHub's runner has it. */
  readonly graces?: { readonly sigintMs: number; readonly sigtermMs: number };
}

export interface StepOptions {
  /** Folder of the action. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets each line as the log shows it. */
  readonly onLine?: (line: string) => void;
  /** At the first line of the log that matches, or before there is any, the job is cancelled or its machine is gone. */
  readonly interrupt?: { readonly at: RegExp | 'start'; readonly by: 'cancel' | 'kill' };
}

interface Pending {
  readonly script: Script;
  readonly env: Readonly<Record<string, string>>;
}

const GRACES = { sigintMs: SIGINT_GRACE_MS, sigtermMs: SIGTERM_GRACE_MS };

/** One job on a runner: steps one after the other, `post:` in reverse at the end, then what was left behind is killed. */
export class Job {
  readonly #options: JobOptions;
  readonly #posts: Pending[] = [];
  readonly #masks = new Masks();
  readonly #trackingId = `github_${randomUUID()}`;
  readonly #cancelled = new AbortController();
  /** Variables that steps have set for those after them. */
  readonly #env = new Map<string, string>();
  #running: ChildProcess | undefined;
  #gone = false;
  #failed = false;
  #count = 0;

  constructor(options: JobOptions) {
    this.#options = options;
    mkdirSync(options.temp, { recursive: true });
    writeFileSync(join(options.temp, 'event.json'), JSON.stringify(options.event.payload));
    this.#masks.add(options.token);
  }

  get status(): JobStatus {
    if (this.#cancelled.signal.aborted) return 'cancelled';
    return this.#failed ? 'failure' : 'success';
  }

  /** Someone presses "Cancel": the step that runs gets SIGINT, then SIGTERM, then it is killed; `post:` still runs. */
  cancel(): void {
    this.#cancelled.abort();
  }

  /** The machine is gone: what runs is killed without a word, and nothing runs after it. */
  kill(): void {
    this.#gone = true;
    this.#running?.kill('SIGKILL');
    killOrphans(this.#trackingId);
  }

  /** Runs one step; a failing one fails the job, but the caller decides whether to go on. */
  async step(options: StepOptions): Promise<StepResult> {
    const action = readActionFile(options.uses);
    const { runs } = action;
    const result =
      runs.kind === 'composite'
        ? await this.#composite(action, runs.steps, options)
        : await this.#node(action, runs, options);
    if (result.conclusion === 'failure') this.#failed = true;
    return result;
  }

  /** Runs the `post:` of every step that started, newest first, as far as its condition allows. */
  async end(): Promise<readonly StepResult[]> {
    const results: StepResult[] = [];
    for (let post = this.#posts.pop(); post !== undefined && !this.#gone; post = this.#posts.pop()) {
      if (!holds(post.script.condition, this.status)) continue;
      const env = { ...post.env, 'INPUT_JOB-STATUS': this.status };
      // A cancelled job's `post:` has a time of its own.
      const { result } = await this.#run(post.script.path, env, {}, new AbortController().signal);
      if (result.conclusion === 'failure') this.#failed = true;
      results.push(result);
    }
    killOrphans(this.#trackingId);
    return results;
  }

  async #node(
    action: ActionFile,
    runs: Extract<ActionFile['runs'], { kind: 'node' }>,
    options: StepOptions,
  ): Promise<StepResult> {
    const env = { ...options.env, ...this.#inputs(action, options.with ?? {}) };
    const run = async (script: string, before?: StepResult) => {
      const { result } = await this.#run(script, { ...env, ...stateOf(before) }, options, this.#cancelled.signal);
      return before === undefined ? result : together([before, result], result.conclusion);
    };
    const pre = runs.pre !== undefined && holds(runs.pre.condition, this.status) ? await run(runs.pre.path) : undefined;
    const done = pre === undefined || pre.conclusion === 'success' ? await run(runs.main, pre) : pre;
    if (runs.post !== undefined) this.#posts.push({ script: runs.post, env: { ...env, ...stateOf(done) } });
    return done;
  }

  async #composite(action: ActionFile, steps: readonly CompositeStep[], options: StepOptions): Promise<StepResult> {
    const given = options.with ?? {};
    const byId = new Map<string, StepResult>();
    const results: StepResult[] = [];
    let status: JobStatus = 'success';
    const contexts: Contexts = (name) => {
      const [context, first = '', , output = ''] = name.split('.');
      if (context === 'inputs') return given[first] ?? evaluate(action.inputs.get(first) ?? '', this.#contexts());
      if (context === 'steps') return byId.get(first)?.outputs[output];
      return this.#contexts()(name);
    };
    for (const step of steps) {
      if (!holds(step.condition ?? 'success()', status)) continue;
      const inputs = Object.fromEntries([...step.with].map(([name, value]) => [name, evaluate(value, contexts)]));
      const uses = step.uses.replace(/^\$/, this.#options.library);
      const result = await this.step({ ...options, uses, with: inputs });
      if (step.id !== undefined) byId.set(step.id, result);
      if (status === 'success') status = result.conclusion;
      results.push(result);
    }
    const [first, ...rest] = results;
    if (first === undefined) throw new Error(`${action.folder} has no steps.`);
    const outputs = [...action.outputs].map(([name, value]) => [name, evaluate(value, contexts)]);
    return { ...together([first, ...rest], status), outputs: Object.fromEntries(outputs) };
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
      if (name === 'job.status') return this.status;
      if (name.startsWith('github.')) return this.#options.env[`GITHUB_${name.slice('github.'.length).toUpperCase()}`];
      throw new Error(`This runner does not know ${name}.`);
    };
  }

  async #run(
    script: string,
    env: Readonly<Record<string, string>>,
    { onLine, interrupt }: Pick<StepOptions, 'onLine' | 'interrupt'>,
    cancel: AbortSignal,
  ): Promise<Left> {
    this.#count += 1;
    const left = await runScript({
      node: this.#options.node,
      script,
      workspace: this.#options.workspace,
      folder: join(this.#options.temp, '_runner_file_commands', String(this.#count)),
      env: { ...this.#options.env, ...this.#runnerVariables(), ...Object.fromEntries(this.#env), ...env },
      masks: this.#masks,
      cancel,
      graces: this.#options.graces ?? GRACES,
      onStart: (child) => {
        this.#running = child;
        if (interrupt?.at === 'start') this[interrupt.by]();
      },
      onLine: (line) => {
        onLine?.(line);
        if (interrupt !== undefined && interrupt.at !== 'start' && interrupt.at.test(line)) this[interrupt.by]();
      },
    });
    this.#running = undefined;
    for (const [name, value] of left.env) this.#env.set(name, value);
    if (left.path.length > 0) this.#env.set('PATH', [...left.path].reverse().concat(this.#path()).join(delimiter));
    return left;
  }

  #path(): string {
    return this.#env.get('PATH') ?? this.#options.env['PATH'] ?? '';
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

const stateOf = (result: StepResult | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(result?.state ?? {}).map(([name, value]) => [`STATE_${name}`, value]));
