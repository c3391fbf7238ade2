import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * The variant for GitHub Enterprise Server and runners older than 2.336, which do not know `uses: $/path` (same repository, same
 * commit) nor `queue:`. It says the same with names: `uses: owner/repository/path@ref`. Released as the branch `v1-ghes`.
 *
 *   node scripts/older-runners.mjs FOLDER [OWNER/REPOSITORY [REF]]      writes the library as that branch has it
 */

export const NAME = 'slipway-actions/slipway';
export const REF = 'v1-ghes';
const root = fileURLToPath(new URL('..', import.meta.url));

/** The files in which a runner finds what to do. */
const IS_READ_BY_RUNNERS = /^(?:action\.yml|actions\/[^/]+\/action\.yml|\.github\/workflows\/[^/]+\.yml)$/;

/** The text of a workflow or action in the words of older runners: line by line, so that comments stay. */
export function forOlderRunners(text, name = NAME, ref = REF) {
  return text
    .replace(
      /^(\s*(?:- )?uses: )\$\/(\S*)/gm,
      (_, start, path) => `${start}${name}${path === '' ? '' : `/${path}`}@${ref}`,
    )
    .replace(/^ +queue: max\n/gm, '');
}

/** What is different in the variant, by path. */
export function olderFiles(name = NAME, ref = REF) {
  return trackedFiles()
    .filter((path) => IS_READ_BY_RUNNERS.test(path))
    .map((path) => [path, forOlderRunners(readFileSync(join(root, path), 'utf8'), name, ref)]);
}

export function writeOlder(folder, name = NAME, ref = REF) {
  for (const path of trackedFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { verbatimSymlinks: true });
  }
  for (const [path, text] of olderFiles(name, ref)) writeFileSync(join(folder, path), text);
}

/** As git knows them, and what is new; without what is ignored or was just deleted. */
function trackedFiles() {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(list.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, name, ref] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: older-runners.mjs FOLDER [OWNER/REPOSITORY [REF]]');
  writeOlder(folder, name, ref);
}
