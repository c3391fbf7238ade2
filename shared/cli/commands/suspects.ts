import { suspects as rank, type Suspect } from '../../insight/index.ts';
import { safeLines } from '../../io/runner/index.ts';
import { parseDuration, userError } from '../../model/index.ts';
import { countIn, needed, optional } from '../options.ts';
import { defineCommand, when } from './command.ts';

const DEFAULT_SHOWN = 5;
const MOST_HINTS = 3;

/** Which deploy broke it. */
export const suspects = defineCommand({
  summary: 'which deploy broke it: ranked, with reasons',
  options: {
    at: needed('TIME'),
    environment: needed('E'),
    service: optional('S'),
    window: optional('6h'),
    limit: optional('N'),
  },
  async run(desk, given) {
    const { events } = await desk.history();
    const question = {
      at: given.at,
      environment: given.environment,
      ...(given.service === undefined ? {} : { service: given.service }),
      ...(given.window === undefined ? {} : { windowMs: windowOf(given.window) }),
    };
    const found = rank(question, events, await desk.graph());
    const shown = countIn(given.limit, 'limit', DEFAULT_SHOWN);
    const more = found.ranked.length - shown + found.more;
    const lines = [
      ...found.ranked.slice(0, shown).flatMap((it, index) => lineOf(it, index + 1)),
      ...(more > 0 ? [`… and ${more} less likely ones`] : []),
      ...(found.ranked.length === 0 ? [`Nothing went out in ${question.environment} before ${question.at}.`] : []),
      ...found.ruledOut.map((it) => `not: ${it}`),
      ...found.hints.slice(0, MOST_HINTS),
      ...(found.rollbackOrder.length > 1 ? [`to roll back: ${found.rollbackOrder.map(nameOf).join(', then ')}`] : []),
    ];
    return { ok: true, json: found, lines: lines.flatMap(safeLines) };
  },
});

const nameOf = (it: Suspect['deploy'] | string): string => (typeof it === 'string' ? it : it.service);

function lineOf({ deploy, score, factors }: Suspect, place: number): readonly string[] {
  const head = `${place}  ${deploy.service} ${deploy.version}, out at ${when(deploy.finished ?? deploy.started)}, by ${deploy.by}: ${score.toFixed(2)}`;
  return [head, ...factors.map((it) => `   ${it.value.toFixed(2)}  ${it.sentence}`)];
}

function windowOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw userError('input-invalid', `The option --window is no duration such as 30m or 6h: ${text}.`);
}
