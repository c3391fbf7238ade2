import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { once, userError } from '../../model/index.ts';
import { type GitPlace, runGit } from './git.ts';
import { type PlainClone, plainClone } from './layout.ts';
import { type GitOptions, ownFolder, type Places, placesOf } from './options.ts';
import { Origin } from './origin.ts';
import { makeBare, type ObjectFormat } from './scratch.ts';

/**
 * The user's clone and the repositories of our own around it. Refs and history are read from the clone. Objects are read
 * through `view`, a bare repository that borrows the objects of the clone and of what was fetched: it has no settings, so
 * nothing in the clone's configuration can change an answer, and a partial clone fetches nothing behind our back.
 */
export interface Repository {
  readonly root: string;
  readonly shallow: boolean;
  /** Whether a part of the work tree may be left out (git-sparse-checkout(1)). */
  readonly sparse: boolean;
  readonly format: ObjectFormat;
  /** The user's clone. */
  readonly clone: GitPlace;
  /** The same with the user's settings, as the checkout was made with; no network. */
  readonly asUser: GitPlace;
  /** The same where its files can be read without git. */
  readonly plain: PlainClone | undefined;
  readonly view: () => GitPlace;
  /** Our own repository for trees and files that were fetched. */
  readonly trees: () => string;
  /** Our own repository for commits that were fetched, without alternates: its history has no gaps. */
  readonly history: () => string;
  readonly bare: (gitDirectory: string) => GitPlace;
  readonly origin: Origin;
}

/** Finds the clone that a folder is in. Throws `not-a-repository`. */
export async function openRepository(directory: string, options: GitOptions): Promise<Repository> {
  const places = placesOf(options);
  const plain = plainClone(directory);
  const found = plain === undefined ? await findClone(directory, places) : factsOf(plain);
  const folder = once(() => ownFolder(options));
  const own = (name: string) => once(() => makeBare(join(folder(), name), found.format));
  const trees = own('trees.git');
  return {
    root: found.root,
    shallow: found.shallow,
    sparse: found.sparse,
    format: found.format,
    clone: places.workTree(found.root),
    asUser: places.asUser(found.root),
    plain,
    view: once(() => {
      const borrowed = [found.objects, join(trees(), 'objects')];
      return places.bare(makeBare(join(folder(), 'view.git'), found.format, borrowed));
    }),
    trees,
    history: own('history.git'),
    bare: places.bare,
    origin: new Origin(found.root, places),
  };
}

interface FoundClone {
  readonly root: string;
  /** Absolute path of the folder of its objects. */
  readonly objects: string;
  readonly shallow: boolean;
  readonly sparse: boolean;
  readonly format: ObjectFormat;
}

/** What a sparse checkout takes in. The file stays when it is switched off again: then it says nothing, and does no harm. */
const SPARSE = 'info/sparse-checkout';

const factsOf = ({ root, gitDirectory, shallow }: PlainClone): FoundClone => ({
  root,
  objects: join(gitDirectory, 'objects'),
  shallow,
  sparse: existsSync(join(gitDirectory, SPARSE)),
  format: 'sha1',
});

async function findClone(directory: string, places: Places): Promise<FoundClone> {
  const paths = ['--git-path', 'objects', '--git-path', SPARSE];
  const questions = ['--show-toplevel', ...paths, '--is-shallow-repository', '--show-object-format'];
  const result = await runGit(places.workTree(directory), ['rev-parse', ...questions]);
  const [root = '', objects = '', taken = '', shallow = '', format = ''] = result.stdout.toString('utf8').split('\n');
  if (result.status !== 0 || root === '') {
    throw userError('not-a-repository', `${directory} is not in a work tree of git: ${result.words}.`);
  }
  const known: ObjectFormat = format === 'sha256' ? 'sha256' : 'sha1';
  return {
    root,
    objects: resolve(directory, objects),
    shallow: shallow === 'true',
    sparse: existsSync(resolve(directory, taken)),
    format: known,
  };
}
