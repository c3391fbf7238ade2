import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { transformSync, version } from 'esbuild';

/** A jest transformer: TypeScript to ES modules for the Node that runs it, one file at a time. */
const self = readFileSync(new URL(import.meta.url));

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'external',
      sourcefile: path,
    });
    return { code, map };
  },
  getCacheKey(source, path) {
    return createHash('sha256').update(self).update(version).update(path).update(source).digest('hex');
  },
};
