import { type ProgramEnd, runProgram } from '../../io/programs.ts';
import { clip, type Log, type ReasonCode, userError } from '../../model/index.ts';
import { programEnvironment } from '../environment.ts';

/** Last lines of a program that are kept for the error. */
const KEPT_LINES = 5;
const LONGEST_WORDS = 500;
/** Programs that speak with other services may hang with them. */
const TIMEOUT_MS = 600_000;

export interface ToolMachine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that programs do not get. */
  readonly withheld: readonly string[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A program that says something about an image, and how to speak of it. */
export interface Tool {
  readonly command: readonly [string, ...string[]];
  /** Variables beside those of the action. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it is doing, for the log. */
  readonly title: string;
  /** Of the error when it fails. */
  readonly code: ReasonCode;
}

/** Runs a program that must succeed. False: there is no such program. Throws the tool's code, and `cancelled`. */
export async function runTool({ command, env = {}, title, code }: Tool, machine: ToolMachine): Promise<boolean> {
  const said: string[] = [];
  const close = machine.log.fold(title);
  const late = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const end = await runProgram({
      command,
      env: { ...programEnvironment(machine.env, machine.withheld), ...env },
      signal: AbortSignal.any([machine.signal, late]),
      onLine: (line) => {
        machine.log.info(line);
        if (line.trim() !== '') said.push(line);
        if (said.length > KEPT_LINES) said.shift();
      },
    });
    if (machine.signal.aborted) throw userError('cancelled', `\`${command[0]}\` was cancelled.`);
    if (end.kind === 'missing') return false;
    if (end.kind === 'exited' && end.code === 0) return true;
    const words = clip(said.join(' '), LONGEST_WORDS).replace(/\.$/, '');
    throw userError(code, `\`${command[0]}\` ${howItEnded(end, late.aborted)}: ${words || 'it said nothing'}.`);
  } finally {
    close();
  }
}

function howItEnded(end: Exclude<ProgramEnd, { kind: 'missing' }>, late: boolean): string {
  if (late) return `did not end within ${TIMEOUT_MS / 60_000} minutes`;
  return end.kind === 'exited' ? `ended with ${end.code}` : `was ended by ${end.signal}`;
}
