import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../model/index.ts';
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
  base: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const;

/**
 * The command line: questions to the ledger of a clone, or of a remote.
 * @param write takes one line of the answer
 * @returns the exit code: 0 answered, 1 answered with "no" (a ledger that is not whole) or failed, 2 not understood
 */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  directory: string,
  write: (line: string) => void,
): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [name = 'help', ...rest] = positionals;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (values.help || command === undefined) {
      usage().forEach(write);
      return values.help || name === 'help' ? 0 : 2;
    }
    const options: CliOptions = { ...BLANK, ...values };
    const answer = await command.run(await openDesk(options, environment, directory), options, rest);
    (options.json ? [JSON.stringify(answer.json, null, 2)] : answer.lines).forEach(write);
    return answer.ok ? 0 : 1;
  } catch (error) {
    write(error instanceof UserError ? error.message : `internal-error ${messageOf(error)}`);
    return 1;
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
  base: undefined,
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
