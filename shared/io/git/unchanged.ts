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
const LOOKED_AT = /^H (100644|100755|120000) ([0-9a-f]+) 0\t/;
/**
 * Only files that none of these attributes is said of, by which a file on disk is not what is stored (gitattributes(5),
 * "Checking-out and checking-in"); gitglossary(7), "pathspec".
 */
const AS_STORED = ['text', 'eol', 'crlf', 'ident', 'filter', 'working-tree-encoding'].map((it) => `!${it}`).join(' ');

/**
 * Files below a folder whose bytes on disk are those of a blob, and which: git has compared them, by what the file system
 * says or by their bytes, and nothing converts them on the way. Files that are left out are not known to differ. When git
 * cannot say, none are given: whoever asks reads the disk.
 *
 * @param folder from the root of the work tree; `''` is that
 * @returns by path from the root of the work tree
 */
export async function unchangedFiles(
  { clone, asUser }: Repository,
  folder: string,
): Promise<ReadonlyMap<string, UnchangedFile>> {
  const [listed, differing, lineEnds] = await Promise.all([
    names(asUser, ['ls-files', '--stage', '-v', '-z', '--', `:(top,literal,attr:${AS_STORED})${folder}`]),
    names(clone, [...STRICT, ...DIFFER, '--', `:(top,literal)${folder}`]),
    runGit(asUser, ['config', '--get', 'core.autocrlf']),
  ]);
  // 1: it is not set.
  const converts = lineEnds.status !== 1 && lineEnds.stdout.toString('utf8').trim() !== 'false';
  if (listed === undefined || differing === undefined || converts) return new Map();
  const files = new Map(listed.flatMap(readEntry));
  for (const path of differing) files.delete(path);
  return files;
}

const DIFFER = ['diff-files', '--name-only', '-z', '--no-ext-diff', '--ignore-submodules=all'];

/** Names that an output has; undefined when the command failed. */
async function names(place: GitPlace, args: readonly string[]): Promise<readonly string[] | undefined> {
  const { status, stdout } = await runGit(place, args);
  return status === 0 ? splitNames(stdout) : undefined;
}

function readEntry(entry: string): readonly (readonly [string, UnchangedFile])[] {
  const [start = '', mode, id = ''] = LOOKED_AT.exec(entry) ?? [];
  if (mode !== '100644' && mode !== '100755' && mode !== '120000') return [];
  return [[entry.slice(start.length), { mode, id }]];
}
