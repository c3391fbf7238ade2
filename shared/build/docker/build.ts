import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { askProgram, type ProgramEnd, runProgram } from '../../io/programs.ts';
import { type Place, problem, userError } from '../../model/index.ts';
import type { BuildMachine } from '../builder.ts';
import { type Client, findClient } from './client.ts';
import { type BuildCommand, buildArguments } from './command.ts';
import { concessionFor } from './concessions.ts';
import { type Failure, readFailure, Tail } from './output.ts';
import { remedyFor } from './remedies.ts';

/** What a run of the builder is about, beside its command line. */
export interface BuildRun {
  readonly service: string;
  /** A folder that the image is written into. */
  readonly scratch: string;
  /** The Dockerfile, from the root of the repository. */
  readonly dockerfile: string;
  /** The whole environment of the builder's client. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Longest words of a builder in an error; the log has them all. */
const LONGEST_WORDS = 500;

/**
 * Runs the build; what the builder refuses and the image can be had without is left out and said. Gives the path of the
 * image: an OCI layout, or an archive of `docker save`. Throws `builder-missing`, `build-failed`, `cancelled`.
 */
export async function runBuild(first: BuildCommand, run: BuildRun, machine: BuildMachine): Promise<string> {
  const client = await findClient({ env: run.env, signal: machine.signal });
  // Each is made once at most, so this ends.
  for (let command = first; ; ) {
    const { end, said } = await attempt(command, client, run, machine);
    if (end.kind === 'exited' && end.code === 0) return await imageOf(command, client, run, machine);
    if (machine.signal.aborted) throw userError('cancelled', `The build of ${run.service} was cancelled.`);
    const conceded = concessionFor(command, said.join('\n'));
    if (conceded === undefined) throw explain(readFailure(said), end, run, machine);
    machine.log.notice(problem('builder-limited', conceded.notice));
    command = conceded.command;
  }
}

async function attempt(
  command: BuildCommand,
  { buildx }: Client,
  { service, env }: BuildRun,
  { log, signal }: BuildMachine,
): Promise<{ readonly end: ProgramEnd; readonly said: readonly string[] }> {
  const tail = new Tail();
  const close = log.fold(`Build of ${service}`);
  try {
    const end = await runProgram({
      command: [...buildx, ...buildArguments(command)],
      env,
      signal,
      onLine: (line) => {
        tail.add(line);
        log.info(line);
      },
    });
    return { end, said: tail.lines() };
  } finally {
    close();
  }
}

async function imageOf(
  { output }: BuildCommand,
  client: Client,
  run: BuildRun,
  machine: BuildMachine,
): Promise<string> {
  if (output.kind === 'layout') return output.directory;
  const archive = join(run.scratch, 'saved.tar');
  const [docker, ...more] = client.docker ?? ['docker'];
  const ask = (...args: readonly string[]) =>
    askProgram({ command: [docker, ...more, 'image', ...args], env: run.env, signal: machine.signal });
  const { end, stderr } = await ask('save', `--output=${archive}`, output.name);
  await ask('rm', output.name);
  if (end.kind === 'exited' && end.code === 0) return archive;
  await rm(archive, { force: true });
  throw userError('build-failed', `The image of ${run.service} could not be saved: ${stderr.join(' ') || end.kind}.`);
}

/** Shows the end of the step that failed once more, where everybody sees it, and gives the error. */
function explain(failure: Failure, end: ProgramEnd, run: BuildRun, { log }: BuildMachine): Error {
  const { step, lines, line, error } = failure;
  if (step !== undefined) for (const it of [`Last lines of ${step}:`, ...lines.map((it) => `  ${it}`)]) log.info(it);
  const ended = end.kind === 'killed' ? ` (ended by ${end.signal})` : '';
  const words = error.slice(0, LONGEST_WORDS).replace(/\.$/, '');
  const what = step === undefined ? `The build of ${run.service}` : `The step \`${step}\` of ${run.service}`;
  const at: Place = { file: run.dockerfile, ...(line === undefined ? {} : { line }) };
  const remedy = remedyFor(failure);
  return userError('build-failed', `${what} failed${ended}: ${words}.`, {
    ...(step === undefined && line === undefined ? {} : { at }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
