import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { clip, userError } from '../../model/index.ts';
import { type GitPlace, type GitResult, KILL_AFTER_MS, MAX_ERROR_CHARACTERS, missing } from './place.ts';
import { runLocally } from './run-local.ts';

export type { GitPlace, GitResult } from './place.ts';

/**
 * Runs git with an argument list (no shell). Throws `git-missing` when there is no such program; anything else that goes
 * wrong is told by the result.
 */
export function runGit(place: GitPlace, args: readonly string[], input?: string | Uint8Array): Promise<GitResult> {
  return place.scratch === undefined ? runPiped(place, args, input) : runLocally(place, args, place.scratch, input);
}

/** With pipes: what a remote's programs say may come after the end of git itself. */
function runPiped(
  place: GitPlace,
  args: readonly string[],
  input: string | Uint8Array | undefined,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...place.options, ...args], { env: { ...place.environment }, windowsHide: true });
    const out = new Collector(place.maxOutputBytes);
    const err = new Collector(MAX_ERROR_CHARACTERS * 4);
    let ended: string | undefined;
    const stop = (why: string) => {
      ended ??= why;
      end(child);
    };
    const timer = setTimeout(() => stop(`it took longer than ${place.timeoutMs / 1_000} s`), place.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      if (!out.add(chunk)) stop(`it gave more than ${place.maxOutputBytes} bytes`);
    });
    child.stderr.on('data', (chunk: Buffer) => err.add(chunk));
    // A command that ends before it has read everything closes the pipe; its status tells the story.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(missing(error));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const words = clip(place.redact(err.text()).trim(), MAX_ERROR_CHARACTERS);
      const status = ended === undefined ? (code ?? undefined) : undefined;
      resolve({ status, stdout: out.bytes(), words: [words, ended ?? ''].filter(Boolean).join('; ') });
    });
    child.stdin.end(input);
  });
}

/** The output of a command that must succeed; throws `git-failed` with git's words when it does not. */
export async function gitOutput(place: GitPlace, args: readonly string[], input?: string): Promise<Buffer> {
  const result = await runGit(place, args, input);
  if (result.status !== 0) throw failed(args, result);
  return result.stdout;
}

/** The error for a command that had to succeed. */
export function failed(args: readonly string[], result: GitResult): Error {
  const how = result.status === undefined ? 'was ended' : `failed with status ${result.status}`;
  return userError('git-failed', `\`git ${args[0] ?? ''}\` ${how}: ${result.words || 'it said nothing'}.`);
}

/** Ends git and, when it does not end its children by itself, no longer waits for them. */
function end(child: ChildProcessWithoutNullStreams): void {
  child.kill('SIGTERM');
  setTimeout(() => {
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  }, KILL_AFTER_MS).unref();
}

/** Bytes up to a bound; what comes after is dropped. */
class Collector {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the bound is reached. */
  add(chunk: Buffer): boolean {
    if (this.#size + chunk.length > this.#limit) return false;
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    return true;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}
