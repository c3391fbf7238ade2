import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setSecret } from '@actions/core';
import {
  type Clock,
  formatProblem,
  type Json,
  type Log,
  messageOf,
  openRedactor,
  type Problem,
  problem,
  type Random,
  type ReasonCode,
  type Redact,
  type RunContext,
  UserError,
} from '../../model/index.ts';
import { systemClock } from '../clock.ts';
import { explainDisk } from '../disk.ts';
import { type Env, readRun } from './context.ts';
import { stateOf, writeMarkdown, writeValues } from './file-commands.ts';
import { handedEnv, handedSecrets } from './handed-env.ts';
import { readInputs } from './inputs.ts';
import { runnerLog } from './log.ts';
import { boundSummary, formatReport } from './report.ts';
import { secretsIn } from './secrets.ts';
import type { ActionInterface, AnyAction, InputTable, InputValues } from './table.ts';
import { markdownText, safeLines } from './text.ts';

/** What a flow gets of the world; a test hands in its own. */
export interface World {
  readonly run: RunContext;
  readonly env: Env;
  /** Absolute path of the folder that the action works in. */
  readonly directory: string;
  /** A folder for what need not outlive the job. */
  readonly temp: string;
  readonly token: string | undefined;
  readonly log: Log;
  readonly redact: Redact;
  /** Is told every secret that is learned on the way, such as a password that was read from a file: nothing leaves with it. */
  readonly learn: (secret: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof globalThis.fetch;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Keeps a value for the `post:` step, as JSON; the newest counts. It must hold no secret. */
  saveState(value: object): void;
}

/** How an action ended. */
export interface ActionResult<OutputName extends string> {
  readonly ok: boolean;
  readonly status: string;
  readonly reason: ReasonCode | undefined;
  /** One sentence for the log and, when it failed, for the annotation. */
  readonly sentence: string;
  readonly remedy?: string;
  readonly outputs: Readonly<Record<Exclude<OutputName, 'report'>, string>>;
  /** Markdown for the job summary. */
  readonly summary: string;
  readonly report: Readonly<Record<string, Json>>;
}

export interface ActionFlow<Inputs extends InputTable, OutputName extends string> {
  main(inputs: InputValues<Inputs>, world: World): Promise<ActionResult<OutputName>>;
}

/** What follows a step at the end of its job. */
export interface PostFlow {
  /** Gets what `main` saved; undefined when it saved nothing, and then there is nothing to do. Reads no inputs. */
  post(saved: unknown, world: World): Promise<PostResult>;
}

export interface PostResult {
  readonly summary: string;
  readonly problems: readonly Problem[];
}

/** Name under which the runner keeps what `main` leaves for `post:`. */
const SAVED = 'saved';
/** After a signal the step has this long to come to rest; the runner kills it after 7.5 s. */
const REST_AFTER_SIGNAL_MS = 2_500;

/** Runs the step itself, and sets the exit code of this process. The only caller is an action's main.ts. */
export function runMain<Inputs extends InputTable, Outputs extends Readonly<Record<string, string>>>(
  action: ActionInterface<Inputs, Outputs>,
  flow: ActionFlow<Inputs, keyof Outputs & string>,
): Promise<void> {
  return settle(action, (world) => mainStep(action, flow, world));
}

/**
 * Runs what follows the step at the end of the job, and sets the exit code. The only caller is an action's post.ts, a
 * program of its own: a `main` that was ended before its first line has left nothing by which one program could tell
 * that it is not `main`.
 */
export function runPost(action: AnyAction, flow: PostFlow): Promise<void> {
  return settle(action, (world) => postStep(flow, world));
}

async function settle(action: AnyAction, step: (world: World) => Promise<number>): Promise<void> {
  const world = openWorld(process.env);
  try {
    process.exitCode = await step(world);
  } catch (thrown) {
    process.exitCode = 1;
    fail(action, thrown, world);
  }
}

async function mainStep<Inputs extends InputTable, Outputs extends Readonly<Record<string, string>>>(
  action: ActionInterface<Inputs, Outputs>,
  flow: ActionFlow<Inputs, keyof Outputs & string>,
  world: World,
): Promise<number> {
  const result = await flow.main(readInputs(action.inputs, process.env), world);
  const outputs: Readonly<Record<string, string>> = result.outputs;
  const report = reportOf(action.name, result.status, result.reason, result.report);
  writeOutputs({ ...outputs, report }, world);
  writeSummary(result.summary, world);
  if (result.ok) {
    world.log.info(result.sentence);
    return 0;
  }
  const more = result.remedy === undefined ? {} : { remedy: result.remedy };
  world.log.error(problem(result.reason ?? 'internal-error', result.sentence, more));
  return 1;
}

async function postStep(flow: PostFlow, world: World): Promise<number> {
  const result = await flow.post(parseSaved(stateOf(SAVED, world.env)), world);
  for (const it of result.problems) world.log.error(it);
  writeSummary(result.summary, world);
  return result.problems.length === 0 ? 0 : 1;
}

/** A thrown error becomes what every failing outcome is: annotations, a report, a summary. */
function fail(action: AnyAction, thrown: unknown, world: World): void {
  const problems = problemsOf(thrown);
  const isBug = problems.some((it) => it.code === 'internal-error');
  if (isBug && thrown instanceof Error) world.log.info(thrown.stack ?? thrown.message);
  for (const it of problems) world.log.error(it);
  try {
    reportFailure(action, problems, world);
  } catch (again) {
    // Where not even that can be written (a full disk, a file of the runner's that is gone), the log has it.
    const told = new Set(problems.map((it) => it.code));
    for (const it of problemsOf(again)) if (!told.has(it.code)) world.log.error(it);
  }
}

function reportFailure(action: AnyAction, problems: readonly Problem[], world: World): void {
  const reason = problems[0]?.code ?? 'internal-error';
  const sentences = problems.map((it) => world.redact(formatProblem(it)));
  const status = action.failures?.includes(reason) === true ? reason : 'failed';
  const report = reportOf(action.name, status, reason, { problems: sentences });
  const outputs = { status, reason, report };
  const promised = Object.entries(outputs).filter(([name]) => name === 'report' || name in action.outputs);
  writeOutputs(Object.fromEntries(promised), world);
  const lines = sentences.map((it) => `- ${markdownText(it)}`);
  writeSummary(`### ${action.title}: failed\n\n${lines.join('\n')}\n`, world);
}

function problemsOf(thrown: unknown): readonly Problem[] {
  const known = explainDisk(thrown, 'the files of this step');
  if (known instanceof UserError) return known.problems;
  return [problem('internal-error', `${messageOf(thrown)}.`)];
}

const reportOf = (
  action: string,
  status: string,
  reason: string | undefined,
  details: Readonly<Record<string, Json>>,
): string => formatReport({ schema: 1, action, status, reason: reason ?? null }, details);

function writeOutputs(outputs: Readonly<Record<string, string>>, { env, redact }: World): void {
  const clean = Object.entries(outputs).map(([name, value]) => [name, redact(value)] as const);
  writeValues('OUTPUT', Object.fromEntries(clean), env);
}

function writeSummary(markdown: string, { env, redact }: World): void {
  if (markdown !== '') writeMarkdown(boundSummary(redact(markdown)), env);
}

function openWorld(given: NodeJS.ProcessEnv): World {
  const handed = handedEnv(given);
  const env = { ...given, ...handed };
  const token = (env['INPUT_GITHUB-TOKEN'] ?? '').trim() || undefined;
  const secrets = [...secretsIn(env), ...handedSecrets(handed), ...(token === undefined ? [] : [token])];
  for (const secret of secrets) announceSecret(secret, env);
  const { redact, learn } = openRedactor(secrets);
  const workspace = env['GITHUB_WORKSPACE'] ?? process.cwd();
  return {
    run: readRun(env),
    env,
    directory: resolve(workspace, (env['INPUT_WORKING-DIRECTORY'] ?? '').trim()),
    temp: env['RUNNER_TEMP'] ?? tmpdir(),
    token,
    log: runnerLog(redact),
    redact,
    learn: (secret) => {
      announceSecret(secret, env);
      learn(secret);
    },
    clock: systemClock,
    random: Math.random,
    fetch: globalThis.fetch,
    signal: cancellation(),
    saveState: (value) => {
      writeValues('STATE', { [SAVED]: JSON.stringify(value) }, env);
    },
  };
}

/** Tells the runner to mask a value, each of its lines by itself; only a runner reads this, on a terminal it would be the leak. */
function announceSecret(secret: string, env: NodeJS.ProcessEnv): void {
  if (env['GITHUB_ACTIONS'] === 'true')
    safeLines(secret)
      .filter((it) => it.trim() !== '')
      .forEach((it) => {
        setSecret(it);
      });
}

/** The first signal aborts; what then does not come to rest by itself is ended, so that `post:` gets its turn. */
function cancellation(): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
    setTimeout(() => process.exit(1), REST_AFTER_SIGNAL_MS).unref();
  };
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return controller.signal;
}

function parseSaved(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
