import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, git, makeHouse } from './bench/detect-houses.mjs';
import { node24 } from './node24.mjs';

/*
 * How long detect-changed-services takes, as a whole process, beside what it cannot do without: an empty Node script and
 * `git diff --name-status -z` of the same two commits. All in one run, in turn, so that a slow moment hits all alike.
 *
 *   npm run bench:detect [-- --rounds 15] [-- --only inline]
 *
 * `x5` is the ratio to (empty script + git diff + 5 ms), the measure of a push of ten files; `x15` the same with 15 ms, that
 * of ten thousand. `peak` is resident memory in MiB, `git` the number of its processes, `out` and `log` are bytes written.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'detect-changed-services.js');
const option = (name, preset) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? preset : process.argv[at + 1];
};
const ROUNDS = Number(option('rounds', '15'));
const ONLY = option('only', '');

/** `inline`: services from the input; `files`: slipway.yml and service files; `shallow`: inline, in a clone of one commit; `ledger`: bases from streams. */
const CASES = [
  { services: 100, files: 300, touched: 10, modes: ['inline', 'files', 'shallow'] },
  { services: 100, files: 300, touched: 10_000, modes: ['inline', 'files'] },
  { services: 1_000, files: 100, touched: 10, modes: ['inline', 'files', 'shallow'] },
  { services: 1_000, files: 100, touched: 10_000, modes: ['inline', 'files'] },
  { services: 5_000, files: 20, touched: 10, modes: ['inline', 'files'] },
  { services: 1_000, files: 10, touched: 10, modes: ['ledger'], ledger: true, bases: 1 },
  { services: 1_000, files: 10, touched: 10, modes: ['ledger'], ledger: true, bases: 20 },
  { services: 1_000, files: 10, touched: 10, modes: ['ledger'], ledger: true, bases: 1_000 },
];

/** The runner's variables. Lines of YAML: an input of five thousand services as JSON would be longer than a variable may be. */
function variablesOf(temp, checkout, { before, after }, services) {
  mkdirSync(temp, { recursive: true });
  for (const name of ['output', 'summary']) writeFileSync(join(temp, name), '');
  const event = { ref: 'refs/heads/main', before, after, repository: { default_branch: 'main' } };
  writeFileSync(join(temp, 'event.json'), JSON.stringify(event));
  const inline = Array.from({ length: services ?? 0 }, (_, at) => `s${at}: services/s${at}\n`).join('');
  return {
    PATH: process.env.PATH,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: join(temp, 'event.json'),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: after,
    GITHUB_WORKSPACE: checkout,
    RUNNER_TEMP: temp,
    GITHUB_OUTPUT: join(temp, 'output'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary'),
    ...(services === undefined ? {} : { INPUT_SERVICES: inline }),
  };
}

/** One run of a whole process. */
function run(command, args, env, cwd) {
  const started = process.hrtime.bigint();
  const result = spawnSync(command, args, { env, cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0)
    throw new Error(`${command} ended with ${result.status}: ${`${result.stdout}${result.stderr}`.slice(-500)}`);
  return { ms, output: result.stdout };
}

/** Peak resident memory of one run in MiB, by GNU time where it is there. */
function peakOf(args, env, cwd) {
  const result = spawnSync('/usr/bin/time', ['-f', '%M', ...args], { env, cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  return result.error === undefined ? Number(result.stderr.trim().split('\n').at(-1)) / 1024 : Number.NaN;
}

/** Processes of git that one run starts, counted by a program of that name in front of the real one. */
function processesOf(env, cwd) {
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls');
  mkdirSync(bin, { recursive: true });
  const real = join(git(cwd, '--exec-path').trim(), 'git');
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$*" >> "${calls}"\nexec "${real}" "$@"\n`);
  chmodSync(join(bin, 'git'), 0o755);
  writeFileSync(calls, '');
  run(node, [bundle], { ...env, PATH: `${bin}${delimiter}${env.PATH}` }, cwd);
  return readFileSync(calls, 'utf8').split('\n').length - 1;
}

/** Bytes of outputs and log of one run, whose answer must be right. */
function writtenBy(temp, env, cwd, expected) {
  const outputs = join(temp, 'output');
  writeFileSync(outputs, '');
  const { output } = run(node, [bundle], env, cwd);
  const text = readFileSync(outputs, 'utf8');
  const got = /^services<<(.*)\n(.*)\n\1$/m.exec(text)?.[2];
  if (got !== JSON.stringify(expected)) throw new Error(`wrong answer: ${got?.slice(0, 200)}`);
  return { out: Buffer.byteLength(text), log: Buffer.byteLength(output) };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function measure(name, mode, it, made) {
  const temp = join(folder, `${name}-${mode}`);
  const checkout = mode === 'shallow' ? join(folder, `${name}-clone`) : join(folder, name);
  if (mode === 'shallow')
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${join(folder, name)}`, checkout], {
      env: environment,
    });
  const env = variablesOf(temp, checkout, made, mode === 'inline' || mode === 'shallow' ? it.services : undefined);
  const difference = ['-C', join(folder, name), 'diff', '--name-status', '-z', made.before, made.after];
  const times = { empty: [], diff: [], run: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const measured = {
      empty: run(node, [empty], { PATH: process.env.PATH }, folder).ms,
      diff: run('git', difference, environment, folder).ms,
      run: run(node, [bundle], env, checkout).ms,
    };
    if (round > 0) for (const [key, ms] of Object.entries(measured)) times[key].push(ms);
  }
  const [e, d, r] = ['empty', 'diff', 'run'].map((key) => median(times[key]));
  const { out, log } = writtenBy(temp, env, checkout, made.expected);
  const peak = peakOf([node, bundle], env, checkout);
  return [e, d, r, r / (e + d + 5), r / (e + d + 15), peak, processesOf(env, checkout), out, log];
}

const HEAD = ['mode', 'services', 'touched', 'bases', 'empty', 'diff', 'run', 'x5', 'x15', 'peak', 'git', 'out', 'log'];
const line = (cells) => cells.map((it, at) => String(it).padStart(at === 0 ? 8 : 9)).join('');

const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const empty = join(folder, 'empty.mjs');
writeFileSync(empty, '');
const node = node24();
try {
  console.log(`${ROUNDS} rounds, medians in ms\n\n${line(HEAD)}`);
  for (const it of CASES) {
    const modes = it.modes.filter((mode) => ONLY === '' || ONLY === mode);
    if (modes.length === 0) continue;
    const name = `${it.services}x${it.files}-${it.touched}-${it.bases ?? 1}`;
    const made = await makeHouse(join(folder, name), it);
    for (const mode of modes) {
      const values = measure(name, mode, it, made);
      const shown = values.map((value, at) => value.toFixed(at === 3 || at === 4 ? 2 : 0));
      console.log(line([mode, it.services, it.touched, it.bases ?? 1, ...shown]));
    }
    rmSync(join(folder, name), { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
