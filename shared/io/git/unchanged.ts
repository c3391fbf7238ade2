import type { UnchangedFile } from '../../model/index.ts';
import { type GitPlace, runGit } from './git.ts';
import { splitNames } from './names.ts';
import type { Repository } from './repository.ts';

/**
 * Settings under which git compares everything that it knows of a file with what it wrote down when it last looked: the
 * bit to execute and links too, and nobody's word that nothing changed.
 */
const STRICT = ['fileMode=true', 'symlinks=true', 'fsmonitor=false', 'trustctime=true', 'checkStat=default'].flatMap(
  (it) => ['-c', `core.${it}`],
);
/** Tag of a file that git looks at, in `ls-files -v`: not assumed unchanged, not left out of a sparse checkout. */
const LOOKED_AT = /^H (100644|100755|120000) ([0-9a-f]+) 0\t(.+)$/s;
/** Attributes by which a file on disk is not what is stored (gitattributes(5), "Checking-out and checking-in"). */
const CONVERTING = new Set(['text', 'eol', 'crlf', 'ident', 'filter', 'working-tree-encoding']);

/**
 * Files below a folder whose bytes on disk are those of a blob, and which: git has compared them, by what the file system
 * says or by their bytes, and nothing converts them on the way. Files that are left out are not known to differ. When git
 * cannot say, none are given: whoever asks reads the disk.
 *
 * @param folder from the root of the work tree; `''` is that
 * @returns by path from the root of the work tree
 */
export async function unchangedFiles(
  repository: Repository,
  folder: string,
): Promise<ReadonlyMap<string, UnchangedFile>> {
  const { clone, asUser } = repository;
  const below = ['--', `:(top,literal)${folder}`];
  const [listed, differing, lineEnds] = await Promise.all([
    lines(clone, ['ls-files', '--stage', '-v', '-z', ...below]),
    lines(clone, [...STRICT, 'diff-files', '--name-only', '-z', '--no-ext-diff', '--ignore-submodules=all', ...below]),
    runGit(asUser, ['config', '--get', 'core.autocrlf']),
  ]);
  // 1: it is not set.
  const converts = lineEnds.status !== 1 && lineEnds.stdout.toString('utf8').trim() !== 'false';
  if (listed === undefined || differing === undefined || converts) return NONE;
  const files = new Map(listed.flatMap(readEntry));
  for (const path of differing) files.delete(path);
  const attributes = await lines(asUser, ['check-attr', '--all', '--stdin', '-z'], [...files.keys()]);
  if (attributes === undefined) return NONE;
  for (const path of converted(attributes)) files.delete(path);
  return files;
}

const NONE: ReadonlyMap<string, UnchangedFile> = new Map();

/** Parts of an output that ends each with NUL; undefined when the command failed. */
async function lines(
  place: GitPlace,
  args: readonly string[],
  input: readonly string[] = [],
): Promise<readonly string[] | undefined> {
  const { status, stdout } = await runGit(place, args, input.map((it) => `${it}\0`).join(''));
  return status === 0 ? splitNames(stdout) : undefined;
}

function readEntry(entry: string): readonly (readonly [string, UnchangedFile])[] {
  const [, mode, id = '', path = ''] = LOOKED_AT.exec(entry) ?? [];
  return mode === '100644' || mode === '100755' || mode === '120000' ? [[path, { mode, id }]] : [];
}

/** Paths of `check-attr -z`, which gives path, attribute and value in turns. Links have no line ends, but lose nothing here. */
function* converted(fields: readonly string[]): Generator<string> {
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (CONVERTING.has(fields[at + 1] ?? '') && fields[at + 2] !== 'unset') yield fields[at] ?? '';
  }
}
