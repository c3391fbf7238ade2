import { type ParseArgsConfig, parseArgs } from 'node:util';
import { userError } from '../model/index.ts';

/** What every command takes. */
const COMMON = {
  remote: { type: 'string', default: 'origin' },
  repository: { type: 'string' },
  config: { type: 'string', default: 'slipway.yml' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
} as const satisfies ParseArgsConfig['options'];

/** An option of a command, always with a value: what stands for the value in the usage, and whether it must be there. */
export interface CommandOption {
  readonly shown: string;
  readonly needed: boolean;
}
export type CommandOptions = Readonly<Record<string, CommandOption>>;

export const needed = (shown: string) => ({ shown, needed: true }) as const;
export const optional = (shown: string) => ({ shown, needed: false }) as const;

/** What a person gave for the options of a command. */
export type Given<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { readonly needed: true } ? string : string | undefined;
};

export type CommonOptions = ReturnType<typeof parseLine>['values'];

/** A command line, taken apart. */
export interface Line {
  readonly words: readonly string[];
  readonly common: CommonOptions;
  /** The options of commands that were given, by name. */
  readonly own: ReadonlyMap<string, string>;
}

/**
 * Reads a command line.
 * @param names options of all commands: the command itself may stand behind them
 * @throws what Node says of an option that there is not, or that has no value
 */
export function readLine(args: readonly string[], names: readonly string[]): Line {
  const { values, positionals } = parseLine(args, names);
  const own = Object.entries(values).flatMap(([name, value]): [string, string][] =>
    names.includes(name) && typeof value === 'string' ? [[name, value]] : [],
  );
  return { words: positionals, common: values, own: new Map(own) };
}

function parseLine(args: readonly string[], names: readonly string[]) {
  const own = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  return parseArgs({ args: [...args], options: { ...own, ...COMMON }, allowPositionals: true });
}

/** The options of one command. Throws `input-invalid` where one that it needs was not given. */
export function givenOf<Options extends CommandOptions>(
  options: Options,
  own: ReadonlyMap<string, string>,
): Given<Options> {
  const given = Object.entries(options).map(([name, option]) => {
    const value = own.get(name);
    if (option.needed && (value ?? '') === '') {
      throw userError('input-invalid', `The option --${name} is needed.`, { remedy: 'See --help.' });
    }
    return [name, value] as const;
  });
  return Object.fromEntries(given) as Given<Options>;
}

/** Options as the usage shows them. */
export const usageOf = (options: CommandOptions): string =>
  Object.entries(options)
    .map(([name, it]) => (it.needed ? `--${name} ${it.shown}` : `[--${name} ${it.shown}]`))
    .join(' ');

/** The value of an option that counts something, from 1 up. */
export function countIn(value: string | undefined, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw userError('input-invalid', `The option --${name} must be a whole number from 1 up, not "${value}".`, {
    remedy: 'See --help.',
  });
}
