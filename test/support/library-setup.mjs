import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds the library as it would be released into a folder of its own, so that acceptance tests always run the sources as
 * they are (that `dist/` is the same is held by `npm run check`). Its path is handed on in SLIPWAY_LIBRARY.
 */
export default async function setup() {
  const library = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-library-'));
  const { files, metafile } = await bundle();
  for (const [name, bytes] of files) write(join(library, 'dist', name), bytes);
  write(join(library, 'metafile.json'), JSON.stringify(metafile));
  cpSync(join(root, 'action.yml'), join(library, 'action.yml'));
  cpSync(join(root, 'examples'), join(library, 'examples'), { recursive: true });
  for (const action of readdirSync(join(root, 'actions'))) {
    mkdirSync(join(library, 'actions', action), { recursive: true });
    cpSync(join(root, 'actions', action, 'action.yml'), join(library, 'actions', action, 'action.yml'));
  }
  process.env.SLIPWAY_LIBRARY = library;
}

function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
