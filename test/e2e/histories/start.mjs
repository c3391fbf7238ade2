// Bundles main.ts, so that Node runs it as it runs the library, and starts it. SLIPWAY_SEED and SLIPWAY_HISTORIES replay.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'slipway-histories-'));
try {
  const options = {
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    splitting: true,
    outExtension: { '.js': '.mjs' },
  };
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  buildSync({
    ...options,
    entryPoints: [join(here, 'main.ts')],
    outdir: folder,
    banner: { js: banner },
    logLevel: 'error',
  });
  const env = { SLIPWAY_LIBRARY: join(here, '..', '..', '..'), ...process.env };
  const { status } = spawnSync(process.execPath, [join(folder, 'main.mjs')], { env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
