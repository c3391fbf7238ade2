import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './build.mjs';
import { node24 } from './node24.mjs';

/*
 * Figures of the workshop: how long each bundle takes to start as a ratio to an empty Node script in the same run, what
 * the bundles weigh, and how long files and functions are. `npm run bench`.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 15;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const quantile = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

/** Starts every bundle with an empty environment, all in turn, so that a slow moment hits all alike. */
function startTimes() {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const names = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.js') && name !== 'demo.js');
  const programs = [
    ['empty script', empty, []],
    ...names.map((name) => [name, join(root, 'dist', name), name === 'cli.js' ? ['--help'] : []]),
  ];
  const times = new Map(programs.map(([name]) => [name, []]));
  const node = node24();
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, path, args] of programs) {
      const started = process.hrtime.bigint();
      spawnSync(node, [path, ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, RUNNER_TEMP: folder },
        stdio: 'ignore',
      });
      if (round > 0) times.get(name).push(Number(process.hrtime.bigint() - started) / 1e6);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  const floor = median(times.get('empty script'));
  return [...times].map(([name, all]) => ({ name, ms: median(all), ratio: median(all) / floor }));
}

/** Bytes that an entry point loads at its start (static imports), and with everything behind `import()`. */
async function weights() {
  const { files, metafile } = await bundle();
  const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  const entries = Object.entries(metafile.outputs).filter(
    ([name, it]) => it.entryPoint !== undefined && /^dist\/[^/]+\.js$/.test(name),
  );
  const reach = (name, kinds, seen = new Set()) => {
    if (seen.has(name)) return seen;
    seen.add(name);
    for (const it of metafile.outputs[name].imports)
      if (kinds.includes(it.kind) && !it.external) reach(it.path, kinds, seen);
    return seen;
  };
  const bytes = (names) => [...names].reduce((sum, name) => sum + metafile.outputs[name].bytes, 0);
  return {
    total,
    entries: entries.map(([name]) => ({
      name: name.replace('dist/', ''),
      start: bytes(reach(name, ['import-statement'])),
      whole: bytes(reach(name, ['import-statement', 'dynamic-import'])),
    })),
  };
}

/** Lines of files, and of functions as far as braces at the same indent tell them. */
function lengths() {
  const files = ['shared', 'actions'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, folder, name)),
  );
  const lines = files.map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
  const functions = files.flatMap((file) => functionLengths(readFileSync(file, 'utf8').split('\n')));
  return { files: lines, functions };
}

function functionLengths(lines) {
  const found = [];
  for (const [index, line] of lines.entries()) {
    const opens =
      /^(\s*)(?:export )?(?:async )?(?:function\b|(?:static |readonly |private )*(?:async )?[#\w]+\(.*\).*\{$|const \w+ = .*=> \{$)/.exec(
        line,
      );
    if (!opens || !/\{$/.test(line) || /^\s*(?:if|for|while|switch|return)\b/.test(line)) continue;
    const end = lines.findIndex((it, at) => at > index && it.startsWith(`${opens[1]}}`));
    if (end > 0) found.push(end - index + 1);
  }
  return found;
}

const spread = (numbers) =>
  `median ${median(numbers)}, p90 ${quantile(numbers, 0.9)}, max ${Math.max(...numbers)} (${numbers.length})`;
const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;

console.log(`Node ${execFileSync(node24(), ['--version'], { encoding: 'utf8' }).trim()}, ${ROUNDS} rounds\n`);
for (const { name, ms, ratio } of startTimes())
  console.log(`start  ${name.padEnd(28)} ${ms.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} x`);
const { total, entries } = await weights();
console.log('');
for (const it of entries)
  console.log(`bytes  ${it.name.padEnd(28)} ${kib(it.start).padStart(9)} at start, ${kib(it.whole)} in all`);
console.log(`bytes  dist/ ${kib(total)}\n`);
const { files, functions } = lengths();
console.log(`lines of files:     ${spread(files)}`);
console.log(`lines of functions: ${spread(functions)}`);
