import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/* Repositories for bench-detect, made by git-fast-import(1): with service files, and with a ledger where one is asked for. */

const root = fileURLToPath(new URL('../..', import.meta.url));

export const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
export const git = (folder, ...args) =>
  execFileSync('git', ['-C', folder, ...args], { env: environment, encoding: 'utf8', maxBuffer: 1 << 28 });

const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
const file = (path, text) => `M 100644 inline ${path}\n${data(text)}`;
const pathOf = (service, at) => `services/s${service}/src/f${at % 10}/g${at}.js`;
const commit = (ref, mark, when, from) =>
  `commit ${ref}\nmark :${mark}\ncommitter Bench <b@example.com> ${1_700_000_000 + when} +0000\n${data('bench')}${from === undefined ? '' : `from :${from}\n`}`;

/**
 * A repository with `bases` commits before the push and one that is it; without a ledger they are one line, with one the
 * streams of the services are spread over them.
 */
export async function makeHouse(folder, { services, files, touched, bases = 1, ledger = false }) {
  mkdirSync(folder, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder], { env: environment });
  const config = `version: 1\nservices: ["services/*"]\n${ledger ? 'environments: { production: {} }\ngraph: { import: [] }\n' : ''}`;
  const lines = [commit('refs/heads/main', 1, 1), file('slipway.yml', config)];
  for (let service = 0; service < services; service += 1) {
    lines.push(
      file(`services/s${service}/slipway.service.yml`, `team: t${service % 20}\nimage: { builder: none }\n`),
      ...Array.from({ length: files }, (_, at) => file(pathOf(service, at), `${service} ${at}`)),
    );
  }
  for (let base = 2; base <= bases; base += 1) {
    lines.push(commit('refs/heads/main', base, base, base - 1), file('notes.txt', `${base}`));
  }
  lines.push(commit('refs/heads/main', bases + 1, bases + 1, bases));
  const step = Math.max(1, Math.floor((services * files) / touched));
  for (let count = 0; count < touched; count += 1) {
    const at = (count * step) % (services * files);
    lines.push(file(pathOf(Math.floor(at / files), at % files), `changed ${count}`));
  }
  fastImport(folder, lines);
  const [after, ...earlier] = git(folder, 'rev-list', 'main').trim().split('\n');
  if (ledger) await writeLedger(folder, services, earlier);
  git(folder, 'checkout', '--quiet', '--force', 'main');
  git(folder, 'gc', '--quiet');
  git(folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  git(folder, 'remote', 'add', 'origin', `file://${folder}`);
  const before = earlier[0];
  const names = git(folder, 'diff', '--name-only', before, after).trim().split('\n');
  return { before, after, expected: [...new Set(names.map((it) => it.split('/')[1]))].sort() };
}

function fastImport(folder, lines) {
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], { env: environment, input: lines.join('') });
}

/** A stream for each service, whose newest commit says that one of the commits runs. */
async function writeLedger(folder, services, commits) {
  const { recordOf } = await loadRecords();
  const lines = [];
  for (let service = 0; service < services; service += 1) {
    lines.push(commit(`refs/slipway/v1/production/s${service}`, 100_000 + service, 0));
    const record = recordOf(`production/s${service}`, { kind: 'live', held: false }, commits[service % commits.length]);
    for (const [path, text] of Object.entries(record)) lines.push(file(path, text));
  }
  fastImport(folder, lines);
}

async function loadRecords() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['test/support/histories/records.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
  });
  // Beside node_modules, so that the packages are found.
  const folder = mkdtempSync(join(root, 'node_modules', '.slipway-'));
  try {
    const path = join(folder, 'records.mjs');
    writeFileSync(path, result.outputFiles[0].contents);
    return await import(pathToFileURL(path).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
