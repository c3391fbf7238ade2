import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { isErrno } from './disk.ts';

/** The rest of a longer line is left out: nobody reads it, and a log must not fill the memory. */
export const LONGEST_LINE = 16 * 1024;
/** From SIGTERM to SIGKILL; the runner leaves a cancelled step no more than a few seconds. */
const KILL_AFTER_MS = 1_500;

export interface ProgramOptions {
  /** The program and its arguments; no shell is between. */
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment of the process; undefined means not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the program and everything that it has started when it aborts. */
  readonly signal: AbortSignal;
  /** Is told every line as it comes, without its end, `\r` and colours of terminals left out. */
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => void;
}

/** The exit code, the name of the signal that ended it, or that there is no such program. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'missing' };

/**
 * Runs a program to its end and hands its lines on as they come; how it ended is an answer, not an exception. It has a
 * process group of its own, so that what it started ends with it.
 */
export function runProgram({ command, cwd, env, signal, onLine }: ProgramOptions): Promise<ProgramEnd> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve({ kind: 'killed', signal: 'SIGTERM' });
    const child = spawn(program, args, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: hasGroups,
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    let killing: NodeJS.Timeout | undefined;
    const abort = () => {
      killing = stopGroup(child);
    };
    signal.addEventListener('abort', abort, { once: true });
    const streams = (['stdout', 'stderr'] as const).map((from) => {
      const lines = new Lines((line) => onLine(line, from));
      child[from].on('data', (chunk: Buffer) => lines.add(chunk));
      return lines;
    });
    child.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      if (isErrno(error, 'ENOENT')) resolve({ kind: 'missing' });
      else reject(error);
    });
    child.on('close', (code, name) => {
      signal.removeEventListener('abort', abort);
      clearTimeout(killing);
      for (const lines of streams) lines.end();
      resolve(code === null ? { kind: 'killed', signal: name ?? 'unknown' } : { kind: 'exited', code });
    });
  });
}

/** What a program said, when it is little and was asked for: its lines up to a bound. */
export async function askProgram(
  options: Omit<ProgramOptions, 'onLine'>,
): Promise<{ readonly end: ProgramEnd; readonly stdout: readonly string[]; readonly stderr: readonly string[] }> {
  const said: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  const end = await runProgram({
    ...options,
    onLine: (line, from) => {
      if (said[from].length < MOST_LINES) said[from].push(line);
    },
  });
  return { end, ...said };
}

const MOST_LINES = 1_000;
/** On Windows there are no groups of processes. */
const hasGroups = process.platform !== 'win32';

function stopGroup(child: ChildProcess): NodeJS.Timeout {
  send(child, 'SIGTERM');
  return setTimeout(() => {
    send(child, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, KILL_AFTER_MS);
}

function send(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (!hasGroups) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // All of it has ended by itself.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Cuts a stream of bytes into lines. */
class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const [first = '', ...more] = this.#decoder.write(chunk).split('\n');
    this.#grow(first);
    for (const part of more) {
      this.#flush();
      this.#grow(part);
    }
  }

  end(): void {
    this.#grow(this.#decoder.end());
    if (this.#rest !== '') this.#flush();
  }

  #grow(part: string): void {
    if (this.#rest.length < LONGEST_LINE) this.#rest = `${this.#rest}${part}`.slice(0, LONGEST_LINE);
  }

  #flush(): void {
    this.#onLine(plain(this.#rest));
    this.#rest = '';
  }
}

/** Colours and cursor movements (ECMA-48, CSI sequences), built from its number so that no control character stands here. */
const CSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** A line as it would stand on the screen in the end: what a `\r` wrote over is gone. */
const plain = (line: string): string => line.replace(/\r$/, '').replace(/^.*\r/s, '').replace(CSI, '');
