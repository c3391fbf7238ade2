import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../model/index.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { openDesk } from './desk.ts';
import type { CliOptions } from './options.ts';

const OPTIONS = {
  remote: { type: 'string', default: 'origin' },
  repository: { type: 'string' },
  config: { type: 'string', default: 'slipway.yml' },
  environment: { type: 'string' },
  service: { type: 'string' },
  at: { type: 'string' },
  window: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  days: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const;

/** Where lines go: the answer, and what stands in the way of one. */
export interface Output {
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
  environment: NodeJS.ProcessEnv,
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
  const { command, options, rest } = asked;
  try {
    const found = await command.run(await openDesk(options, environment, directory), options, rest);
    (options.json ? [JSON.stringify(found.json, null, 2)] : found.lines).forEach(answer);
    return found.ok ? OK : NO;
  } catch (error) {
    complain(error instanceof UserError ? error.message : `internal-error ${messageOf(error)}`);
    return NO;
  }
}

type Asked =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly options: CliOptions;
      readonly rest: readonly string[];
    };

function parse(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [name = 'help', ...rest] = positionals;
    if (values.help || name === 'help') return { kind: 'help' };
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) return { kind: 'wrong', why: `There is no command ${JSON.stringify(name)}.` };
    return { kind: 'command', command, options: { ...BLANK, ...values }, rest };
  } catch (error) {
    // Node says which option, and what is wrong with it.
    return { kind: 'wrong', why: messageOf(error) };
  }
}

const BLANK: CliOptions = {
  remote: 'origin',
  repository: undefined,
  config: 'slipway.yml',
  environment: undefined,
  service: undefined,
  at: undefined,
  window: undefined,
  from: undefined,
  to: undefined,
  days: undefined,
  limit: undefined,
  json: false,
};

function usage(): readonly string[] {
  const widest = Math.max(...Object.values(COMMANDS).map((it) => it.usage.length));
  return [
    'usage: node dist/cli.js <command> [options]',
    '',
    ...Object.values(COMMANDS).map((it) => `  ${it.usage.padEnd(widest)}  ${it.summary}`),
    '',
    'Everywhere: --remote NAME|URL (origin), --repository OWNER/REPO, --config FILE, --json',
  ];
}
