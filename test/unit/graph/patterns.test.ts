import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePatterns } from '../../../shared/graph/index.ts';

const matches = (patterns: string | readonly string[], path: string, from = ''): boolean =>
  compilePatterns({ from, patterns: typeof patterns === 'string' ? [patterns] : patterns })(path);

describe('one pattern', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'README.md',
      ['README.md', 'a/README.md', 'a/b/README.md', 'README.md/x'],
      ['aREADME.md', 'README.mdx', 'readme.md'],
    ],
    ['/README.md', ['README.md', 'README.md/x'], ['a/README.md']],
    ['./README.md', ['README.md'], ['a/README.md']],
    ['docs', ['docs', 'docs/a', 'docs/a/b', 'x/docs/a'], ['docsa', 'adocs/x', 'x/docsa']],
    ['docs/', ['docs/a', 'x/docs/a', 'docs'], ['docsa']],
    ['/docs/', ['docs/a'], ['x/docs/a']],
    ['a/b', ['a/b', 'a/b/c'], ['a', 'x/a/b', 'a/bc', 'a/x/b']],
    ['a//b/', ['a/b', 'a/b/c'], ['a/c']],
    ['*.md', ['x.md', '.md', '.x.md', 'a/x.md', 'x.md/y'], ['x.mdx', 'xmd']],
    ['/*.md', ['x.md', '.x.md'], ['a/x.md']],
    ['a/*', ['a/b', 'a/.b', 'a/b/c'], ['a', 'b/a/b']],
    ['a/*/c', ['a/b/c', 'a/b/c/d'], ['a/c', 'a/b/b/c']],
    ['a/**', ['a', 'a/b', 'a/b/c', 'a/.b/.c'], ['ab', 'b/a/c']],
    ['a/**/c', ['a/c', 'a/b/c', 'a/b/b/c', 'a/c/d'], ['a/b', 'ac', 'x/a/c']],
    ['**/c', ['c', 'a/c', 'a/b/c/d'], ['ac']],
    ['**/c/**', ['c/d', 'a/c/d'], ['ac/d']],
    ['**', ['a', '.a', 'a/.b/c', '\n'], []],
    ['/**', ['a', 'a/b'], []],
    ['**/*', ['a', 'a/.b'], []],
    ['?', ['a', 'é', '\n', 'x/y', '.'], ['ab', '']],
    ['a?c/*', ['abc/d', 'a.c/d'], ['ac/d', 'a/c/d']],
    ['*.*', ['a.', '.a', 'a.b', 'x/a.b.c'], ['a']],
    ['.*', ['.a', 'x/.a'], ['a', 'a.b']],
    ['*.{js,ts}', ['a.js', 'x/.b.ts'], ['a.jsx', 'a.{js,ts}']],
    ['{a,b/c}/x', ['a/x', 'b/c/x'], ['c/x', 'x/a/x']],
    ['a{b*', ['a{bc'], ['abc']],
    ['[ab]*', ['ax', 'bx'], ['cx']],
    ['[id]/*', ['[id]/page.tsx', 'i/page.tsx'], ['id/page.tsx']],
    ['app/(group)/*', ['app/(group)/x'], ['app/group/x']],
    ['a+b/*', ['a+b/c'], ['aab/c', 'ab/c']],
    ['@(a)*', ['@(a)b'], ['ab']],
    ['"a"/*', ['"a"/b'], ['a/b']],
    ['a|b*', ['a|bc'], ['a', 'bc']],
    ['$a^.*', ['$a^.b'], ['a.b']],
    ['\\!a*', ['!ab'], ['ab']],
    ['a\\*b', ['a*b'], ['axb', 'a\\xb']],
    ['#a', ['#a'], ['a']],
    ['a b/*', ['a b/c'], ['ab/c']],
    ['日本/*', ['日本/x'], ['日/x']],
    ['*', ['a', 'a/b', 'new\nline', 'tab\t', '"', '\\', '\u0001', '\ud800'], []],
    ['constructor', ['constructor', 'a/constructor'], ['toString']],
  ])('%s', (pattern, yes, no) => {
    expect(yes.filter((path) => !matches(pattern, path))).toEqual([]);
    expect(no.filter((path) => matches(pattern, path))).toEqual([]);
  });
});

describe('several patterns', () => {
  test.each<readonly [readonly string[], readonly string[], readonly string[]]>([
    [[], [], ['a']],
    [
      ['**', '!**/*.md'],
      ['a.ts', 'a/b.ts'],
      ['a.md', 'a/b.md', 'a/b\nc.md'],
    ],
    [['!**/*.md', '**'], ['a.md'], []],
    [
      ['**', '!docs', 'docs/keep'],
      ['docs/keep', 'docs/keep/x', 'a'],
      ['docs/a', 'x/docs'],
    ],
    [['**', '!*.md', '/README.md'], ['README.md', 'x'], ['a/README.md']],
    [
      ['src', '!src/**/*_test.go'],
      ['src/a.go', 'src'],
      ['src/a_test.go', 'src/b/c_test.go'],
    ],
    [['!a'], [], ['a', 'b']],
  ])('%j', (patterns, yes, no) => {
    expect(yes.filter((path) => !matches(patterns, path))).toEqual([]);
    expect(no.filter((path) => matches(patterns, path))).toEqual([]);
  });
});

describe('from', () => {
  test('is a folder letter by letter, never a pattern', () => {
    expect(matches('**', 's/*/a', 's/*')).toBe(true);
    expect(matches('**', 's/x/a', 's/*')).toBe(false);
    expect(matches('a', 's/(x)/[y]/a', 's/(x)/[y]')).toBe(true);
  });

  test('keeps what is outside out, whatever the patterns', () => {
    for (const path of ['a', 'svc', 'services', 'services/apix/a', 'services/ap', 'x/services/api/a']) {
      expect([path, matches(['**', '*', '/**', '../**'], path, 'services/api')]).toEqual([path, false]);
    }
  });

  test('itself changes when it becomes a submodule or a link', () => {
    expect(matches('**', 'services/api', 'services/api')).toBe(true);
    expect(matches(['**', '!*.md'], 'services/api', 'services/api')).toBe(true);
    expect(matches('src/*', 'services/api', 'services/api')).toBe(false);
  });

  test('lies in a submodule that has moved', () => {
    for (const path of ['services/', 'services/api/']) expect(matches('src/*', path, 'services/api')).toBe(true);
    expect(matches('src/*', 'service/', 'services/api')).toBe(false);
    expect(matches('!src/*', 'services/', 'services/api')).toBe(false);
  });

  test('is where slashes anchor', () => {
    expect(matches('/a', 's/a', 's')).toBe(true);
    expect(matches('/a', 's/b/a', 's')).toBe(false);
    expect(matches('a', 's/b/a', 's')).toBe(true);
    expect(matches('s/a', 's/a', 's')).toBe(false);
  });
});

test.each([
  [['**'], true],
  [['*.go'], true],
  [['lib/**'], true],
  [['lib/src/*.go'], true],
  [['lib'], true],
  [['**/*.go'], true],
  [['libs/**'], false],
  [['/lib.go', 'src/lib'], false],
  [['**', '!lib'], false],
  [['**', '!lib/**'], false],
  [['**', '!lib/test/**'], true],
  [['**', '!lib', 'lib/src/**'], true],
  [['!lib/test', '*.go'], true],
])('a submodule `lib` that has moved, by %j: %j', (patterns, expected) => {
  expect(matches(patterns, 'lib/')).toBe(expected);
  expect(matches(patterns, 's/lib/', 's')).toBe(expected);
});

test('a pattern that is no expression is an error, not one that never matches', () => {
  expect(() => matches('[z-a]*', 'z')).toThrow(/^config-invalid The pattern `\[z-a\]\*` cannot be read: /);
});

/** The rules as gitignore(5) tells them, as plainly and slowly as can be: by parts of paths. */
function naive(patterns: readonly string[], from: string, path: string): boolean {
  if (from !== '' && !`${path}/`.startsWith(`${from}/`)) return false;
  const parts = path
    .slice(from.length)
    .split('/')
    .filter((part) => part !== '');
  let taken = false;
  for (const pattern of patterns) {
    const body = pattern.replace(/^!/, '');
    const steps = body.split('/').filter((step) => step !== '');
    const anchored = body.startsWith('/') || steps.length > 1;
    const folders = parts.map((_, index) => parts.slice(0, index + 1));
    const hit = (parts.length === 0 ? [[]] : folders).some((folder) =>
      walk(anchored ? steps : ['**', ...steps], folder),
    );
    if (hit) taken = !pattern.startsWith('!');
  }
  return taken;
}

function walk(steps: readonly string[], parts: readonly string[]): boolean {
  const [step, ...rest] = steps;
  const [part, ...others] = parts;
  if (step === undefined) return part === undefined;
  if (step === '**') return walk(rest, parts) || (part !== undefined && walk(steps, others));
  return part !== undefined && name(step, part) && walk(rest, others);
}

function name(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  if (glob[0] === '*') return name(glob.slice(1), text) || (text !== '' && name(glob, text.slice(1)));
  return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && name(glob.slice(1), text.slice(1));
}

describe('against the plain telling of the rules', () => {
  const step = fc.oneof(
    { weight: 1, arbitrary: fc.constant('**') },
    {
      weight: 4,
      arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '\n'), minLength: 1, maxLength: 3 }),
    },
  );
  const plainStep = step.filter((it) => it !== '.' && it !== '..' && (it === '**' || !it.includes('**')));
  const pattern = fc
    .tuple(fc.boolean(), fc.boolean(), fc.array(plainStep, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(
      ([not, rooted, steps, folder]) => `${not ? '!' : ''}${rooted ? '/' : ''}${steps.join('/')}${folder ? '/' : ''}`,
    );
  const part = fc
    .string({ unit: fc.constantFrom('a', 'b', '.', '\n', '*'), minLength: 1, maxLength: 3 })
    .filter((it) => it !== '.' && it !== '..');
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));

  test('the same paths match', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.constantFrom('', 'a', 'a/b'), path, (patterns, from, it) => {
        expect([patterns, from, it, matches(patterns, it, from)]).toEqual([
          patterns,
          from,
          it,
          naive(patterns, from, it),
        ]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a pattern at the end decides alone where it matches', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 3 }), pattern, path, (before, last, it) => {
        const positive = last.replace(/^!/, '');
        const decided = matches(positive, it);
        expect(matches([...before, last], it)).toBe(decided ? !last.startsWith('!') : matches(before, it));
      }),
      { numRuns: 1_000 },
    );
  });
});
