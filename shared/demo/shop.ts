import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isErrno } from '../io/disk.ts';
import { userError } from '../model/index.ts';

/** One push to the shop's default branch, as the event tells it. */
export interface Push {
  readonly before: string;
  readonly after: string;
  readonly title: string;
}

const ZEROS = '0'.repeat(40);

/** A developer's clone of the example repository, and the bare remote that it is pushed to. */
export class Shop {
  /** Path of the bare repository. */
  readonly remote: string;
  /** The developer's clone. */
  readonly clone: string;
  readonly #home: string;
  #pushed = ZEROS;

  /**
   * Makes both from `examples/shop`.
   * @param registry host and port that take the place of the example's registry
   */
  constructor(folder: string, example: string, registry: string) {
    this.remote = join(folder, 'acme', 'shop.git');
    this.clone = join(folder, 'developer');
    this.#home = folder;
    cpSync(example, this.clone, { recursive: true });
    this.edit('slipway.yml', (text) =>
      text.replace('127.0.0.1:5000', registry).replace(/^# yaml-language-server.*\n/, ''),
    );
    this.#git('init', '--quiet', '--bare', '--initial-branch=main', this.remote);
    this.#git('init', '--quiet', '--initial-branch=main', this.clone);
    this.#git('-C', this.clone, 'remote', 'add', 'origin', this.remote);
  }

  /** Changes a file of the clone. */
  edit(path: string, change: (text: string) => string): void {
    const file = join(this.clone, path);
    const before = readFileSync(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`The change to ${path} changed nothing.`);
    writeFileSync(file, after);
  }

  add(path: string, text: string): void {
    const file = join(this.clone, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Commits everything and pushes it to main. */
  push(title: string): Push {
    this.#git('-C', this.clone, 'add', '--all');
    this.#git('-C', this.clone, 'commit', '--quiet', '--message', title);
    return this.#push(title);
  }

  /** Takes a pushed commit back with a commit of its own. */
  revert(commit: string, title: string): Push {
    this.#git('-C', this.clone, 'revert', '--no-edit', commit);
    this.#git('-C', this.clone, 'commit', '--quiet', '--amend', '--message', title);
    return this.#push(title);
  }

  /** A fresh checkout of a commit, as a job gets it. */
  checkout(commit: string, folder: string): void {
    this.#git('clone', '--quiet', '--no-checkout', this.remote, folder);
    this.#git('-C', folder, 'checkout', '--quiet', '--force', '-B', 'main', commit);
  }

  #push(title: string): Push {
    const before = this.#pushed;
    this.#git('-C', this.clone, 'push', '--quiet', 'origin', 'main');
    this.#pushed = this.#git('-C', this.clone, 'rev-parse', 'HEAD').trim();
    return { before, after: this.#pushed, title };
  }

  #git(...args: readonly string[]): string {
    try {
      return this.#runGit(args);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      throw userError('git-missing', 'The program `git` is not on the PATH.', { cause: error });
    }
  }

  #runGit(args: readonly string[]): string {
    return execFileSync('git', [...args], {
      encoding: 'utf8',
      // Nothing of the machine's own git configuration has a say here.
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.#home,
        GIT_CONFIG_GLOBAL: join(this.#home, 'no-gitconfig'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Dana',
        GIT_AUTHOR_EMAIL: 'dana@example.com',
        GIT_COMMITTER_NAME: 'Dana',
        GIT_COMMITTER_EMAIL: 'dana@example.com',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
