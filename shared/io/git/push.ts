import { type Commit, Refused, type StreamChange, userError } from '../../model/index.ts';
import { failed, type GitPlace, type GitResult, runGit } from './git.ts';
import { failureOf } from './remote.ts';

const AUTHOR = 'Slipway <slipway@users.noreply.github.com>';
/** Paths of files in a commit of ours. Anything else would have to be quoted for git, and is no path that Slipway writes. */
const PATH = /^[\w%+-][\w.%+-]*(\/[\w%+-][\w.%+-]*)*$/;

/**
 * Makes a commit in a repository of our own, by git-fast-import(1): one process, and neither an identity nor a work tree
 * is needed. The same change gives the same id.
 *
 * @param ref a name of our own that keeps the commit
 */
export async function makeCommit(place: GitPlace, ref: string, change: StreamChange): Promise<Commit> {
  const args = ['fast-import', '--quiet', '--done'];
  const result = await runGit(place, args, importStream(ref, change));
  if (result.status !== 0) throw failed(args, result);
  return result.stdout.toString('utf8').trim();
}

function importStream(ref: string, change: StreamChange): string {
  const when = `${Math.floor(Date.parse(change.date) / 1_000)} +0000`;
  const files = Object.entries(change.files).map(([path, text]) => {
    if (!PATH.test(path)) throw new Error(`${JSON.stringify(path)} is no path of a record`);
    return `M 100644 inline ${path}\n${data(text)}`;
  });
  return [
    `commit ${ref}\nmark :1\nauthor ${AUTHOR} ${when}\ncommitter ${AUTHOR} ${when}\n${data(change.message)}`,
    change.parent === undefined ? '' : `from ${change.parent}\n`,
    'deleteall\n',
    ...files,
    'get-mark :1\ndone\n',
  ].join('');
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** The arguments of a push that is a compare-and-set: the remote's ref must be `parent` (undefined: not there). */
export function pushArguments(url: string, ref: string, id: Commit, parent: Commit | undefined): readonly string[] {
  const lease = `--force-with-lease=${ref}:${parent ?? ''}`;
  const plain = ['--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no'];
  return ['push', '--porcelain', '--no-progress', ...plain, lease, url, `${id}:${ref}`];
}

/**
 * What a push came to. `contended`: the remote says that it did not write, because another was writing. `doubtful`: nobody
 * knows whether it wrote.
 */
type PushVerdict = 'written' | 'moved' | 'contended' | 'refused' | 'doubtful';

/** Reasons of our own git, which saw another tip before it sent anything. */
const SEEN_MOVED = /\((stale info|fetch first|non-fast-forward|already exists|needs force)\)/;
/** Reasons of the remote, whose ref changed (or was locked) in between. */
const CONTENDED =
  /failed to update ref|cannot lock ref|failed to lock|reference already exists|incorrect old value|unable to create/i;
/** Reasons of the remote that are trouble of its own. */
const TROUBLE = /unpacker error|internal|failed to report status|timed? ?out|unavailable/i;

/** Reads the status line of the ref (git-push(1), `--porcelain`: flag, tab, refspec, tab, summary). */
export function pushVerdict(result: GitResult): PushVerdict {
  if (result.status === 0) return 'written';
  const summary = summaryOf(result);
  if (summary === undefined) return failureOf(result.words) === 'refused' ? 'refused' : 'doubtful';
  if (summary.startsWith('[rejected]')) return SEEN_MOVED.test(summary) ? 'moved' : 'refused';
  if (CONTENDED.test(summary)) return 'contended';
  return TROUBLE.test(summary) ? 'doubtful' : 'refused';
}

function summaryOf(result: GitResult): string | undefined {
  const line = result.stdout
    .toString('utf8')
    .split('\n')
    .find((it) => it.startsWith('!\t'));
  return line?.split('\t')[2];
}

/** The error for a push that the remote does not take, in the remote's own words; its cause says that it would not take it again. */
export function refusal(name: string, ref: string, result: GitResult): Error {
  const words = [summaryOf(result) ?? '', ...hints(result.words)].filter(Boolean).join('; ');
  const sentence = `The ledger at ${name} refused ${ref}: ${words || 'it said nothing'}.`;
  return userError('ledger-unavailable', sentence, { cause: new Refused(sentence) });
}

const MAX_HINTS = 5;

/** Lines that say why; not those that only count objects or repeat that it failed. */
export function hints(words: string): readonly string[] {
  const lines = words.split('\n').map((line) => line.replace(/^(remote|error|fatal): */, '').trim());
  return lines
    .filter((line) => line !== '' && !/^(To |failed to push some refs|hint: )/.test(line))
    .slice(0, MAX_HINTS);
}
