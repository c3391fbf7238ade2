import { isErrno } from '../io/disk.ts';
import { type ProgramEnd, runProgram } from '../io/programs.ts';
import {
  type Clock,
  clip,
  type Digest,
  formatDuration,
  formatImage,
  type GateSettings,
  type ImageRef,
  type Log,
  type Redact,
  type ServiceName,
  userError,
} from '../model/index.ts';
import { programEnvironment } from './environment.ts';

/** What is kept of a gate's output, its end: the log has all of it. */
const KEPT_LINES = 40;
const LONGEST_KEPT_LINE = 300;

/** An image that gates look at. No tag points at it yet. */
export interface GateSubject {
  readonly service: ServiceName;
  readonly digest: Digest;
  /** Where it can be pulled from; undefined when it is in no registry. */
  readonly image: ImageRef | undefined;
  /** Absolute path of an OCI layout that has all of its bytes; made when it is first asked for. */
  readonly layout: () => Promise<string>;
}

export interface GateMachine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that gates do not get. */
  readonly withheld: readonly string[];
  /** The service's folder, absolute. */
  readonly cwd: string;
  readonly log: Log;
  readonly redact: Redact;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What one gate said. */
export interface GateResult {
  readonly name: string;
  /** `left-out`: it asks for `{image}`, and there is none that could be pulled. */
  readonly verdict: 'passed' | 'failed' | 'left-out';
  /** For people. */
  readonly sentence: string;
  /** The last lines of its output, without secrets. */
  readonly output: readonly string[];
  readonly durationMs: number;
}

/**
 * Runs every gate, one after the other and without a shell, so that one look tells all that is wrong with an image. A
 * gate passes when it ends with 0. Throws `cancelled`, and what making the layout throws.
 */
export async function runGates(
  gates: readonly GateSettings[],
  subject: GateSubject,
  machine: GateMachine,
): Promise<readonly GateResult[]> {
  const results: GateResult[] = [];
  for (const gate of gates) results.push(await runGate(gate, subject, machine));
  return results;
}

/** Throws `gate-failed`, naming each gate that did not pass. */
export function mustPass(subject: Pick<GateSubject, 'service' | 'digest'>, results: readonly GateResult[]): void {
  const failed = results.filter(({ verdict }) => verdict === 'failed');
  if (failed.length === 0) return;
  const sentence = `${failed.map((it) => it.sentence).join(' ')} ${subject.service} at ${subject.digest} gets no tag.`;
  throw userError('gate-failed', sentence, { remedy: 'Read what the gate said, in the log and the summary.' });
}

async function runGate(gate: GateSettings, subject: GateSubject, machine: GateMachine): Promise<GateResult> {
  if (uses(gate, 'image') && subject.image === undefined) return leftOut(gate);
  const values = {
    image: subject.image === undefined ? '' : formatImage(subject.image),
    digest: subject.digest,
    service: subject.service,
    layout: uses(gate, 'layout') ? await subject.layout() : '',
  };
  const [program = '', ...args] = gate.run.map((it) => fill(it, values));
  return await attend(gate, [program, ...args], machine);
}

async function attend(
  gate: GateSettings,
  command: readonly [string, ...string[]],
  machine: GateMachine,
): Promise<GateResult> {
  const output: string[] = [];
  const late = AbortSignal.timeout(gate.timeoutMs);
  const close = machine.log.fold(`Gate ${gate.name}`);
  const started = machine.clock.now();
  try {
    const end = await start(command, late, machine, (line) => {
      machine.log.info(line);
      output.push(clip(machine.redact(line), LONGEST_KEPT_LINE));
      if (output.length > KEPT_LINES) output.shift();
    });
    if (machine.signal.aborted) throw userError('cancelled', `The gate ${gate.name} was cancelled.`);
    const why = late.aborted ? lateWords(gate) : failure(end, command[0]);
    return {
      name: gate.name,
      verdict: why === undefined ? 'passed' : 'failed',
      sentence: `The gate ${gate.name} ${why ?? 'passed'}.`,
      output,
      durationMs: machine.clock.now() - started,
    };
  } finally {
    close();
  }
}

type GateEnd = ProgramEnd | { readonly kind: 'forbidden' };

async function start(
  command: readonly [string, ...string[]],
  late: AbortSignal,
  { env, withheld, cwd, signal }: GateMachine,
  onLine: (line: string) => void,
): Promise<GateEnd> {
  try {
    return await runProgram({
      command,
      cwd,
      env: programEnvironment(env, withheld),
      signal: AbortSignal.any([signal, late]),
      onLine,
    });
  } catch (error) {
    if (isErrno(error, 'EACCES')) return { kind: 'forbidden' };
    throw error;
  }
}

/** How a gate did not pass, as the end of a sentence; undefined when it did. */
function failure(end: GateEnd, program: string): string | undefined {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? undefined : `did not pass: it ended with ${end.code}`;
    case 'killed':
      return `was ended by ${end.signal}`;
    case 'missing':
      return `cannot run: there is no program \`${program}\` on this runner`;
    case 'forbidden':
      return `cannot run: \`${program}\` may not be executed`;
  }
}

const lateWords = ({ timeoutMs }: GateSettings): string => `did not end within ${formatDuration(timeoutMs)}`;

const leftOut = ({ name }: GateSettings): GateResult => ({
  name,
  verdict: 'left-out',
  sentence: `The gate ${name} asks for {image}, and this run pushes none.`,
  output: [],
  durationMs: 0,
});

type Placeholder = 'layout' | 'image' | 'digest' | 'service';

const PLACEHOLDER = /\{(layout|image|digest|service)\}/g;

/** Whether a gate is told something about the image that has to be made for it. */
export const uses = ({ run }: Pick<GateSettings, 'run'>, name: Placeholder): boolean =>
  run.some((it) => it.includes(`{${name}}`));

const fill = (text: string, values: Readonly<Record<Placeholder, string>>): string =>
  text.replace(PLACEHOLDER, (_all, name: Placeholder) => values[name]);
