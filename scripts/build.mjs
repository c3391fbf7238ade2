import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles, by the name that `action.yml` and people start them by. */
const ENTRIES = {
  ...Object.fromEntries(readdirSync(join(root, 'actions')).flatMap(programsOf)),
  cli: 'shared/cli/main.ts',
  demo: 'shared/demo/main.ts',
};

/** An action is one program, or two: what its `post:` starts is its own, so that it can never take itself for `main`. */
function programsOf(action) {
  const programs = [
    [action, `actions/${action}/main.ts`],
    [`${action}.post`, `actions/${action}/post.ts`],
  ];
  return programs.filter(([, source]) => existsSync(join(root, source)));
}

/**
 * Packages that have no side effects when they are loaded, but do not say so. Without this their whole HTTP client comes
 * along into every action that only logs a line.
 */
const PURE_PACKAGES = /[\\/]node_modules[\\/](?:@actions[\\/](?:core|http-client|io|exec)|undici|tunnel)[\\/]/;

const withoutSideEffects = {
  name: 'without-side-effects',
  setup(plugins) {
    plugins.onResolve({ filter: /^(?:@actions\/(?:core|http-client|io|exec)|undici|tunnel)$/ }, async (args) => {
      if (args.pluginData === 'resolved') return undefined;
      const found = await plugins.resolve(args.path, {
        kind: args.kind,
        importer: args.importer,
        resolveDir: args.resolveDir,
        pluginData: 'resolved',
      });
      return PURE_PACKAGES.test(found.path) ? { ...found, sideEffects: false } : found;
    });
    plugins.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, resolveDir }) =>
      /[\\/]@actions[\\/]core[\\/]/.test(importer)
        ? { path: resolve(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

/**
 * picomatch is a file of its own, which is loaded (at once, not awaited) when the first pattern needs it: most runs have none
 * that does. In the sources it is an ordinary import.
 */
const LATE_FILE = 'picomatch.cjs';
const loadedLate = {
  name: 'loaded-late',
  setup(plugins) {
    plugins.onResolve({ filter: /^picomatch$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'picomatch', namespace: 'late' } : undefined,
    );
    plugins.onResolve({ filter: /^late:/ }, () => ({ path: `./${LATE_FILE}`, external: true }));
    plugins.onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents: `
        const late = (name) => (...args) => require('late:picomatch')[name](...args);
        export default Object.assign((...args) => require('late:picomatch')(...args), {
          isMatch: late('isMatch'),
          makeRe: late('makeRe'),
        });`,
      resolveDir: root,
    }));
  },
};

async function readLate() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['picomatch'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0].contents;
}

/**
 * What detection needs at its start becomes one file: loading a module costs Node about as much as twenty kilobytes in it,
 * and this is the step that every run begins with. esbuild puts together what the same entries reach, so every other entry,
 * and all that is loaded later, is made to reach it too; most of it is what all of them need anyway.
 */
const CORE = ['./shared/flow/detect.ts', './shared/flow/interface/detect.ts', './shared/io/runner/index.ts'];
const oneCore = {
  name: 'one-core',
  setup(plugins) {
    plugins.onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir, namespace }) => {
      const isDoor = kind === 'entry-point' || (kind === 'dynamic-import' && namespace !== 'door');
      // From the root: an absolute path would have its say in names and order, and the bundles differ between two folders.
      const fromRoot = `./${relative(root, resolve(resolveDir, path)).replaceAll('\\', '/')}`;
      return isDoor ? { path: fromRoot, namespace: 'door' } : undefined;
    });
    plugins.onLoad({ filter: /.*/, namespace: 'door' }, ({ path }) => ({
      contents: [...CORE.map((it) => `import ${JSON.stringify(it)};`), `export * from ${JSON.stringify(path)};`].join(
        '\n',
      ),
      resolveDir: root,
    }));
  },
};

/**
 * `node:fs` as a module has every name that it exports read, also those behind which the streams of files and their promises
 * are loaded: five milliseconds. `require` gives the same functions and reads none. In the sources it is an ordinary import.
 */
const lightBuiltins = {
  name: 'light-builtins',
  setup(plugins) {
    plugins.onResolve({ filter: /^node:fs$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'light' } : undefined,
    );
    plugins.onLoad({ filter: /.*/, namespace: 'light' }, ({ path }) => ({
      contents: [
        `const whole = require(${JSON.stringify(path)});`,
        ...FS_NAMES.map((name) => `export const ${name} = /* @__PURE__ */ (() => whole.${name})();`),
      ].join('\n'),
    }));
  },
};

/** What sources import of it; a name that is missing here is an error of the build. Not what this Node has: bundles would differ. */
const FS_NAMES = [
  ...['appendFileSync', 'closeSync', 'constants', 'cpSync', 'createReadStream', 'createWriteStream', 'existsSync'],
  ...['fstatSync', 'lstatSync', 'mkdirSync', 'mkdtempSync', 'openSync', 'readFileSync', 'readSync', 'readdirSync'],
  ...['readlinkSync', 'realpathSync', 'rmSync', 'statSync', 'unlinkSync', 'writeFileSync', 'writeSync'],
];

/** What reason codes mean is for the documentation alone, and as long as all else that a detection loads of the model. */
const MEANING = /^ {4}meaning:\s+(?:'[^'\n]*'|"[^"\n]*"),\n/gm;
const withoutMeanings = {
  name: 'without-meanings',
  setup(plugins) {
    plugins.onLoad({ filter: /[\\/]shared[\\/]model[\\/]reasons\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll(MEANING, '');
      if (/^ {4}meaning/m.test(contents)) throw new Error(`${path}: a meaning is written in another form.`);
      return { contents, loader: 'ts' };
    });
  },
};

/** The script and style of the board's page, as texts: `import assets from 'board:assets'`. */
const boardAssets = {
  name: 'board-assets',
  setup(plugins) {
    plugins.onResolve({ filter: /^board:assets$/ }, () => ({ path: 'board:assets', namespace: 'board' }));
    plugins.onLoad({ filter: /.*/, namespace: 'board' }, async () => ({
      contents: `export default ${JSON.stringify(await readBoardAssets())};`,
      loader: 'js',
    }));
  },
};

async function readBoardAssets() {
  const page = join(root, 'shared/board/page');
  const script = await build({
    entryPoints: [join(page, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    legalComments: 'none',
  });
  const style = await build({ entryPoints: [join(page, 'style.css')], minify: true, write: false });
  return { script: script.outputFiles[0].text.trim(), style: style.outputFiles[0].text.trim() };
}

/** What a CommonJS package inside an ES module needs. The long names cannot collide with those of the minifier. */
const BANNER = [
  "import { createRequire as slipwayCreateRequire } from 'node:module';",
  'const require = (name) => slipwayCreateRequire(import.meta.url)(name);',
].join('\n');

/** Makes all bundles. Gives file name → bytes, and esbuild's account of what went in. */
export async function bundle() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: BANNER },
    metafile: true,
    write: false,
    logLevel: 'warning',
    plugins: [withoutMeanings, lightBuiltins, oneCore, withoutSideEffects, loadedLate, boardAssets],
  });
  const files = new Map(
    result.outputFiles.map((file) => [
      file.path.slice(join(root, 'dist').length + 1).replaceAll('\\', '/'),
      file.contents,
    ]),
  );
  files.set(`chunks/${LATE_FILE}`, await readLate());
  files.set('package.json', new TextEncoder().encode('{ "type": "module" }\n'));
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), metafile: result.metafile };
}

/** The files of dist/ as they lie there. */
export function readDist() {
  const folder = join(root, 'dist');
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await bundle();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const path = join(root, 'dist', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
  }
  const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  console.log(`dist/: ${files.size} files, ${Math.round(total / 1024)} KiB`);
}
