import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { keyOfContext } from './bench/key-of-context.mjs';
import { pushLayers } from './bench/push-layers.mjs';
import { node24 } from './node24.mjs';

/*
 * How long it takes to build and to push images, beside the best that others do: whole processes, all in turn, so that a
 * slow moment hits all alike. A case is a file in `bench/` and a line in CASES.
 *
 *   npm run bench:build [-- --rounds 9]
 *
 * Tools that are not there are left out: docker-registry and skopeo come from the distribution, crane by
 * `go install github.com/google/go-containerregistry/cmd/crane@latest`.
 */

const CASES = [keyOfContext, pushLayers];

const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 7 : Number(process.argv[at + 1]);
const env = { ...process.env, PATH: [process.env.PATH, join(homedir(), 'go', 'bin')].join(delimiter) };

/** Milliseconds of a whole process; undefined where there is no such program. */
async function run(command, ...args) {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (said = `${said}${chunk}`.slice(-500)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => (error.code === 'ENOENT' ? resolve('missing') : reject(error)));
    child.once('close', resolve);
  });
  if (code === 'missing') return undefined;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${said}`);
  return performance.now() - started;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Rounds of one case: the first warms up and does not count. */
async function measure({ ours, others }) {
  const runs = { slipway: ours, ...others };
  const times = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, go] of Object.entries(runs)) {
      const ms = await go();
      if (ms !== undefined && round > 0) times[name].push(ms);
    }
  }
  return Object.entries(times).map(([name, all]) => [name, all.length === 0 ? undefined : median(all)]);
}

function report(title, medians, notes) {
  const best = Math.min(...medians.slice(1).map(([, ms]) => ms ?? Number.POSITIVE_INFINITY));
  console.log(`\n${title}`);
  for (const [name, ms] of medians) {
    const figures = ms === undefined ? 'not here' : `${ms.toFixed(0).padStart(6)} ms  ${(ms / best).toFixed(2)} x`;
    console.log(`  ${name.padEnd(12)} ${figures}`);
  }
  for (const note of notes) console.log(`  ${note}`);
}

console.log(`${ROUNDS} rounds, medians; x = ratio to the best of the others`);
for (const it of CASES) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const opened = await it.open(folder, { node: node24(), run });
  try {
    report(it.title, await measure(opened), opened.notes());
  } finally {
    opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
