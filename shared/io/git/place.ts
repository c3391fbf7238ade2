import { type Redact, userError } from '../../model/index.ts';
import { isErrno } from '../disk.ts';
import type { Environment } from './environment.ts';

/** A million changed paths of ordinary length fit; more than this is not read into memory. */
export const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** What git says about an error is a few lines; a server's banner must not fill the log. */
export const MAX_ERROR_CHARACTERS = 4_000;
/** Enough for git on a very large repository and a slow disk. */
export const LOCAL_TIMEOUT_MS = 120_000;
/** Enough for the history of a very large repository on a slow line. */
export const NETWORK_TIMEOUT_MS = 300_000;
/** After the request to end, git gets this long to end its children too. */
export const KILL_AFTER_MS = 5_000;

/** How one command of git ended. A status other than 0 is an answer, not an exception. */
export interface GitResult {
  /** undefined: it was ended, by the time limit or by the bound of its output. */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  /** What git said, without secrets, trimmed and bounded. */
  readonly words: string;
}

/** Where and how commands are run: the options before the command's name, and the variables. */
export interface GitPlace {
  /** `['-C', folder]` for a work tree, `['--git-dir=…']` for a repository of our own. */
  readonly options: readonly string[];
  readonly environment: Environment;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly redact: Redact;
  /** A folder for what commands write, where they speak with no remote. */
  readonly scratch?: string | undefined;
}

/** The error for a program that could not be started. */
export function missing(error: unknown): unknown {
  if (!isErrno(error, 'ENOENT')) return error;
  return userError('git-missing', 'The program `git` is not on the PATH of this step.', { cause: error });
}
