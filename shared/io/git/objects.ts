import { type Commit, type CommitFacts, userError } from '../../model/index.ts';
import { type GitPlace, gitOutput, runGit } from './git.ts';
import { decodeName } from './names.ts';

/** One read asks for no more bytes than this, so that a long history never stands in memory twice. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** All that one question may bring into memory. */
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

interface ObjectHead {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

/**
 * Id, type and size of objects, in the order of the names; undefined where there is none (git-cat-file(1), BATCH OUTPUT).
 * A name is an id, or an id with a suffix such as `^{tree}`.
 */
export async function headsOf(place: GitPlace, names: readonly string[]): Promise<readonly (ObjectHead | undefined)[]> {
  if (names.length === 0) return [];
  const output = await gitOutput(place, ['cat-file', '--batch-check', '--buffer'], `${names.join('\n')}\n`);
  return output.toString('utf8').split('\n').slice(0, -1).map(parseHead);
}

/**
 * The objects with these names, in order; undefined where there is none, or it is larger than `limit` bytes.
 *
 * @param known their heads, where these were asked for already
 */
export async function objectsOf(
  place: GitPlace,
  names: readonly string[],
  limit: number,
  known?: readonly (ObjectHead | undefined)[],
): Promise<readonly (GitObject | undefined)[]> {
  const heads = known ?? (await headsOf(place, names));
  const wanted = heads.filter((it) => it !== undefined && it.size <= limit);
  const unique = [...new Map(wanted.map((it) => [it?.id ?? '', it?.size ?? 0])).entries()];
  const total = unique.reduce((sum, [, size]) => sum + size, 0);
  if (total > MAX_TOTAL_BYTES) {
    throw userError('git-failed', `${unique.length} objects of ${total} bytes are too many to be read at once.`);
  }
  const read = new Map<string, GitObject>();
  for (const batch of batches(unique)) {
    const output = await gitOutput(place, ['cat-file', '--batch', '--buffer'], `${batch.join('\n')}\n`);
    for (const object of parseBatch(output)) read.set(object.id, object);
  }
  return heads.map((it) => (it === undefined ? undefined : read.get(it.id)));
}

const EVERYTHING = ['--batch-all-objects', '--unordered', '--buffer'];

/** All objects of a repository of our own that are no larger than `limit` bytes, by id, in one step however many there are. */
export async function allObjects(place: GitPlace, limit: number): Promise<ReadonlyMap<string, GitObject>> {
  const { status, stdout } = await runGit(place, ['cat-file', '--batch', ...EVERYTHING]);
  if (status !== 0) return await smallObjects(place, limit);
  return new Map([...parseBatch(stdout)].filter(({ bytes }) => bytes.length <= limit).map((it) => [it.id, it]));
}

/** The same where some are so large that all together are too much. */
async function smallObjects(place: GitPlace, limit: number): Promise<ReadonlyMap<string, GitObject>> {
  const output = await gitOutput(place, ['cat-file', '--batch-check', ...EVERYTHING]);
  const heads = output.toString('utf8').split('\n').slice(0, -1).map(parseHead);
  const objects = await objectsOf(place, [], limit, heads);
  return new Map(objects.flatMap((it) => (it === undefined ? [] : [[it.id, it] as const])));
}

/** One object, in one step; undefined where there is none, or it is larger than `limit` bytes. */
export async function objectOf(place: GitPlace, name: string, limit: number): Promise<GitObject | undefined> {
  const [object] = parseBatch(await gitOutput(place, ['cat-file', '--batch'], `${name}\n`));
  return object !== undefined && object.bytes.length <= limit ? object : undefined;
}

interface TreeEntry {
  /** Octal, such as `100644`. */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/** The entries of a tree object: `mode SP name NUL id`, where the id is 20 or 32 bytes. */
export function parseTree(bytes: Buffer, idBytes: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, space);
    if (space < 0 || nul < 0) break;
    const end = nul + 1 + idBytes;
    entries.push({
      mode: bytes.toString('latin1', at, space),
      name: decodeName(bytes.subarray(space + 1, nul)),
      id: bytes.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}

/** What a commit object says. Read from its bytes: in a shallow clone every command that walks would hide its parents. */
export function parseCommit(sha: Commit, bytes: Buffer): CommitFacts & { readonly tree: string } {
  const text = bytes.toString('utf8');
  const gap = text.indexOf('\n\n');
  const head = (gap < 0 ? text : text.slice(0, gap)).split('\n');
  const values = (key: string) => head.filter((it) => it.startsWith(`${key} `)).map((it) => it.slice(key.length + 1));
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    date: dateOf(values('committer')[0] ?? ''),
    title: (gap < 0 ? '' : text.slice(gap + 2)).split('\n', 1)[0] ?? '',
    author: (values('author')[0] ?? '').replace(/ <[^>]*>.*$/, ''),
  };
}

/** `name <mail> seconds zone` → ISO 8601 in UTC; the beginning of 1970 when the line has no such end. */
function dateOf(person: string): string {
  const seconds = Number(/ (\d{1,12}) [+-]\d{4}$/.exec(person)?.[1] ?? 0);
  return new Date(seconds * 1_000).toISOString();
}

function parseHead(line: string): ObjectHead | undefined {
  const match = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
  return match === null ? undefined : { id: match[1] ?? '', type: match[2] ?? '', size: Number(match[3]) };
}

function* parseBatch(output: Buffer): Iterable<GitObject> {
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf(0x0a, at);
    if (line < 0) return;
    const head = parseHead(output.toString('latin1', at, line));
    at = line + 1;
    if (head === undefined) continue;
    yield { id: head.id, type: head.type, bytes: output.subarray(at, at + head.size) };
    at += head.size + 1;
  }
}

function batches(sizes: readonly (readonly [id: string, size: number])[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const [id, size] of sizes) {
    if (size > room || all.length === 0) {
      all.push([]);
      room = MAX_BATCH_BYTES;
    }
    all.at(-1)?.push(id);
    room -= size;
  }
  return all;
}
