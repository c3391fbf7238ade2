import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the sources promise to users: tables of all actions, JSON Schemas, reason codes. Loaded from the TypeScript sources. */
export async function loadPromises() {
  const result = await build({
    stdin: {
      contents: `
        export { ACTIONS } from './shared/flow/interface/index.ts';
        export { jsonSchemas } from './shared/config/index.ts';
        export { eventJsonSchema, SINKS } from './shared/record/index.ts';
        export { REASONS } from './shared/model/index.ts';
      `,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    packages: 'external',
    logLevel: 'warning',
  });
  // Beside node_modules, so that the packages are found.
  const folder = mkdtempSync(join(root, 'node_modules', '.slipway-'));
  try {
    const file = join(folder, 'promises.mjs');
    writeFileSync(file, result.outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
