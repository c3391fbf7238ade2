import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDERS = 1_000;
const FILES_OF_A_FOLDER = 20;

/** The content key of a context whose files git knows, beside reading every one of them. */
export const keyOfContext = {
  title: `content key of a context of ${FOLDERS * FILES_OF_A_FOLDER} files`,
  async open(folder, { node, run }) {
    const program = join(folder, 'key-of-context.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('key-of-context.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      // Some of what is bundled was not written as ES modules.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
    const root = makeRepository(join(folder, 'repository'));
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const ours = (how) => () => run(node, program, root, scratch, how, join(folder, `${how}.txt`));
    const shell = (text) => () => run('sh', '-c', `cd '${root}' && ${text}`);
    return {
      ours: ours('git'),
      others: {
        'all read': ours('read'),
        sha256sum: shell('find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum'),
        tar: shell('tar --sort=name --mtime=@0 --exclude=./.git -c . | sha256sum'),
      },
      notes: () => ['git', 'read'].map((how) => `within the process, ${how}: ${inside(join(folder, `${how}.txt`))}`),
      close() {},
    };
  },
};

/** Median of what the program noted; every run must have made the same key. */
function inside(file) {
  const runs = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const keys = new Set(runs.map(([, key]) => key));
  const times = runs.map(([ms]) => Number(ms)).sort((a, b) => a - b);
  return `${times[Math.floor(times.length / 2)]} ms, ${keys.size === 1 ? 'one key' : `${keys.size} KEYS`}`;
}

function makeRepository(root) {
  mkdirSync(root);
  writeFileSync(join(root, 'slipway.yml'), 'version: 1\nservice: {}\n');
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  for (let at = 0; at < FOLDERS; at += 1) {
    const folder = join(root, 'src', `part-${at % 40}`, `package-${at}`);
    mkdirSync(folder, { recursive: true });
    for (let file = 0; file < FILES_OF_A_FOLDER; file += 1) {
      writeFileSync(join(folder, `file-${file}.js`), `${at} ${file}\n`.repeat(50 + ((at * 7 + file * 13) % 700)));
    }
  }
  const git = (...args) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=bench', '-c', 'user.email=b@example.com', ...args]);
  git('init', '--quiet', '--template=');
  git('add', '--all');
  git('commit', '--quiet', '--message=bench');
  return root;
}
