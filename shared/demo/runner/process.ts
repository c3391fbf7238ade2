import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How long GitHub's runner waits after SIGINT, and then after SIGTERM, before it kills the step. Milliseconds. */
export const SIGINT_GRACE_MS = 7_500;
export const SIGTERM_GRACE_MS = 2_500;

interface ProcessOptions {
  readonly node: string;
  readonly script: string;
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Aborting cancels: the runner's signals with the runner's timing. */
  readonly cancel: AbortSignal;
  readonly graces: { readonly sigintMs: number; readonly sigtermMs: number };
  /** Handed the process as soon as it lives, so that it can be killed. */
  readonly onStart: (child: ChildProcess) => void;
}

interface Ended {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Runs one script of an action to its end, as the runner does. */
export async function runProcess(options: ProcessOptions): Promise<Ended> {
  const child = spawn(options.node, [options.script], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart(child);
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', options.onLine);
  const stopCancelling = cancelOn(options, child);
  try {
    // `close` rather than `exit`: the output is complete only then.
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
    });
  } finally {
    stopCancelling();
  }
}

function cancelOn({ cancel, graces }: ProcessOptions, child: ChildProcess): () => void {
  const timers: NodeJS.Timeout[] = [];
  const begin = () => {
    child.kill('SIGINT');
    timers.push(setTimeout(() => child.kill('SIGTERM'), graces.sigintMs));
    timers.push(setTimeout(() => child.kill('SIGKILL'), graces.sigintMs + graces.sigtermMs));
  };
  if (cancel.aborted) begin();
  else cancel.addEventListener('abort', begin, { once: true });
  return () => {
    cancel.removeEventListener('abort', begin);
    timers.forEach(clearTimeout);
  };
}

/**
 * What the runner does at the end of a job: it kills what the job left behind, told by the RUNNER_TRACKING_ID in its
 * environment. Linux only (elsewhere nothing is found); what must outlive a job has to start without that variable.
 */
export function killOrphans(trackingId: string): readonly number[] {
  const killed: number[] = [];
  for (const name of process.platform === 'linux' ? readdirSync('/proc') : []) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || pid === process.pid || !hasTrackingId(pid, trackingId)) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed.push(pid);
    } catch {
      // It ended between the look and the kill.
    }
  }
  return killed;
}

function hasTrackingId(pid: number, trackingId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`);
  } catch {
    return false;
  }
}
