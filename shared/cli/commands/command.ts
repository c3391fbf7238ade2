import { safeLines } from '../../io/runner/index.ts';
import type { Desk } from '../desk.ts';
import { type CommandOptions, type Given, givenOf } from '../options.ts';

/** One question to the ledger, or to the checkout beside it. */
export interface Command {
  readonly summary: string;
  readonly options: CommandOptions;
  /** What stands behind the command itself, such as `SERVICE`; undefined: nothing may. */
  readonly operand: string | undefined;
  /**
   * @param own what was given for its options
   * @param operand what stood behind it; empty where nothing may
   */
  run(desk: Desk, own: ReadonlyMap<string, string>, operand: string): Promise<Answer>;
}

/** Makes a command of the options that are its own and of what answers it. */
export function defineCommand<Options extends CommandOptions>(it: {
  readonly summary: string;
  readonly options: Options;
  readonly operand?: string;
  run(desk: Desk, given: Given<Options>, operand: string): Promise<Answer>;
}): Command {
  const { summary, options, operand } = it;
  return { summary, options, operand, run: (desk, own, word) => it.run(desk, givenOf(options, own), word) };
}

interface Answer {
  readonly lines: readonly string[];
  /** The same for programs. */
  readonly json: unknown;
  /** False: the exit code is 1. */
  readonly ok: boolean;
}

/** Whether a row is about what the options name; where they name nothing, it is. */
export const isAsked = (
  row: { readonly service: string; readonly environment: string },
  given: { readonly service: string | undefined; readonly environment?: string | undefined },
): boolean =>
  (given.service ?? row.service) === row.service && (given.environment ?? row.environment) === row.environment;

/** Longest cell of a table; titles of commits can be anything. */
const LONGEST_CELL = 60;

/** Rows with aligned columns under a head. Texts of others are made safe for a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((it, column) => it.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cell(text: string): string {
  const line = safeLines(text).join(' ');
  return line.length <= LONGEST_CELL ? line : `${line.slice(0, LONGEST_CELL - 1)}…`;
}

/** A time for people: `2026-11-24 13:05:10Z`. */
export const when = (iso: string | null | undefined): string => (iso ? `${iso.slice(0, 19).replace('T', ' ')}Z` : '');
