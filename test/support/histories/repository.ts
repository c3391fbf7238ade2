import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { streamRef } from '../../../shared/record/index.ts';
import type { PlannedCommit } from './growth.ts';
import type { Ledger } from './ledgers.ts';
import type { At, Story } from './occasions.ts';
import { recordOf } from './records.ts';
import type { Entry, Tree } from './tree.ts';

/** An id that no repository has. */
export const LOST = 'd'.repeat(40);
const FIRST_SECOND = 1_800_000_000;

/** A story that git knows: a bare repository with its commits, branches, tags and ledger. */
export interface Remote {
  readonly path: string;
  /** Ids of the commits, by their numbers. */
  readonly ids: readonly string[];
}

export const idAt = ({ ids }: Remote, at: At): string => (at === 'lost' ? LOST : (ids[at] ?? LOST));

/** Writes it all with one `git fast-import`. */
export async function writeRemote(path: string, story: Story, ledger: Ledger): Promise<Remote> {
  writeEmpty(path, 'bare = true', '[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n');
  const child = spawn('git', ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--force'], {
    cwd: path,
    env: gitEnvironment(),
  });
  const marks = story.commits.map((_, number) => `get-mark :${number + 1}\n`);
  child.stdin.write(Buffer.from([...story.commits.map(commitOf), ...refsOf(story), ...marks].join(''), 'latin1'));
  const ids = await linesOf(child, story.commits.length);
  const remote = { path, ids };
  child.stdin.end(Buffer.from(streamsOf(ledger, remote).join(''), 'latin1'));
  await endOf(child);
  return remote;
}

function commitOf({ parents, tree }: PlannedCommit, number: number): string {
  const [first, ...others] = parents.map((it) => `:${it + 1}`);
  const ref = `refs/hidden/${number}`;
  const head = [
    ...(first === undefined ? [`reset ${ref}`] : []),
    `commit ${ref}`,
    `mark :${number + 1}`,
    `committer Dana <dana@example.com> ${FIRST_SECOND + number} +0000`,
    'data 1',
    'x',
    ...(first === undefined ? [] : [`from ${first}`]),
    ...others.map((it) => `merge ${it}`),
    'deleteall',
  ];
  return `${[...head, ...[...tree].map(([path, entry]) => fileOf(path, entry))].join('\n')}\n`;
}

function fileOf(path: string, entry: Entry): string {
  if (entry.mode === '160000') return `M 160000 ${entry.id} ${quoted(path)}`;
  return `M ${entry.mode} inline ${quoted(path)}\ndata ${entry.text.length}\n${entry.text}`;
}

/** As C writes it: git-fast-import(1). */
const quoted = (path: string): string =>
  `"${[...path].map((it) => `\\${it.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')}"`;

function refsOf({ branches, tags, occasion, commits }: Story): readonly string[] {
  const { event, sha } = occasion;
  const pull = event.kind === 'pull-request' ? [['refs/pull/7/merge', sha] as const] : [];
  const heads = [...branches].map(([name, at]) => [`refs/heads/${name}`, at] as const);
  const plain = tags.filter(({ annotated }) => !annotated).map(({ name, at }) => [`refs/tags/${name}`, at] as const);
  return [
    // Each commit was made on a ref of its own, which nobody else would have.
    ...commits.map((_, number) => `reset refs/hidden/${number}\nfrom ${'0'.repeat(40)}\n`),
    ...[...heads, ...pull, ...plain].map(([ref, at]) => `reset ${ref}\nfrom :${at + 1}\n`),
    ...tags
      .filter(({ annotated }) => annotated)
      .map(
        ({ name, at }) =>
          `tag ${name}\nfrom :${at + 1}\ntagger Dana <d@example.com> ${FIRST_SECOND} +0000\ndata 1\nx\n`,
      ),
  ];
}

function streamsOf(ledger: Ledger, remote: Remote): readonly string[] {
  return [...ledger].map(([stream, fate]) => {
    const [environment = '', service = ''] = stream.split('/');
    const ref = streamRef({ environment, service, repository: undefined });
    const files = Object.entries(recordOf(stream, fate, idAt(remote, fate.at)));
    const written = files.map(([name, text]) => `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`);
    const who = `committer Slipway <s@example.com> ${FIRST_SECOND} +0000`;
    return `reset ${ref}\ncommit ${ref}\n${who}\ndata 1\nx\ndeleteall\n${written.join('')}\n`;
  });
}

/** A clone of it with one commit checked out: the whole history, which borrows the objects; or its end, fetched. */
export async function checkOut(
  remote: Remote,
  folder: string,
  { commits, branches, tags, occasion }: Story,
): Promise<void> {
  const origin = `[remote "origin"]\n\turl = file://${remote.path}\n`;
  const commit = idAt(remote, occasion.checkedOut);
  writeEmpty(join(folder, '.git'), 'bare = false', origin);
  if (occasion.depth > 0) {
    const wanted = `+${commit}:refs/remotes/origin/checked-out`;
    await git(folder, ['fetch', '--quiet', '--no-tags', `--depth=${occasion.depth}`, 'origin', wanted]);
  } else {
    writeFileSync(join(folder, '.git', 'objects', 'info', 'alternates'), `${join(remote.path, 'objects')}\n`);
    const heads = [...branches].map(([name, at]) => `${idAt(remote, at)} refs/remotes/origin/${name}\n`);
    // What an annotated tag points at first is its own object.
    const marked = tags.map(
      ({ name }) => `${readFileSync(join(remote.path, 'refs', 'tags', name), 'latin1').trim()} refs/tags/${name}\n`,
    );
    writeFileSync(join(folder, '.git', 'packed-refs'), [...heads, ...marked].join(''));
  }
  writeFileSync(join(folder, '.git', 'HEAD'), `${commit}\n`);
  if (occasion.depth > 0) await git(folder, ['read-tree', '--reset', '-u', 'HEAD']);
  else writeConfiguration(folder, commits[occasion.checkedOut]?.tree ?? new Map());
}

/** Of most work trees only what is read from them: files and folders cost more time than all the rest. */
function writeConfiguration(folder: string, tree: Tree): void {
  for (const [path, entry] of tree) {
    if (entry.mode === '160000' || !/(^|\/)(slipway(\.service)?\.yml|Dockerfile)$/.test(path)) continue;
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), entry.text);
  }
}

/** An empty repository by gitrepository-layout(5): `git init` would be one more process. */
function writeEmpty(path: string, kind: string, more: string): void {
  mkdirSync(join(path, 'objects', 'info'), { recursive: true });
  mkdirSync(join(path, 'refs', 'heads'), { recursive: true });
  writeFileSync(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(path, 'config'), `[core]\n\trepositoryformatversion = 0\n\t${kind}\n[gc]\n\tauto = 0\n${more}`);
}

/** Variables for git that leave no setting of this machine in. */
export const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
});

/** Runs git, which must succeed; gives its output as bytes. */
export async function git(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  const child = spawn('git', args, { cwd: folder, env: gitEnvironment() });
  // A command that reads nothing may have ended by now; its status tells the story.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return await endOf(child);
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Buffer> {
  const out: Buffer[] = [];
  const words: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status === 0) return Buffer.concat(out);
  throw new Error(`${child.spawnargs.join(' ')} ended with ${String(status)}: ${Buffer.concat(words).toString()}`);
}

async function linesOf(child: ChildProcessWithoutNullStreams, count: number): Promise<readonly string[]> {
  let text = '';
  return await new Promise((resolve, reject) => {
    const words: Buffer[] = [];
    const stop = () => reject(new Error(`git fast-import gave ${text}: ${Buffer.concat(words).toString()}`));
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
    child.once('close', stop);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const lines = text.split('\n').slice(0, -1);
      if (lines.length < count) return;
      child.off('close', stop);
      resolve(lines);
    });
  });
}
