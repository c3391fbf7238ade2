import type { GitHubRequest } from './github.ts';
import type { Remote } from './history.ts';
import { git } from './runner.ts';

/*
 * What GitHub's API says of a repository, with GitHub's own limits: 300 files of a comparison, 3,000 of a pull request.
 */

const COMPARE_LIMIT = 300;
const PULL_LIMIT = 3_000;
const TIME = '2026-01-01T00:00:00Z';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface FakeSource {
  readonly remote: Remote;
  /** Pull requests by their number: the commits that the files are listed between. */
  readonly pulls?: Readonly<Record<number, { readonly base: string; readonly head: string }>>;
  /** Says of every tree that it is cut off. */
  readonly truncated?: boolean;
}

const COMPARE = /\/compare\/([^/]+)\.\.\.([^/]+)$/;
const PULL = /\/pulls\/(\d+)\/files$/;
const TREE = /\/git\/trees\/([^/]+)$/;
const BLOB = /\/git\/blobs\/([^/]+)$/;
const COMMIT = /\/commits\/([^/]+)$/;

/** undefined: not a question about the source, or one about what is not there. */
export function answerSource(request: GitHubRequest, source: FakeSource): Answer | undefined {
  try {
    const body = bodyFor(request, source);
    return body === undefined ? undefined : { status: 200, body };
  } catch {
    // Git knows no such commit.
    return undefined;
  }
}

function bodyFor(request: GitHubRequest, source: FakeSource): unknown {
  const { remote } = source;
  const path = decodeURIComponent(request.path);
  const [, base = '', head = ''] = COMPARE.exec(path) ?? [];
  if (base !== '') return comparison(remote, base, head);
  const pull = source.pulls?.[Number(PULL.exec(path)?.[1] ?? -1)];
  if (pull !== undefined) return page(filesBetween(remote, pull.base, pull.head).slice(0, PULL_LIMIT), request);
  const tree = TREE.exec(path)?.[1];
  if (tree !== undefined) return treeOf(remote, tree, source.truncated === true);
  const blob = BLOB.exec(path)?.[1];
  if (blob !== undefined) return blobOf(remote, blob);
  const commit = COMMIT.exec(request.path)?.[1];
  return commit === undefined
    ? undefined
    : commitOf(remote, remote.git('rev-parse', '--verify', `${decodeURIComponent(commit)}^{commit}`));
}

function comparison(remote: Remote, base: string, head: string): object {
  const mergeBase = remote.git('merge-base', base, head);
  const [behind = 0, ahead = 0] = remote
    .git('rev-list', '--left-right', '--count', `${base}...${head}`)
    .split('\t')
    .map(Number);
  const status = behind > 0 ? (ahead > 0 ? 'diverged' : 'behind') : ahead > 0 ? 'ahead' : 'identical';
  const url = address(`compare/${base}...${head}`);
  return {
    url,
    html_url: url,
    permalink_url: url,
    diff_url: url,
    patch_url: url,
    base_commit: commitOf(remote, base),
    merge_base_commit: commitOf(remote, mergeBase),
    status,
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: [commitOf(remote, head)],
    files: filesBetween(remote, mergeBase, head).slice(0, COMPARE_LIMIT),
  };
}

/** From the merge base, renames found, as GitHub lists them. */
function filesBetween(remote: Remote, base: string, head: string): readonly object[] {
  const fields = git(remote.path, 'diff', '--name-status', '-z', '-M', base, head).split('\0').filter(Boolean);
  const files: object[] = [];
  for (let at = 0; at < fields.length; ) {
    const kind = fields[at]?.[0] ?? '';
    const names = fields.slice(at + 1, at + (kind === 'R' ? 3 : 2));
    files.push(diffEntry(kind, names.at(-1) ?? '', kind === 'R' ? names[0] : undefined));
    at += 1 + names.length;
  }
  return files;
}

const STATUS: Readonly<Record<string, string>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

function diffEntry(kind: string, filename: string, previous: string | undefined): object {
  const url = address(`contents/${encodeURIComponent(filename)}`);
  return {
    sha: null,
    filename,
    status: STATUS[kind] ?? 'modified',
    additions: 0,
    deletions: 0,
    changes: 0,
    blob_url: url,
    raw_url: url,
    contents_url: url,
    ...(previous === undefined ? {} : { previous_filename: previous }),
  };
}

function page(all: readonly object[], { query }: GitHubRequest): readonly object[] {
  const size = Number(query['per_page'] ?? 30);
  const start = (Number(query['page'] ?? 1) - 1) * size;
  return all.slice(start, start + size);
}

function treeOf(remote: Remote, commit: string, truncated: boolean): object {
  const lines = remote.git('ls-tree', '-r', '-t', '-l', '-z', commit).split('\0').filter(Boolean);
  const tree = lines.map((line) => {
    const [, mode = '', type = '', sha = '', size = '', path = ''] =
      /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? [];
    return { path, mode, type, sha, ...(size === '-' ? {} : { size: Number(size) }) };
  });
  return { sha: commit, url: address(`git/trees/${commit}`), truncated, tree };
}

function blobOf(remote: Remote, sha: string): object {
  const text = git(remote.path, 'cat-file', 'blob', sha);
  const content = Buffer.from(text).toString('base64');
  return { sha, node_id: 'B', size: text.length, url: address(`git/blobs/${sha}`), content, encoding: 'base64' };
}

function commitOf(remote: Remote, sha: string): object {
  const person = { name: 'Dana', email: 'dana@example.com', date: TIME };
  const parents = remote.git('rev-list', '--parents', '-1', sha).split(' ').slice(1);
  const url = address(`commits/${sha}`);
  return {
    url,
    sha,
    node_id: 'C',
    html_url: url,
    comments_url: url,
    commit: { url, author: person, committer: person, message: 'change', comment_count: 0, tree: { sha, url } },
    author: null,
    committer: null,
    parents: parents.map((it) => ({ sha: it, url })),
  };
}

const address = (path: string): string => `https://api.github.example/repos/acme/shop/${path}`;
