import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Annotation, parseCommand, parseCommandFile } from './command-files.ts';
import type { JobStatus } from './expressions.ts';
import { runProcess } from './process.ts';

/** How one script of a step ended, and what it left. */
export interface StepResult {
  /** `cancelled`: the job was cancelled while it ran, whatever its exit code. */
  readonly conclusion: JobStatus;
  readonly exitCode: number | null;
  /** Name of the signal that ended it, if one did. */
  readonly killedBy: string | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** What it saved for its `post:`. */
  readonly state: Readonly<Record<string, string>>;
  /** Markdown of the job summary, masked. */
  readonly summary: string;
  /** Output as the log shows it: masked, without commands. */
  readonly log: readonly string[];
  readonly annotations: readonly Annotation[];
  /** All that it wrote to the runner (log, commands, outputs, state, summary) before masking; only its `add-mask` is left out. */
  readonly unmasked: string;
  readonly durationMs: number;
}

/** Values that the log must not show, of one job. */
export class Masks {
  readonly #values = new Set<string>();

  add(value: string): void {
    if (value.trim() !== '') this.#values.add(value);
  }

  hide(text: string): string {
    return [...this.#values].reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  }
}

interface ScriptRun {
  readonly node: string;
  readonly script: string;
  readonly workspace: string;
  /** A folder of this run alone, for its command files. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly masks: Masks;
  readonly cancel: AbortSignal;
  readonly graces: { readonly sigintMs: number; readonly sigtermMs: number };
  readonly onLine: (line: string) => void;
  readonly onStart: (child: ChildProcess) => void;
}

/** What a script leaves for the steps after it. */
export interface Left {
  readonly result: StepResult;
  /** Variables for later steps (`GITHUB_ENV`), and folders for the front of their PATH (`GITHUB_PATH`). */
  readonly env: ReadonlyMap<string, string>;
  readonly path: readonly string[];
}

/** Runs one script with command files of its own, and reads what it wrote. */
export async function runScript(run: ScriptRun): Promise<Left> {
  const files = commandFiles(run.folder);
  const log = new LogReader(run.masks, run.onLine);
  const started = performance.now();
  const ended = await runProcess({
    node: run.node,
    script: run.script,
    cwd: run.workspace,
    env: { ...run.env, ...files },
    onLine: (line) => log.read(line),
    cancel: run.cancel,
    graces: run.graces,
    onStart: run.onStart,
  });
  const read = (name: keyof typeof files) => readFileSync(files[name], 'utf8');
  const wrote = [...log.raw, read('GITHUB_OUTPUT'), read('GITHUB_STATE'), read('GITHUB_STEP_SUMMARY')];
  const result: StepResult = {
    conclusion: run.cancel.aborted ? 'cancelled' : ended.exitCode === 0 ? 'success' : 'failure',
    exitCode: ended.exitCode,
    killedBy: ended.signal,
    outputs: Object.fromEntries(parseCommandFile(read('GITHUB_OUTPUT'))),
    state: Object.fromEntries(parseCommandFile(read('GITHUB_STATE'))),
    summary: run.masks.hide(read('GITHUB_STEP_SUMMARY')),
    log: log.shown,
    annotations: log.annotations,
    unmasked: wrote.join('\n'),
    durationMs: performance.now() - started,
  };
  return { result, env: parseCommandFile(read('GITHUB_ENV')), path: read('GITHUB_PATH').split('\n').filter(Boolean) };
}

/** Results of scripts that are one step: the last one's end, and all that they wrote. */
export function together(results: readonly [StepResult, ...StepResult[]], conclusion: JobStatus): StepResult {
  const last = results.at(-1) ?? results[0];
  return {
    ...last,
    conclusion,
    state: Object.assign({}, ...results.map((it) => it.state)),
    summary: results.map((it) => it.summary).join('\n'),
    log: results.flatMap((it) => it.log),
    annotations: results.flatMap((it) => it.annotations),
    unmasked: results.map((it) => it.unmasked).join('\n'),
    durationMs: results.reduce((sum, it) => sum + it.durationMs, 0),
  };
}

const LEVELS = new Set(['error', 'warning', 'notice']);
/** Commands that show nothing in the log. */
const SILENT = new Set(['add-mask', 'debug']);

/** Reads the output of a script line by line: what the log shows, and what the commands in it say. */
class LogReader {
  readonly shown: string[] = [];
  readonly raw: string[] = [];
  readonly annotations: Annotation[] = [];
  readonly #masks: Masks;
  readonly #onLine: (line: string) => void;

  constructor(masks: Masks, onLine: (line: string) => void) {
    this.#masks = masks;
    this.#onLine = onLine;
  }

  read(line: string): void {
    const { name, value, properties } = parseCommand(line) ?? { name: '', value: line, properties: {} };
    if (name === 'add-mask') this.#masks.add(value);
    else this.raw.push(line);
    if (isLevel(name)) this.annotations.push({ level: name, message: this.#masks.hide(value), properties });
    if (SILENT.has(name)) return;
    const shown = this.#masks.hide(value);
    this.shown.push(shown);
    this.#onLine(shown);
  }
}

const isLevel = (name: string): name is Annotation['level'] => LEVELS.has(name);

function commandFiles(folder: string) {
  mkdirSync(folder, { recursive: true });
  const file = (kind: string) => {
    const path = join(folder, kind);
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
