import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, isCommit } from '../../model/index.ts';
import { isErrno } from '../disk.ts';

/**
 * A clone of the plainest kind, by gitrepository-layout(5): a work tree with a folder `.git` in it, in the first format,
 * without extensions. It is read without asking git, which saves a process or two in every run; anything else (linked work
 * trees, submodules, bare repositories, SHA-256, reftable, partial clones, a folder within the work tree) is left to git.
 */
export interface PlainClone {
  readonly root: string;
  readonly gitDirectory: string;
  readonly shallow: boolean;
}

/** Larger files of refs are left to git. */
const MAX_REFS_BYTES = 16 * 1024 * 1024;
const PARTS: readonly (readonly [name: string, kind: 'file' | 'folder'])[] = [
  ['HEAD', 'file'],
  ['config', 'file'],
  ['objects', 'folder'],
  ['refs', 'folder'],
];

/** The clone whose work tree is this very folder; undefined when it is not of the plainest kind. */
export function plainClone(directory: string): PlainClone | undefined {
  try {
    const root = realpathSync(directory);
    const gitDirectory = join(root, '.git');
    if (!isKind(gitDirectory, 'folder')) return undefined;
    if (!PARTS.every(([name, kind]) => isKind(join(gitDirectory, name), kind))) return undefined;
    const special = ['commondir', 'config.worktree', 'reftable'].some((it) => existsSync(join(gitDirectory, it)));
    if (special || !isPlainConfig(readFileSync(join(gitDirectory, 'config'), 'utf8'))) return undefined;
    if (headIn(gitDirectory) === undefined) return undefined;
    return { root, gitDirectory, shallow: existsSync(join(gitDirectory, 'shallow')) };
  } catch (thrown) {
    // What cannot be read here, git says better.
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return undefined;
    throw thrown;
  }
}

/**
 * The commit of `HEAD`, or of a branch by its full name (`refs/heads/main`, `refs/remotes/origin/main`); undefined when it
 * is not there, or git has to look it up.
 */
export function plainRef({ gitDirectory }: PlainClone, name: string): Commit | undefined {
  const ref = name === 'HEAD' ? headIn(gitDirectory) : name;
  if (ref === undefined || isCommit(ref)) return name === 'HEAD' ? ref : undefined;
  if (!BRANCH.test(ref) || /\.\.|\.lock(?:\/|$)|\/\./.test(ref)) return undefined;
  const loose = textOf(join(gitDirectory, ref));
  if (loose !== undefined) return /^([0-9a-f]{40})\n?$/.exec(loose)?.[1];
  // Whatever else is there, such as a symbolic link, means something to git.
  if (existsSync(join(gitDirectory, ref))) return undefined;
  const packed = `\n${textOf(join(gitDirectory, 'packed-refs')) ?? ''}`;
  const end = packed.indexOf(` ${ref}\n`);
  const line = end < 0 ? '' : packed.slice(packed.lastIndexOf('\n', end) + 1, end);
  return /^[0-9a-f]{40}$/.test(line) ? line : undefined;
}

const BRANCH = /^refs\/(?:heads|remotes)\/[A-Za-z0-9][\w./-]*$/;

/** What HEAD says: the full name of a branch, or an id; undefined when it says anything else. */
function headIn(gitDirectory: string): string | undefined {
  const text = textOf(join(gitDirectory, 'HEAD')) ?? '';
  return /^(?:ref: (refs\/heads\/[^\s]+)|([0-9a-f]{40}))\n?$/
    .exec(text)
    ?.slice(1)
    .find((it) => it !== undefined);
}

/** Words that may change where anything lies. A name of a section or key stands in one piece in such a file. */
const UNUSUAL = /extensions|worktree|\\$/im;

function isPlainConfig(text: string): boolean {
  const versions = [...text.matchAll(/repositoryformatversion[^\n]*/gi)].map(([line]) => line);
  const bare = [...text.matchAll(/bare[^\n]*/gi)].map(([line]) => line);
  return (
    !UNUSUAL.test(text) &&
    versions.every((it) => /^repositoryformatversion = 0$/.test(it)) &&
    bare.every((it) => /^bare = false$/.test(it))
  );
}

function isKind(path: string, kind: 'file' | 'folder'): boolean {
  const found = lstatSync(path);
  return kind === 'file' ? found.isFile() : found.isDirectory();
}

function textOf(path: string): string | undefined {
  try {
    const found = lstatSync(path);
    return found.isFile() && found.size <= MAX_REFS_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
    throw thrown;
  }
}
