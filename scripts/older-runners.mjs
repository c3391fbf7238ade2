import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forOlderRunners, NAME, REF } from './older-syntax.mjs';

/*
 * Writes the library as the branch `v1-ghes` has it: as it stands here, with the files that runners read in older words.
 *
 *   node scripts/older-runners.mjs FOLDER [OWNER/REPOSITORY [REF]]
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files in which a runner finds what to do. */
const IS_READ_BY_RUNNERS = /^(?:action\.yml|actions\/[^/]+\/action\.yml|\.github\/workflows\/[^/]+\.yml)$/;

/** What is different in the variant, by path. */
function olderFiles(name = NAME, ref = REF) {
  return trackedFiles()
    .filter((path) => IS_READ_BY_RUNNERS.test(path))
    .map((path) => [path, forOlderRunners(readFileSync(join(root, path), 'utf8'), name, ref)]);
}

function writeOlder(folder, name = NAME, ref = REF) {
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
