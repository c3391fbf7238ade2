import { backoffMs, type Clock, type Random } from '../../model/index.ts';
import { type GitPlace, type GitResult, runGit } from './git.ts';

/** How often a remote is asked before it counts as out of reach. */
export const NETWORK_ATTEMPTS = 4;
/** The waits between them, so that many runs do not march in step. */
const WAITS = { first: 400, longest: 5_000 };

/**
 * How a command that speaks with a remote failed. `refused`: the remote said no, and would say it again. `absent`: what
 * was asked for is not there. `unreachable`: anything else; asking again may help.
 */
type RemoteFailure = 'refused' | 'absent' | 'unreachable';

const ABSENT =
  /not our ref|couldn't find remote ref|no such remote ref|unadvertised object|does not exist in the remote/i;
const REFUSED = new RegExp(
  [
    'authentication failed',
    'permission (to .* )?denied',
    'access denied',
    'could not read (username|password)',
    'invalid (username|credentials)',
    'returned error: 40[1345]',
    'repository .*not found',
    'does not appear to be a git repository',
    'not a git repository',
    'host key verification failed',
    'read-only',
    "transport '.*' not allowed",
    'mismatched algorithms',
    'hook declined',
    'refusing to',
    'deny updating',
  ].join('|'),
  'i',
);

/** What kind of failure git's words tell of. No words: the line was good, and nothing matched. */
export function failureOf(words: string): RemoteFailure {
  if (words === '' || ABSENT.test(words)) return 'absent';
  return REFUSED.test(words) ? 'refused' : 'unreachable';
}

/** What waiting between attempts needs. */
interface Patience {
  readonly clock: Clock;
  readonly random: Random;
}

/** Waits before attempt `attempt` (counted from 1; the first does not wait). */
export async function pause({ clock, random }: Patience, attempt: number): Promise<void> {
  if (attempt < 2) return;
  await clock.sleep(backoffMs(WAITS, attempt - 1, random));
}

/** Runs a command that only reads from a remote; repeats it while the remote is out of reach. */
export async function askRemote(
  place: GitPlace,
  args: readonly string[],
  patience: Patience,
  input?: string,
): Promise<GitResult> {
  for (let attempt = 1; ; attempt++) {
    await pause(patience, attempt);
    const result = await runGit(place, args, input);
    if (result.status === 0 || failureOf(result.words) !== 'unreachable' || attempt >= NETWORK_ATTEMPTS) return result;
  }
}
