import { type ContentKey, userError } from '../model/index.ts';
import type { SourceFacts } from './facts.ts';
import { VARIABLES } from './tag-kinds/kinds.ts';

/** The run that an image is made in. */
export interface MadeFor {
  readonly source: SourceFacts;
  /** Id of the run. */
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface FilledArgs {
  readonly args: Readonly<Record<string, string>>;
  /** Those that no two commits or runs give the same, by name: what of them the value holds, such as `the commit`. */
  readonly volatile: Readonly<Record<string, string>>;
}

/** The key is made of the arguments, so none of them has it. */
const NO_KEY: ContentKey = { value: '', parts: {} };
const NAMES = [...VARIABLES.keys()].filter((name) => name !== 'key');
const VARIABLE = /\{\{\s*([\w.-]*)\s*\}\}/g;

/**
 * Build arguments with their variables filled in, which are those of tags (`{{sha}}`, `{{version}}`, …); one without a
 * value becomes nothing. What depends on commit, run or time is told, whether a variable or an earlier step has put it
 * there: an image with it is right for nothing else. Throws `config-invalid` for a variable that there is not.
 */
export function fillBuildArgs(settings: Readonly<Record<string, string>>, madeFor: MadeFor): FilledArgs {
  const args: Record<string, string> = {};
  const volatile: Record<string, string> = {};
  for (const name of Object.keys(settings).sort()) {
    const written = settings[name] ?? '';
    const value = fill(name, written, madeFor.source);
    args[name] = value;
    const what = FOLLOWS_RUN.test(written) ? `\`${written}\`` : changing(value, madeFor);
    if (what !== undefined) volatile[name] = what;
  }
  return { args, volatile };
}

function fill(argument: string, text: string, source: SourceFacts): string {
  return text.replace(VARIABLE, (_whole, name: string) => {
    const variable = NAMES.includes(name) ? VARIABLES.get(name) : undefined;
    if (variable !== undefined) return variable.valueOf(source, NO_KEY) ?? '';
    const sentence = `The build argument \`${argument}\` of ${source.service} has the unknown variable \`${name}\`.`;
    throw userError('config-invalid', sentence, { remedy: `There are: ${NAMES.join(', ')}.` });
  });
}

/** Any variable but the one that is the same in every run. */
const FOLLOWS_RUN = /\{\{\s*(?!service\s*\}\})/;
/** Digits that a commit is shortened to at the least. */
const SHORTEST_COMMIT = 7;
const DAY_MS = 86_400_000;

/** What of a commit or run a value holds, if anything. */
function changing(value: string, { source, run, now }: MadeFor): string | undefined {
  const words: readonly string[] = value.toLowerCase().match(/[0-9a-z]+/g) ?? [];
  if (words.some((it) => it.length >= SHORTEST_COMMIT && source.commit.startsWith(it))) return 'the commit';
  if (run !== '' && words.includes(run)) return 'the id of the run';
  return isNow(value, now) ? 'the time of the build' : undefined;
}

/** A date with its time, or seconds or milliseconds since 1970, of the day around now. */
function isNow(value: string, now: number): boolean {
  const time = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:?\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  const seconds = /^\d{10}$/.test(value) ? Number(value) * 1_000 : Number.NaN;
  const milliseconds = /^\d{13}$/.test(value) ? Number(value) : Number.NaN;
  return [time, seconds, milliseconds].some((it) => Math.abs(it - now) < DAY_MS);
}

/** Arguments that BuildKit knows without `ARG` and keeps out of the image (docs.docker.com, "Predefined ARGs"). */
const PROXIES = new Set(['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy']);
export const isProxy = (name: string): boolean => PROXIES.has(name.toLowerCase());
