import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { type Clock, userError } from '../model/index.ts';
import { isErrno } from './disk.ts';

/*
 * Processes of this machine that outlive the action. One is named by its id and the time it started, so that another
 * one which got the same id later is never taken for it.
 */

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and clock ticks since then (Linux), else the start time as the system prints it. Only ever compared. */
  readonly start: string;
  /** Name of the machine: elsewhere the id means nothing. */
  readonly host: string;
}

/** `elsewhere`: it belongs to another machine, from which this one cannot tell. */
type Life = 'alive' | 'dead' | 'elsewhere';

interface DetachedOptions {
  /** The program and its arguments; the program by an absolute path, or sought in `env.PATH`. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the process: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it prints is appended here. */
  readonly logFile: string;
  /** Its identity is written here by the process itself, before the program begins. */
  readonly identityFile: string;
}

export interface Detached {
  readonly identity: ProcessIdentity;
  /** How it ended, should that happen while this process is there to see it: the exit code, or the name of a signal. */
  readonly ended: Promise<number | string>;
}

/** How long the shell may take to write the identity, in attempts of IDENTITY_POLL_MS. */
const IDENTITY_ATTEMPTS = 2_000;
const IDENTITY_POLL_MS = 5;
/** How often a process that was told to end is looked at, and how long after SIGKILL it may still be there. */
const STOP_POLL_MS = 25;
const KILL_WAIT_MS = 5_000;
/** Processes that a stopped one has left in its group get this long before they are killed. */
const GROUP_WAIT_MS = 500;

const run = promisify(execFile);

/**
 * The process writes down who it is before it becomes the program (`exec` keeps id and start time), so that it is found
 * again even if the action is killed right after the spawn. Only builtins of the shell, since PATH is the program's.
 */
const INTRODUCE = `
file=$1; shift
if { read -r stat < "/proc/$$/stat" && read -r boot < /proc/sys/kernel/random/boot_id; } 2>/dev/null; then :
else boot=-; stat=$(LC_ALL=C /bin/ps -o stat=,lstart= -p "$$"); fi
printf '%s\\n%s\\n%s\\n.\\n' "$$" "$boot" "$stat" > "$file" || exit 126
exec "$@"
`;

/**
 * Starts a program in a session and process group of its own; it outlives this process. On Windows its identity is
 * written by this process after the spawn: an action that is killed in between leaves a process that no one finds.
 * Throws `start-failed` when it ends before it is the program.
 */
export async function spawnDetached(options: DetachedOptions): Promise<Detached> {
  await rm(options.identityFile, { force: true });
  const log = openSync(options.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = start(options, log);
  } finally {
    closeSync(log);
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('error', (error) => resolve(error.message));
  });
  child.unref();
  return { identity: await introduced(child, options, ended), ended };
}

/** Reads what a process wrote about itself; undefined when nothing, or not all of it, is there. */
export async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  });
  const [pid, boot, stat, end] = text.split('\n');
  const start = startOf(boot ?? '', stat ?? '');
  if (end !== '.' || start === undefined || !/^\d+$/.test(pid ?? '')) return undefined;
  return { pid: Number(pid), start, host: hostname() };
}

/** Who this process is. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const start = (await startOfRunning(process.pid)) ?? 'unknown';
  return { pid: process.pid, start, host: hostname() };
}

/** Whether a process is still there: the same one, and not a dead one that nobody has fetched yet. */
export async function lifeOf(identity: ProcessIdentity): Promise<Life> {
  if (identity.host !== hostname()) return 'elsewhere';
  return (await startOfRunning(identity.pid)) === identity.start ? 'alive' : 'dead';
}

interface StopOptions {
  readonly clock: Clock;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs: number;
  /** Everything that is sent goes through here, so that a right to stop can be asked for at that very moment. */
  readonly guard: (act: () => Promise<void>) => Promise<void>;
}

/**
 * Ends a process and its group: SIGTERM, after the grace SIGKILL. One that is gone, or whose id is another's now, is left
 * alone. Throws `internal-error` when it cannot be ended.
 */
export async function stop(identity: ProcessIdentity, options: StopOptions): Promise<void> {
  const { clock, graceMs, guard } = options;
  if ((await lifeOf(identity)) !== 'alive') return;
  await guard(() => signal(identity, 'SIGTERM'));
  if (!(await gone(identity, clock, graceMs))) {
    await guard(() => signal(identity, 'SIGKILL'));
    if (!(await gone(identity, clock, KILL_WAIT_MS))) {
      throw userError('internal-error', `Process ${identity.pid} could not be stopped.`);
    }
  }
  await sweepGroup(identity.pid, clock);
}

function start({ command, cwd, env, identityFile }: DetachedOptions, log: number): ChildProcess {
  const options: SpawnOptions = { cwd, env: { ...env }, detached: true, stdio: ['ignore', log, log] };
  const [program, ...args] = command;
  if (process.platform === 'win32') return spawn(program, args, { ...options, windowsHide: true });
  return spawn('/bin/sh', ['-c', INTRODUCE, 'sh', identityFile, ...command], options);
}

async function introduced(
  child: ChildProcess,
  { identityFile, command, logFile }: DetachedOptions,
  ended: Promise<number | string>,
): Promise<ProcessIdentity> {
  let end: number | string | undefined;
  void ended.then((how) => {
    end = how;
  });
  if (process.platform === 'win32') await introduceFromOutside(child, identityFile);
  for (let attempt = 0; attempt < IDENTITY_ATTEMPTS; attempt += 1) {
    const identity = await readIdentity(identityFile);
    if (identity !== undefined) return identity;
    if (end !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, IDENTITY_POLL_MS));
  }
  throw userError('start-failed', `${command[0]} could not be started (${end ?? 'no answer'}); see ${logFile}.`);
}

async function introduceFromOutside({ pid }: ChildProcess, identityFile: string): Promise<void> {
  const start = pid === undefined ? undefined : await startOfRunning(pid);
  if (start !== undefined) await writeFile(identityFile, `${pid}\n-\nR ${start}\n.\n`);
}

/** The start time of what runs under an id now; undefined when nothing does. */
async function startOfRunning(pid: number): Promise<string | undefined> {
  if (!exists(pid)) return undefined;
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    if (stat !== '') return startOf(boot.trim(), stat.trim());
  }
  return startOf('-', await askSystem(pid));
}

async function askSystem(pid: number): Promise<string> {
  const [program, ...args] =
    process.platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `"R " + (Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]
      : ['ps', '-o', 'stat=,lstart=', '-p', String(pid)];
  const { stdout } = await run(program ?? '', args, { env: { ...process.env, LC_ALL: 'C' } }).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
}

/** Field 22 of /proc/<pid>/stat with the boot it counts from (proc(5)), or what ps says; undefined for a zombie. */
function startOf(boot: string, stat: string): string | undefined {
  if (boot === '-') {
    const [, state = 'Z', start = ''] = /^(\S+)\s+(.+)$/.exec(stat.trim()) ?? [];
    return state.startsWith('Z') ? undefined : start.replace(/\s+/g, ' ');
  }
  const fields = fieldsOf(stat);
  const [state, ticks] = [fields[0] ?? 'Z', fields[19]];
  return state === 'Z' || state === 'X' || ticks === undefined ? undefined : `${boot}:${ticks}`;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process exists all the same.
    return isErrno(error, 'EPERM');
  }
}

async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if ((await lifeOf(identity)) === 'alive') send(groupOf(identity.pid), name);
}

/** On Windows there are no groups of processes. */
const groupOf = (pid: number): number => (process.platform === 'win32' ? pid : -pid);

function send(to: number, name: NodeJS.Signals): void {
  try {
    process.kill(to, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

async function gone(identity: ProcessIdentity, clock: Clock, withinMs: number): Promise<boolean> {
  for (let left = withinMs; ; left -= STOP_POLL_MS) {
    if ((await lifeOf(identity)) !== 'alive') return true;
    if (left <= 0) return false;
    await clock.sleep(STOP_POLL_MS);
  }
}

/** An id is not given away while a group has it, so what is left in the group of a stopped process is its own. */
async function sweepGroup(pid: number, clock: Clock): Promise<void> {
  if (process.platform === 'win32') return;
  for (let left = GROUP_WAIT_MS; await groupLives(pid); left -= STOP_POLL_MS) {
    if (left <= 0) return send(-pid, 'SIGKILL');
    await clock.sleep(STOP_POLL_MS);
  }
}

/** Whether a group has a living member. The dead ones count for the system until their parent has fetched them, which in a container may be never. */
async function groupLives(group: number): Promise<boolean> {
  if (!exists(-group)) return false;
  if (process.platform !== 'linux') return true;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const fields = fieldsOf(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
    if (fields[2] === String(group) && fields[0] !== 'Z' && fields[0] !== 'X') return true;
  }
  return false;
}

/** Fields of /proc/<pid>/stat from the third (state) on, proc(5). The second stands in brackets and may hold anything, brackets too. */
const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
