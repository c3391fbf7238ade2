import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseText } from '../../../shared/config/document.ts';
import { readPlain } from '../../../shared/config/plain-yaml.ts';

/** What the whole parser makes of a text; `refused` when it has anything against it. */
function whole(text: string): unknown {
  const { document, problems } = parseText('a.yml', text);
  return problems.length > 0 || document === undefined
    ? 'refused'
    : { value: document.value, inexact: document.inexact };
}

const agree = (text: string) => {
  const plain = readPlain(text);
  if (plain !== undefined)
    expect({ text, read: { value: plain ?? undefined, inexact: [] } }).toEqual({ text, read: whole(text) });
};

const USUAL: readonly string[] = [
  'api: ["services/api/**"]\nweb: [services/web, "!**/*.md"]\n',
  'api:\n  - services/api\n  - "!**/*.md"\nweb:\n- services/web\n',
  '{"api": ["services/api/**"], "web": {"paths": ["a"], "dependencies": {"services": ["api"]}}}',
  '[{"name": "api", "paths": ["services/api/**"]}]',
  '{\n  "api": [\n    "services/api/**"\n  ]\n}\n',
  'team: payments # who\nimage: { builder: none }\n',
  '# a service\n\nname: checkout\naliases: [basket]\ndependencies:\n  services: [pricing]\n  paths: ["libs/money/**"]\nrunner: ubuntu-latest\ntest: { run: npm test, timeout: 10m }\n',
  'version: 1\nservices: ["services/*"]\nenvironments:\n  staging:\n  production: { after: staging, class: production }\n',
  'deploy:\n  target:\n    kind: local\n    directory: /srv/{environment}/{service}\n    port: 8080\n  rollback: { automatic: true, hold: digest }\n',
];

describe('the plain reader', () => {
  test.each(USUAL)('reads what people write: %j', (text) => {
    expect(readPlain(text)).toBeDefined();
    agree(text);
  });

  const UNUSUAL: readonly string[] = [
    '',
    '# nothing\n',
    'a: 1\na: 2\n',
    'a: &x [b]\nc: *x\n',
    'a: !tag b\n',
    'a: "b\\n"\n',
    'a: |\n  b\n',
    'a: b\n  c\n',
    'a:\n    b: 1\n  c: 2\n',
    'a: 1.10\n',
    'a: 0x10\n',
    'a: ~\n',
    'a: null\n',
    'a: b: c\n',
    'a: [b, ]\n',
    'a: [b\n',
    '---\na: b\n',
    'a\n',
    '<<: { a: b }\n',
    '{"a": 1, "a": 2}',
    '{"10": ["a"], "b": ["c"]}',
    '\ta: b\n',
    'a: b\r\n',
    'ä: b\n',
    'a:b\n',
    'a: yes\n',
    '__proto__: a\n',
  ];
  test.each(UNUSUAL)('leaves the rest to the whole parser: %j', (text) => {
    expect(readPlain(text)).toBeUndefined();
  });

  test('agrees with the whole parser whenever it reads a text of the usual pieces in any order', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b-1',
        'name',
        'true',
        'null',
        '12',
        '1e3',
        '10m',
        '10m x',
        '0',
        '00',
        '1.5',
        'services/x/**',
        'a b',
        'a:b',
        'c: d',
        '"q"',
        "'s'",
        '"',
        "'",
        '{}',
        '[]',
      ],
      ...[
        ': ',
        ':',
        ' ',
        '  ',
        '\n',
        '\n  ',
        '\n    ',
        '\n- ',
        '\n  - ',
        ', ',
        ',',
        '[',
        ']',
        '{',
        '}',
        '#',
        ' # c',
        '-',
        '- ',
        '*',
        '!',
        '&',
        '?',
        '%',
        '@',
        '|',
        '>',
        '=',
        '/',
        '.',
        '~',
        '\\',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => agree(pieces.join(''))),
      { numRuns: 4_000 },
    );
  });

  test('agrees with the whole parser on texts that are usual but for one character', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...USUAL),
        fc.nat(),
        fc.constantFrom(
          '',
          ' ',
          '\n',
          ':',
          ': ',
          '#',
          ' #',
          '"',
          "'",
          '-',
          '- ',
          '[',
          ']',
          '{',
          '}',
          ',',
          '1',
          'e',
          '.',
          '*',
          '&',
          '!',
        ),
        fc.boolean(),
        (text, place, change, instead) => {
          const at = place % (text.length + 1);
          agree(text.slice(0, at) + change + text.slice(instead ? at + 1 : at));
        },
      ),
      { numRuns: 4_000 },
    );
  });
});
