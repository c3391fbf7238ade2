import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { clip } from '../../model/index.ts';
import { type GitPlace, type GitResult, KILL_AFTER_MS, MAX_ERROR_CHARACTERS, missing } from './place.ts';

/** How often the size of what was written is looked at. */
const LOOK_MS = 100;

/**
 * Runs a command whose input and output are files, removed again as soon as they are open. Pipes to a child cost Node more
 * time than git takes for most answers, and hold what is read twice. The end of the process is the end of its output, so
 * this is for commands that leave no process behind: those that do not speak with a remote.
 *
 * @param scratch folder for the files
 */
export function runLocally(
  place: GitPlace,
  args: readonly string[],
  scratch: string,
  input: string | Uint8Array | undefined,
): Promise<GitResult> {
  const files = new Files(scratch, input);
  return new Promise<GitResult>((resolve, reject) => {
    const child = spawn('git', [...place.options, ...args], {
      env: { ...place.environment },
      windowsHide: true,
      stdio: [files.input ?? 'ignore', files.output, files.errors],
    });
    const bounds = bound(child, place, files);
    child.on('error', (error) => {
      bounds.lift();
      reject(missing(error));
    });
    child.on('exit', (code) => {
      bounds.lift();
      const why = bounds.broken() ?? tooLarge(files, place);
      const words = clip(place.redact(files.said()).trim(), MAX_ERROR_CHARACTERS);
      const stdout = why === undefined ? contentOf(files.output) : Buffer.alloc(0);
      const status = why === undefined ? (code ?? undefined) : undefined;
      resolve({ status, stdout, words: [words, why ?? ''].filter(Boolean).join('; ') });
    });
  }).finally(() => files.close());
}

/** The open files of one command. */
class Files {
  readonly input: number | undefined;
  readonly output: number;
  readonly errors: number;

  constructor(scratch: string, input: string | Uint8Array | undefined) {
    this.input = input === undefined ? undefined : nameless(scratch);
    this.output = nameless(scratch);
    this.errors = nameless(scratch);
    if (this.input !== undefined && input !== undefined) fill(this.input, Buffer.from(input));
  }

  /** The beginning of what git said of an error. */
  said(): string {
    return contentOf(this.errors, MAX_ERROR_CHARACTERS * 4).toString('utf8');
  }

  close(): void {
    for (const file of [this.input, this.output, this.errors]) if (file !== undefined) closeSync(file);
  }
}

function nameless(scratch: string): number {
  const path = join(scratch, `git-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

/** Writes at a place of its own: where git begins to read stays the beginning. */
function fill(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
}

function contentOf(file: number, most = Number.POSITIVE_INFINITY): Buffer {
  const bytes = Buffer.allocUnsafe(Math.min(fstatSync(file).size, most));
  let at = 0;
  for (let read = 1; read > 0 && at < bytes.length; at += read) read = readSync(file, bytes, at, bytes.length - at, at);
  return bytes.subarray(0, at);
}

interface Bounds {
  /** Why the command was ended. */
  broken(): string | undefined;
  lift(): void;
}

/** Ends a command that takes too long or writes too much. */
function bound(child: ChildProcess, place: GitPlace, files: Files): Bounds {
  let why: string | undefined;
  const stop = (reason: string | undefined) => {
    if (reason === undefined || why !== undefined) return;
    why = reason;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  const timeout = setTimeout(() => stop(`it took longer than ${place.timeoutMs / 1_000} s`), place.timeoutMs);
  const look = setInterval(() => stop(tooLarge(files, place)), LOOK_MS);
  const lift = () => {
    clearTimeout(timeout);
    clearInterval(look);
  };
  return { broken: () => why, lift };
}

function tooLarge(files: Files, { maxOutputBytes }: GitPlace): string | undefined {
  return fstatSync(files.output).size > maxOutputBytes ? `it gave more than ${maxOutputBytes} bytes` : undefined;
}
