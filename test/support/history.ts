import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './runner.ts';

/** What becomes of one path: a text, something else that git keeps, or nothing (it is deleted). */
export type Change =
  | string
  | undefined
  | { readonly mode: '100755' | '120000'; readonly text: string }
  | { readonly submodule: string };

/** Paths are texts, or pairs with bytes that no text has. */
export type Changes = Readonly<Record<string, Change>> | readonly (readonly [path: string | Buffer, change: Change])[];

export interface CommitOptions {
  /** Default: `main`. */
  readonly branch?: string;
  /** Default: the newest of the branch. The first is what the files are taken over from; none: a root. */
  readonly parents?: readonly string[];
}

/** A bare repository that others may fetch anything from, filled with `git fast-import`: any bytes as names, no work tree. */
export class Remote {
  readonly path: string;
  readonly format: 'sha1' | 'sha256';
  readonly #tips = new Map<string, string>();
  #seconds = 1_800_000_000;

  /** @param format what ids of objects are made with */
  constructor(path: string, settings: Readonly<Record<string, string>> = {}, format: 'sha1' | 'sha256' = 'sha1') {
    this.path = path;
    this.format = format;
    mkdirSync(path, { recursive: true });
    git(path, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', `--object-format=${format}`);
    const all = { 'uploadpack.allowFilter': 'true', 'uploadpack.allowAnySHA1InWant': 'true', ...settings };
    for (const [key, value] of Object.entries(all)) git(path, 'config', key, value);
  }

  get url(): string {
    return `file://${this.path}`;
  }

  git(...args: readonly string[]): string {
    return git(this.path, ...args);
  }

  /** Adds a commit to a branch and gives its id. */
  commit(changes: Changes, options: CommitOptions = {}): string {
    return this.commits([changes], options);
  }

  /** Adds commits one after the other; gives the id of the last. */
  commits(all: readonly Changes[], { branch = 'main', parents }: CommitOptions = {}): string {
    const tip = this.#tips.get(branch);
    const first = parents ?? (tip === undefined ? [] : [tip]);
    const stream = all.map((changes, index) => this.#commit(branch, changes, index === 0 ? first : undefined, index));
    const input = Buffer.concat([...stream, Buffer.from(`get-mark :${all.length}\n`)]);
    const args = ['fast-import', '--quiet', '--force'];
    const id = execFileSync('git', args, { cwd: this.path, input, encoding: 'utf8' }).trim();
    this.#tips.set(branch, id);
    return id;
  }

  /** Sets a branch or another ref; undefined takes it away. */
  point(ref: string, commit: string | undefined): void {
    const full = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    if (commit === undefined) this.git('update-ref', '-d', full);
    else this.git('update-ref', full, commit);
    if (!ref.startsWith('refs/') && commit !== undefined) this.#tips.set(ref, commit);
  }

  /** Throws away what no ref holds any more. */
  forget(): void {
    this.git('reflog', 'expire', '--expire=now', '--all');
    this.git('gc', '--quiet', '--prune=now');
  }

  #commit(branch: string, changes: Changes, parents: readonly string[] | undefined, index: number): Buffer {
    this.#seconds += 1;
    const [from, ...merged] = parents ?? [`:${index}`];
    const head = [
      ...(parents?.length === 0 ? [`reset refs/heads/${branch}`, ''] : []),
      `commit refs/heads/${branch}`,
      `mark :${index + 1}`,
      `committer Dana <dana@example.com> ${this.#seconds} +0000`,
      'data 6',
      'change',
      ...(from === undefined ? [] : [`from ${from}`]),
      ...merged.map((it) => `merge ${it}`),
    ];
    const pairs = isList(changes) ? changes : Object.entries(changes);
    const files = pairs.map(([path, change]) => instruction(quoted(path), change));
    return Buffer.from([...head, ...files, ''].join('\n'));
  }
}

const isList = (changes: Changes): changes is Exclude<Changes, Readonly<Record<string, Change>>> =>
  Array.isArray(changes);

function instruction(path: string, change: Change): string {
  if (change === undefined) return `D ${path}`;
  if (typeof change === 'string') return inline('100644', path, change);
  if ('submodule' in change) return `M 160000 ${change.submodule} ${path}`;
  return inline(change.mode, path, change.text);
}

const inline = (mode: string, path: string, text: string): string =>
  `M ${mode} inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}`;

/** As C writes it: git-fast-import(1). */
function quoted(path: string | Buffer): string {
  const bytes = [...(typeof path === 'string' ? Buffer.from(path) : path)];
  return `"${bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
}

/**
 * A checkout as actions/checkout makes it, at one commit.
 *
 * @param options of `git fetch`, such as `--depth=1`; none: the whole history, with all branches and tags
 */
export function checkoutOf(remote: Remote, folder: string, commit: string, options: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main', '--template=', `--object-format=${remote.format}`);
  git(folder, 'remote', 'add', 'origin', remote.url);
  const whole = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  const wanted = options.length === 0 ? [...whole, commit] : [`+${commit}:refs/remotes/origin/checked-out`];
  git(folder, 'fetch', '--quiet', '--no-tags', ...options, 'origin', ...wanted);
  git(folder, 'checkout', '--quiet', '--detach', commit);
  return folder;
}

/** A folder of its own for each one that is asked for. */
export function folders(root: string): (name: string) => string {
  let count = 0;
  return (name) => {
    count += 1;
    return join(root, `${name}-${count}`);
  };
}
