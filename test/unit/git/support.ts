import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitOptions, openCheckout } from '../../../shared/io/git/index.ts';

/** As `env -i`: nothing but the way to the programs. */
export const BARE_ENVIRONMENT = { PATH: process.env['PATH'] };

const IDENTITY = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
};

/** A folder of repositories for one test file, with a clock of its own so that commits are in order. */
export class Sandbox {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-test-')));
  #seconds = 1_800_000_000;

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  options(more: Partial<GitOptions> = {}): GitOptions {
    return { environment: BARE_ENVIRONMENT, scratch: this.root, ...more };
  }

  git(directory: string, ...args: readonly string[]): string {
    return this.gitWith(directory, undefined, ...args);
  }

  gitWith(directory: string, input: Buffer | string | undefined, ...args: readonly string[]): string {
    this.#seconds += 1;
    const date = `${this.#seconds} +0000`;
    const env = { ...BARE_ENVIRONMENT, ...IDENTITY, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return execFileSync('git', [...args], {
      cwd: directory,
      env,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    }).trim();
  }

  /** An empty work tree on branch main, that others may fetch anything from. */
  async repository(name: string): Promise<string> {
    const directory = this.path(name);
    await mkdir(directory, { recursive: true });
    this.git(directory, 'init', '--quiet', '--initial-branch=main', '--template=');
    this.git(directory, 'config', 'uploadpack.allowFilter', 'true');
    this.git(directory, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    return directory;
  }

  bare(name: string): string {
    const directory = this.path(name);
    this.git(this.root, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=', directory);
    return directory;
  }

  /** Writes files (undefined: deletes), commits everything and gives the id. */
  async commit(directory: string, files: Readonly<Record<string, string | undefined>>, message = 'change') {
    for (const [path, text] of Object.entries(files)) {
      const file = join(directory, path);
      if (text === undefined) rmSync(file, { recursive: true });
      else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    }
    this.git(directory, 'add', '--all');
    this.git(directory, 'commit', '--quiet', '--allow-empty', '-m', message);
    return this.head(directory);
  }

  /** A commit whose tree is built from raw bytes, for names that no file system takes. */
  commitTree(directory: string, entries: readonly (readonly [name: Buffer, text: string])[], parent?: string): string {
    const lines = entries.map(([name, text]) => {
      const blob = this.gitWith(directory, text, 'hash-object', '-w', '--stdin');
      return Buffer.concat([Buffer.from(`100644 blob ${blob}\t`), name, Buffer.from([0])]);
    });
    const tree = this.gitWith(directory, Buffer.concat(lines), 'mktree', '-z');
    const parents = parent === undefined ? [] : ['-p', parent];
    return this.git(directory, 'commit-tree', '-m', 'raw', ...parents, tree);
  }

  head(directory: string): string {
    return this.git(directory, 'rev-parse', 'HEAD');
  }

  /** A clone over the file protocol, which honours depth and filters. */
  clone(from: string, name: string, ...options: readonly string[]): string {
    const directory = this.path(name);
    this.git(this.root, 'clone', '--quiet', '--template=', ...options, `file://${from}`, directory);
    return directory;
  }

  open(directory: string) {
    return openCheckout(directory, this.options());
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
