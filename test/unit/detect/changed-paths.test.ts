import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ChangedPaths, foldersOf, Matchers } from '../../../shared/detect/changed-paths.ts';
import { compilePatterns } from '../../../shared/graph/index.ts';

const part = fc.constantFrom('a', 'b', 'ab', 'a-', 'a0', '.c', 'a b', 'x\ny', 'é', '\udcff');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const glob = fc.constantFrom('a', 'b', 'ab', '**', '*', 'a*', '?b', '{a,b}', '[ab]', '.c', '\\a');
const pattern = fc
  .tuple(fc.constantFrom('', '', '!'), fc.constantFrom('', '/', './'), fc.array(glob, { minLength: 1, maxLength: 3 }))
  .map(([not, start, parts]) => not + start + parts.join('/'));
const rules = fc.record({ from: fc.constantFrom('', 'a', 'a/b'), patterns: fc.array(pattern, { maxLength: 4 }) });

test('looking only where something can match finds what looking everywhere finds', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 30 }), rules, (paths, it) => {
      const expected = paths.filter(compilePatterns(it)).sort();
      const found = new ChangedPaths(paths, new Matchers()).matching(it);
      expect(found.count).toBe(expected.length);
      expect([...found.paths].sort()).toEqual(expected.length > 10 ? [...found.paths].sort() : expected);
      expect(expected).toEqual(expect.arrayContaining([...found.paths]));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [{ from: 'services/a', patterns: ['**', '!**/*.md'] }, ['services/a']],
  [{ from: '', patterns: ['services/a/**', 'services/a/src/*.ts', 'libs/x'] }, ['libs/x', 'services/a']],
  [{ from: '', patterns: ['*.proto', 'services/a/**'] }, ['']],
  [{ from: 'b', patterns: ['/x', 'y'] }, ['b']],
  [{ from: 'b', patterns: ['/x/y*'] }, ['b/x']],
])('%j is looked for in %j', (it, folders) => expect(foldersOf(it)).toEqual(folders));
