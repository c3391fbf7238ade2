import type { Command } from './command.ts';
import { dora } from './dora.ts';
import { drift } from './drift.ts';
import { explain } from './explain.ts';
import { log } from './log.ts';
import { state } from './state.ts';
import { suspects } from './suspects.ts';
import { verify } from './verify.ts';

/** Every command, by its name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  state,
  log,
  explain,
  suspects,
  drift,
  dora,
  verify,
};
