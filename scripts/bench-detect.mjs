import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';

/*
 * How long detect-changed-services takes, as a whole process, beside what it cannot do without: an empty Node script and
 * `git diff --name-status -z` of the same two commits. All in one run, in turn, so that a slow moment hits all alike.
 *
 *   npm run bench:detect [-- --rounds 15] [-- --only inline]
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'detect-changed-services.js');
const option = (name, preset) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? preset : process.argv[at + 1];
};
const ROUNDS = Number(option('rounds', '15'));
const ONLY = option('only', '');

/** Repositories: services × files each; a push touches so many files, spread over the services. */
const CASES = [
  { services: 100, files: 300, touched: 10 },
  { services: 100, files: 300, touched: 10_000 },
  { services: 1_000, files: 100, touched: 10 },
  { services: 1_000, files: 100, touched: 10_000 },
  { services: 5_000, files: 20, touched: 10 },
];

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.com',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.com',
};
const git = (folder, ...args) =>
  execFileSync('git', ['-C', folder, ...args], { env: environment, encoding: 'utf8', maxBuffer: 1 << 28 });

/** A repository made by fast-import, with one commit before and one after the push. Service files and a slipway.yml lie in it too. */
function makeRepository(folder, { services, files, touched }) {
  mkdirSync(folder, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder], { env: environment });
  const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const path = (service, file) => `services/s${service}/src/f${file % 10}/g${file}.js`;
  const lines = [
    `commit refs/heads/main\nmark :1\ncommitter Bench <b@example.com> 1700000000 +0000\n${data('before')}`,
  ];
  lines.push(`M 100644 inline slipway.yml\n${data('version: 1\nservices: ["services/*"]\n')}`);
  for (let service = 0; service < services; service += 1) {
    lines.push(
      `M 100644 inline services/s${service}/slipway.service.yml\n${data(`team: t${service % 20}\nimage: { builder: none }\n`)}`,
    );
    for (let file = 0; file < files; file += 1)
      lines.push(`M 100644 inline ${path(service, file)}\n${data(`${service} ${file}`)}`);
  }
  lines.push(`commit refs/heads/main\ncommitter Bench <b@example.com> 1700000100 +0000\n${data('after')}from :1\n`);
  const step = Math.max(1, Math.floor((services * files) / touched));
  for (let count = 0; count < touched; count += 1) {
    const at = (count * step) % (services * files);
    lines.push(`M 100644 inline ${path(Math.floor(at / files), at % files)}\n${data(`changed ${count}`)}`);
  }
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], { env: environment, input: lines.join('') });
  git(folder, 'checkout', '--quiet', '--force', 'main');
  git(folder, 'gc', '--quiet');
  const [after, before] = git(folder, 'rev-list', 'main').trim().split('\n');
  const names = new Set(
    git(folder, 'diff', '--name-only', before, after)
      .trim()
      .split('\n')
      .map((it) => it.split('/')[1]),
  );
  return { before, after, expected: [...names].sort() };
}

function detectEnvironment(temp, folder, { before, after }, inputs) {
  mkdirSync(temp, { recursive: true });
  const event = join(temp, 'event.json');
  for (const name of ['output', 'summary']) writeFileSync(join(temp, name), '');
  writeFileSync(
    event,
    JSON.stringify({ ref: 'refs/heads/main', before, after, repository: { default_branch: 'main' } }),
  );
  return {
    PATH: process.env.PATH,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/bench',
    GITHUB_SHA: after,
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: temp,
    GITHUB_OUTPUT: join(temp, 'output'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary'),
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  };
}

/** One run of a whole process. Peak memory comes from the process itself, at its end. */
function run(command, args, env, cwd) {
  const started = process.hrtime.bigint();
  const result = spawnSync(command, args, { env, cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status}: ${`${result.stdout}${result.stderr}`.slice(-500)}`,
    );
  return { ms, output: result.stdout };
}

/** Peak resident memory of one run in MiB, by GNU time where it is there. */
function peak(args, env, cwd) {
  const result = spawnSync('/usr/bin/time', ['-f', '%M', ...args], { env, cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  return result.error === undefined ? Number(result.stderr.trim().split('\n').at(-1)) / 1024 : Number.NaN;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function check(temp, expected) {
  const text = execFileSync('sed', ['-n', '/^services<</{n;p}', join(temp, 'output')], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .at(-1);
  const got = JSON.parse(text || '[]');
  if (JSON.stringify(got) !== JSON.stringify(expected))
    throw new Error(`wrong answer: ${got.length} services, not ${expected.length}`);
}

function inlineServices(services) {
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: services }, (_, index) => [`s${index}`, [`services/s${index}`]])),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const empty = join(folder, 'empty.mjs');
writeFileSync(empty, '');
const node = node24();
try {
  console.log(`${ROUNDS} rounds, medians in ms; x = ratio to (empty script + git diff)\n`);
  console.log('services  touched   empty  git diff   inline      x   files      x   peak MiB (inline, files)');
  for (const it of CASES) {
    const name = `${it.services}x${it.files}-${it.touched}`;
    const repository = join(folder, name);
    const made = makeRepository(repository, it);
    const temps = { inline: join(folder, `${name}-inline`), files: join(folder, `${name}-files`) };
    const environments = {
      inline: detectEnvironment(temps.inline, repository, made, { services: inlineServices(it.services) }),
      files: detectEnvironment(temps.files, repository, made, {}),
    };
    const times = { empty: [], diff: [], inline: [], files: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const measured = {
        empty: run(node, [empty], { PATH: process.env.PATH }, repository).ms,
        diff: run(
          'git',
          ['-C', repository, 'diff', '--name-status', '-z', made.before, made.after],
          environment,
          repository,
        ).ms,
        inline: ONLY === 'files' ? Number.NaN : run(node, [bundle], environments.inline, repository).ms,
        files: ONLY === 'inline' ? Number.NaN : run(node, [bundle], environments.files, repository).ms,
      };
      if (round > 0) for (const [key, ms] of Object.entries(measured)) times[key].push(ms);
    }
    for (const kind of ['inline', 'files']) if (ONLY === '' || ONLY === kind) check(temps[kind], made.expected);
    const [e, d, i, f] = ['empty', 'diff', 'inline', 'files'].map((key) => median(times[key]));
    const peaks = ['inline', 'files']
      .map((kind) => peak([node, bundle], environments[kind], repository).toFixed(0))
      .join(', ');
    const cell = (value, width) => value.toFixed(0).padStart(width);
    const ratio = (value) => (value / (e + d)).toFixed(2).padStart(7);
    console.log(
      `${String(it.services).padStart(8)} ${String(it.touched).padStart(8)} ${cell(e, 7)} ${cell(d, 9)} ${cell(i, 8)}${ratio(i)} ${cell(f, 7)}${ratio(f)}   ${peaks}`,
    );
    rmSync(repository, { recursive: true, force: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
