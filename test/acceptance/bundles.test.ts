import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { LIBRARY, start, World } from '../support/runner.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

const dist = join(LIBRARY, 'dist');
const bundles = readdirSync(dist).filter((it) => it.endsWith('.js'));
const isPost = (bundle: string): boolean => bundle.endsWith('.post.js');
const nameOf = (bundle: string): string => bundle.replace(/\.js$/, '');

describe('every bundle starts', () => {
  test.each(bundles.filter((it) => !isPost(it)))(
    '%s, with nothing in its environment, ends by itself and says why',
    async (bundle) => {
      const cwd = world.emptyFolder();
      // The demonstration would find git by itself, and go through its whole story.
      const env: Record<string, string> = bundle === 'demo.js' ? { PATH: cwd } : {};
      const answer = await start(nameOf(bundle), [], { cwd, env });
      const said = answer.stdout + answer.stderr;
      expect([0, 1]).toContain(answer.exitCode);
      expect(said).toMatch(/::error title=(not-a-repository|input-invalid)::|^usage: |broke off: git-missing /m);
      expect(said).not.toMatch(/ERR_MODULE|SyntaxError|node:internal|^\s+at /m);
    },
  );

  test.each(bundles.filter(isPost))('%s, where nothing was saved, does nothing', async (bundle) => {
    const answer = await start(nameOf(bundle), [], { cwd: world.emptyFolder(), env: {} });
    expect(answer).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('actions start what is there, and every action is one of ours', () => {
    const actions = readdirSync(join(LIBRARY, 'actions'));
    const programs = actions.flatMap((action) => {
      const { runs } = parse(readFileSync(join(LIBRARY, 'actions', action, 'action.yml'), 'utf8'));
      expect(runs).toMatchObject({ using: 'node24', main: `../../dist/${action}.js` });
      return [runs.main, ...(runs.post === undefined ? [] : [runs.post])].map((it: string) => basename(it));
    });
    expect(bundles.sort()).toEqual([...programs, 'cli.js', 'demo.js'].sort());
  });

  test('none needs anything beside itself', () => {
    const { outputs } = metafile();
    const outside = Object.values(outputs).flatMap((it) => it.imports.filter((one) => one.external === true));
    expect(outside.filter((it) => !isBuiltin(it.path) && it.path !== './picomatch.cjs')).toEqual([]);
    expect(statSync(join(dist, 'chunks', 'picomatch.cjs')).size).toBeGreaterThan(0);
  });
});

describe('bundles stay small', () => {
  const KIBIBYTE = 1024;

  test('all of dist/ is below 3 MiB', () => {
    const sizes = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((it) => statSync(join(dist, it)));
    const total = sizes.filter((it) => it.isFile()).reduce((sum, it) => sum + it.size, 0);
    expect(total / KIBIBYTE).toBeLessThan(3 * KIBIBYTE);
  });

  /**
   * KiB that are loaded before the first line of a step: the bundle and what it imports, but not what it loads when it needs it.
   * Little above what it is, so that whoever makes it more does so knowingly: detection is the step that every run has, and with
   * inline services this is all that it loads.
   */
  const LOADED_AT_START: Readonly<Record<string, number>> = {
    'detect-changed-services': 100,
    'build-and-tag-image': 420,
    'deploy-to-env': 460,
    'record-deploy-event': 290,
    'publish-deploy-board': 460,
    cli: 290,
  };
  test('detection loads few files at its start, since each costs about a millisecond', () => {
    expect(filesAtStart('dist/detect-changed-services.js').size).toBeLessThanOrEqual(5);
  });

  test.each(Object.keys(LOADED_AT_START))('%s does not load what only a cluster needs', (bundle) => {
    const { outputs } = metafile();
    const loaded = [...filesAtStart(`dist/${bundle}.js`).keys()].flatMap((it) =>
      Object.keys(outputs[it]?.inputs ?? {}),
    );
    expect(loaded.filter((it) => it.startsWith('shared/io/kubernetes/'))).toEqual([]);
    expect(Object.values(outputs).flatMap((it) => Object.keys(it.inputs))).toContain('shared/io/kubernetes/cluster.ts');
  });

  test.each(Object.entries(LOADED_AT_START))('%s loads at most %d KiB at its start', (bundle, most) => {
    expect(Math.round(loadedAtStart(`dist/${bundle}.js`) / KIBIBYTE)).toBeLessThanOrEqual(most);
  });
});

interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly bytes: number;
        readonly inputs: Readonly<Record<string, unknown>>;
        readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
      }
    >
  >;
}

const metafile = (): Metafile => JSON.parse(readFileSync(join(LIBRARY, 'metafile.json'), 'utf8'));

function loadedAtStart(entry: string): number {
  return [...filesAtStart(entry).values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** What an entry imports, directly or not, before its first line runs, with its bytes. */
function filesAtStart(entry: string): ReadonlyMap<string, number> {
  const { outputs } = metafile();
  const seen = new Map<string, number>();
  const visit = (path: string): void => {
    const output = outputs[path];
    if (output === undefined || seen.has(path)) return;
    seen.set(path, output.bytes);
    for (const it of output.imports) if (it.kind === 'import-statement' && it.external !== true) visit(it.path);
  };
  visit(entry);
  return seen;
}
