import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle, digestOf, readDist } from './build.mjs';
import { generate } from './docs.mjs';
import { node24 } from './node24.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each check gives what is wrong; nothing means that it passed. */
const CHECKS = {
  'format and lint': () => run(node24(), [program('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']),
  types: () => run(node24(), [program('typescript/bin/tsc'), '--noEmit']),
  'types of the page': () => run(node24(), [program('typescript/bin/tsc'), '--noEmit', '-p', 'shared/board/page']),
  architecture: () => jest('test/unit/architecture.test.ts'),
  contract: checkContract,
  'generated files are up to date': checkGenerated,
  'bundles are up to date': checkBundles,
  'workflow files': checkWorkflows,
};

const program = (path) => join(root, 'node_modules', path);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? [] : [`${result.stdout}${result.stderr}`.trim() || `exit code ${result.status}`];
}

function jest(...paths) {
  return run(node24(), ['--experimental-vm-modules', '--no-warnings', program('jest/bin/jest.js'), ...paths]);
}

/** `action.yml`, README tables and schemas are what the sources promise; the contract's tests hold the rest. */
function checkContract() {
  return jest('test/unit/contract.test.ts');
}

async function checkGenerated() {
  const wrong = [];
  for (const [name, text] of await generate()) {
    const path = join(root, name);
    const found = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (found !== text) wrong.push(`${name} is not what the sources give: run \`npm run docs\`.`);
  }
  return wrong;
}

async function checkBundles() {
  const { files } = await bundle();
  const there = readDist();
  const names = new Set([...files.keys(), ...there.keys()]);
  return [...names]
    .filter((name) => digestOf(files.get(name) ?? '') !== digestOf(there.get(name) ?? ''))
    .map((name) => `dist/${name} is not what the sources give: run \`npm run build\`.`);
}

async function checkWorkflows() {
  const folder = mkdtempSync(join(root, 'node_modules', '.slipway-'));
  try {
    const result = await build({
      entryPoints: [join(root, 'scripts/checks/workflows.mjs')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire as slipwayCreateRequire } from 'node:module'; const require = slipwayCreateRequire(import.meta.url);",
      },
      write: false,
      logLevel: 'error',
    });
    writeFileSync(join(folder, 'workflows.mjs'), result.outputFiles[0].contents);
    return run(node24(), [join(folder, 'workflows.mjs')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const only = process.argv.slice(2);
let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  if (only.length > 0 && !only.some((it) => name.includes(it))) continue;
  const started = performance.now();
  const wrong = await check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  for (const line of wrong) console.log(line);
  if (wrong.length > 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
