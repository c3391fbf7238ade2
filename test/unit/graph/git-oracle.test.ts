import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePatterns } from '../../../shared/graph/index.ts';

/*
 * Git itself as the judge of what single patterns mean. Left out is where the two differ on purpose: patterns that end
 * with a slash or `/**` (git asks whether the path is a folder), and braces (git has none).
 */

const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-patterns-'));
  execFileSync('git', ['init', '-q', folder], { env });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of the paths those that git ignores by one pattern. */
function ignored(pattern: string, paths: readonly string[]): readonly string[] {
  writeFileSync(join(folder, '.gitignore'), `${pattern}\n`);
  const input = paths.map((path) => `${path}\0`).join('');
  const options = { cwd: folder, env, input, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync('git', ['check-ignore', '--no-index', '-z', '--stdin'], options);
  // 1: none of them is ignored.
  expect([0, 1]).toContain(status);
  return stdout.split('\0').filter((path) => path !== '');
}

const step = fc.oneof(
  { weight: 1, arbitrary: fc.constant('**') },
  {
    weight: 5,
    arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '+', '('), minLength: 1, maxLength: 3 }),
  },
);
const pattern = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 4 }))
  .filter(([, steps]) => steps.every((it) => it !== '.' && it !== '..' && (it === '**' || !it.includes('**'))))
  .filter(([, steps]) => steps.at(-1) !== '**' || steps.length === 1)
  .map(([rooted, steps]) => `${rooted ? '/' : ''}${steps.join('/')}`);
const part = fc
  .string({ unit: fc.constantFrom('a', 'b', '.', '+', '('), minLength: 1, maxLength: 3 })
  .filter((it) => it !== '.' && it !== '..');
const paths = fc.uniqueArray(
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  { minLength: 20, maxLength: 40 },
);

test('what a pattern takes in is what git would ignore by it', () => {
  fc.assert(
    fc.property(pattern, paths, (one, all) => {
      const matches = compilePatterns({ from: '', patterns: [one] });
      expect([one, all.filter(matches)]).toEqual([one, [...ignored(one, all)]]);
    }),
    { numRuns: 100 },
  );
});
