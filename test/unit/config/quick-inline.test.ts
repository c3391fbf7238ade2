import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inlineConfig } from '../../../shared/config/inline.ts';
import { quickInlineConfig } from '../../../shared/config/quick-inline.ts';
import { UserError } from '../../../shared/model/index.ts';

const OPTIONS = { repository: 'acme/Shop' };

const whole = (text: string) => {
  try {
    return inlineConfig(text, OPTIONS);
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown.message;
    throw thrown;
  }
};

describe('the quick reader of inline services', () => {
  test.each([
    ['JSON', '{"api":["services/api/**"],"web":"services/web"}'],
    ['JSON over many lines', JSON.stringify({ api: ['services/api/**', '!**/*.md'], web: ['web'] }, null, 2)],
    ['lists in brackets', 'api: ["services/api/**", "!**/*.md"]\nweb: [services/web]\n'],
    ['lists below', 'api:\n  - services/api/**\n  - "!**/*.md"\n\n# the shop\nweb:\n  - services/web\n'],
    ['one pattern', 'api: services/api/**\nweb: "**/*.ts"\n'],
    [
      'fields',
      'api:\n  paths: [a/**]\n  team: t\n  dependencies: { services: [web], paths: [libs/**] }\nweb: { path: src/web, aliases: [www] }\n',
    ],
    ['a list with names', '[{"name":"api","paths":["a/**"],"runner":"big"},{"name":"web"}]'],
  ])('reads %s', (_name, text) => {
    expect(quickInlineConfig(text, OPTIONS)).toStrictEqual(inlineConfig(text, OPTIONS));
  });

  test.each([
    ['a name twice, but for its case', 'api: [a]\nAPI: [b]\n'],
    ['an alias that is taken', 'a: { aliases: [b] }\nb: [c]\n'],
    ['a dependency that there is not', 'a: { dependencies: { services: [b] } }\n'],
    ['a key that is not known', 'a: { pathes: [b] }\n'],
    ['only patterns that take out', 'a: ["!b"]\n'],
    ['a way out', 'a: ["../b"]\n'],
    ['a name that is none', '"a b": [c]\n'],
    ['nothing', ''],
    ['a text', 'services'],
  ])('leaves %s to the whole reader', (_name, text) => {
    expect(quickInlineConfig(text, OPTIONS)).toBeUndefined();
  });

  const name = fc.constantFrom('api', 'web', 'API', 'a.b', '_x', '10', 'a b', '', 'x'.repeat(64), '__proto__', 'true');
  const pattern = fc.constantFrom(
    ...[
      'a',
      'services/api/**',
      '!**/*.md',
      '/x',
      'x/',
      '..',
      'a/../b',
      '!',
      '/',
      'a\\b',
      '**',
      'a b',
      'ä',
      '',
      '{a,b}',
      'cmd/main.go',
    ],
  );
  const patterns = fc.array(pattern, { maxLength: 3 });
  const odd = fc.constantFrom<unknown>(null, 1, true, {}, [[]], [1]);
  const most = <T>(usual: fc.Arbitrary<T>) => fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
  const fields = fc.record(
    {
      name: most(name),
      aliases: most(fc.array(name, { maxLength: 2 })),
      team: most(fc.constantFrom('t', '', 'a\u0007')),
      path: most(fc.constantFrom('a/b', '/a/./b/', 'a\\b')),
      paths: most(patterns),
      runner: most(fc.constantFrom('big', '')),
      matrix: most(fc.constant({ x: 1 })),
      dependencies: most(
        fc.record({ services: most(fc.array(name, { maxLength: 2 })), paths: most(patterns) }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: [] },
  );
  const service = most(fc.oneof(pattern, patterns, fields));
  const services = fc.oneof(fc.dictionary(name, service, { maxKeys: 3 }), fc.array(fields, { maxLength: 3 }));

  test('agrees with the whole reader whenever it reads', () => {
    let read = 0;
    fc.assert(
      fc.property(services, fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const quick = quickInlineConfig(text, OPTIONS);
        if (quick === undefined) return;
        read += 1;
        expect(quick).toStrictEqual(whole(text));
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test('lines of names and words are what the whole reader makes of them, or left to it', () => {
    const mostly = (usual: readonly string[], ...odd: readonly string[]) =>
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
    const name = mostly(['a', 'B', 'b.c', '_d'], 'A', 'true', 'No', '1', 'a b', '-x', '__proto__', 'x'.repeat(64));
    const gap = mostly([': '], ':', ':  ', ' : ', ':\t');
    const word = mostly(
      ['x', 'a/b', 'a/**', '/x/', 'x@y'],
      ...[
        '*',
        'true',
        'null',
        'on',
        '1',
        '10m',
        'x y',
        'x #y',
        'x: y',
        'x:y',
        '"x"',
        '[x]',
        '&x',
        '/',
        '..',
        '__proto__',
      ],
      ...['a/../b', '!x', '', '-', '- x', '~', 'é', '{a}', '|', '@x', '%x', 'a=b', 'false', 'x\\y', 'x{a,b}', "'x'"],
    );
    const end = mostly(['\n'], '\r\n', '\n\n', '\n ', '', '\n# x\n');
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(name, gap, word, end), { maxLength: 5 }), (lines) => {
        const text = lines.map((it) => it.join('')).join('');
        const quick = quickInlineConfig(text, OPTIONS);
        if (quick === undefined) return;
        read += 1;
        expect(quick).toStrictEqual(whole(text));
      }),
      { numRuns: 4_000 },
    );
    expect(read).toBeGreaterThan(200);
  });
});
