import { messageOf, UserError } from '../model/index.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { openDesk } from './desk.ts';
import { type Line, readLine, usageOf } from './options.ts';

/** Where lines go: the answer, and what stands in the way of one. */
interface Output {
  readonly answer: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Exit codes: 1 is a "no" (a ledger that is not whole) or a failure, 2 a command line that was not understood. */
const [OK, NO, NOT_UNDERSTOOD] = [0, 1, 2];

/**
 * The command line: questions to the ledger of a clone, or of a remote.
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  directory: string,
  { answer, complain }: Output,
): Promise<number> {
  const asked = parse(args);
  if (asked.kind === 'help') {
    usage().forEach(answer);
    return OK;
  }
  if (asked.kind === 'wrong') {
    [asked.why, '', ...usage()].forEach(complain);
    return NOT_UNDERSTOOD;
  }
  const { command, common, own, operand } = asked;
  try {
    const found = await command.run(await openDesk(common, env, directory), own, operand);
    (common.json ? [JSON.stringify(found.json, null, 2)] : found.lines).forEach(answer);
    return found.ok ? OK : NO;
  } catch (error) {
    complain(error instanceof UserError ? error.message : `internal-error ${messageOf(error)}`);
    return NO;
  }
}

type Asked =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | ({ readonly kind: 'command'; readonly command: Command; readonly operand: string } & Pick<Line, 'common' | 'own'>);

function parse(args: readonly string[]): Asked {
  try {
    return understand(readLine(args, OPTION_NAMES));
  } catch (error) {
    // Node says which option, and what is wrong with it.
    return { kind: 'wrong', why: messageOf(error) };
  }
}

/** Options of all commands. */
const OPTION_NAMES = [...new Set(Object.values(COMMANDS).flatMap((it) => Object.keys(it.options)))];

function understand({ words: [name = 'help', ...rest], common, own }: Line): Asked {
  if (common.help || name === 'help') return { kind: 'help' };
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return { kind: 'wrong', why: `There is no command ${JSON.stringify(name)}.` };
  const [operand = '', ...others] = command.operand === undefined ? ['', ...rest] : rest;
  const [foreign] = [
    ...[...own.keys()].filter((it) => !Object.hasOwn(command.options, it)).map((it) => `--${it}`),
    ...others.map((it) => JSON.stringify(it)),
  ];
  if (foreign !== undefined) return { kind: 'wrong', why: `The command ${name} takes no ${foreign}.` };
  if (command.operand !== undefined && operand === '') {
    return { kind: 'wrong', why: `The command ${name} needs a ${command.operand}.` };
  }
  return { kind: 'command', command, common, own, operand };
}

function usage(): readonly string[] {
  const calls = Object.entries(COMMANDS).map(([name, it]) => ({
    ...it,
    call: [name, it.operand ?? '', usageOf(it.options)].filter(Boolean).join(' '),
  }));
  const widest = Math.max(...calls.map((it) => it.call.length));
  return [
    'usage: node dist/cli.js <command> [options]',
    '',
    ...calls.map((it) => `  ${it.call.padEnd(widest)}  ${it.summary}`),
    '',
    'Everywhere: --remote NAME|URL (origin), --repository OWNER/REPO, --config FILE, --json',
  ];
}
