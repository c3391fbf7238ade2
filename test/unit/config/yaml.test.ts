import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UserError } from '../../../shared/model/index.ts';
import { load, loadOne, marked, placeText, refusals } from './helpers.ts';

describe('what YAML lets pass and nobody means', () => {
  test.each<readonly [string, string, string]>([
    [
      'a pattern that takes out, without quotes',
      'version: 1\nshared-paths: [a, «!b]',
      'Put a value that begins with `!` in quotes.',
    ],
    [
      'a pattern with a star, without quotes',
      'version: 1\nshared-paths:\n  - «*.md',
      'Put a value that begins with `*` in quotes.',
    ],
    ['a key that stands twice', 'version: 1\nsinks: []\n«sinks: []', 'Keep one of the two keys.'],
    ['tabs', 'version: 1\nenvironments:\n«\tdev: {}', 'Indent with spaces.'],
    ['two documents', 'version: 1\n«---\nversion: 1', 'Keep one document in the file'],
    ['binary', 'version: 1\nregistry: «!!binary aGk=', 'Put a value that begins with `!` in quotes.'],
    ['a key that is no text', 'version: 1\n? «[a]\n: 1', 'Correct the YAML'],
    ['the key of a prototype', 'version: 1\nimage: { build-args: { «__proto__: x } }', 'Use another name.'],
    ['an unknown alias', 'version: 1\nregistry: «*x', 'quotes'],
    ['an alias within itself', 'version: 1\ngraph: &a { import: [«*a] }', 'Take the alias out.'],
    ['a merge key, which YAML 1.2 does not have', 'version: 1\ndeploy: { «<<: {} }', 'Known are: target,'],
    ['the merge key of an old YAML', '%YAML 1.1\n---\nversion: 1\ndeploy: { «<<: {} }', 'Known are: target,'],
  ])('%s', async (_name, text, remedy) => {
    const { text: clean, places } = marked(text);
    const problems = await refusals({ 'slipway.yml': clean });
    expect(problems.map(placeText)).toEqual(places);
    expect(problems[0]?.remedy).toContain(remedy);
  });

  test('several faults come together', async () => {
    const { text, places } = marked('a: 1\n«a: 2\nb: «!c\nd: «*e\n');
    expect((await refusals({ 'slipway.yml': text })).map(placeText)).toEqual(places);
  });

  test('columns are right after a byte order mark and with CRLF', async () => {
    const { text, places } = marked('\uFEFF«versio: 1\r\nimage:\r\n  «tagz: []\r\n');
    const problems = await refusals({ 'slipway.yml': text });
    expect(problems.map(placeText)).toEqual(['1:1', ...places]);
  });
});

describe('anchors', () => {
  test('an alias stands for what it names', async () => {
    const service = await loadOne(
      '{ deploy: { hooks: { before: &h [{ name: a, run: [x] }], after: *h }, target: { kind: command, deploy: [y] } } }',
      'environments: { dev: {} }',
    );
    const hook = { name: 'a', run: ['x'], reversible: true };
    expect(service.deployments.get('dev')?.hooks).toEqual({ before: [hook], after: [hook] });
  });

  test('an error in what an alias names points there; one of the alias itself at the alias', async () => {
    const { text, places } = marked(
      'version: 1\nimage: { build-args: &a { A: «[] }, tags: «*a }\nservice: { image: { build-args: *a } }',
    );
    const [first, second] = places;
    expect((await refusals({ 'slipway.yml': text })).map(placeText)).toEqual([first, first, second]);
  });

  test('an anchor that is given again counts from there on', async () => {
    const { text, places } = marked('version: 1\nsinks: &x []\nimage: { tags: &x [a, «5] }\nshared-paths: *x\n');
    expect((await refusals({ 'slipway.yml': text })).map(placeText)).toEqual([...places, ...places]);
  });

  test('a bomb is refused', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`,
    );
    const problems = await refusals({ 'slipway.yml': `version: 1\nl0: &l0 [x]\n${levels.join('\n')}` });
    expect(problems.map(({ sentence }) => sentence)).toEqual(['Aliases repeat content more than 100 times.']);
  });
});

describe('bounds', () => {
  test.each([65, 500, 20_000])('%d lists within each other', async (depth) => {
    const problems = await refusals({ 'slipway.yml': `version: 1\nx: ${'['.repeat(depth)}${']'.repeat(depth)}` });
    expect(problems.map(({ sentence }) => sentence)).toEqual(['Values are nested more than 64 levels deep.']);
  });

  test('sixty levels of a free value are fine', async () => {
    const { matrix } = await loadOne(`{ matrix: { x: ${'['.repeat(60)}${']'.repeat(60)} } }`);
    expect(JSON.stringify(matrix)).toBe(`{"x":${'['.repeat(60)}${']'.repeat(60)}}`);
  });

  test('a file of more than a megabyte', async () => {
    const problems = await refusals({ 'slipway.yml': `version: 1\n#${'x'.repeat(1 << 20)}` });
    expect(problems[0]?.sentence).toBe('The file has 1048588 characters, more than 1048576.');
  });

  test('a list of more than a thousand entries', async () => {
    const problems = await refusals({ 'slipway.yml': `version: 1\nservices: [${'a,'.repeat(1_025)}]` });
    expect(problems[0]?.sentence).toBe('`services` must have at most 1024 entries.');
  });
});

test('whatever text it is, it is read or refused, with a place in the file', async () => {
  const pieces = [
    'version: 1',
    '\n',
    ' ',
    'service',
    'deploy',
    'environments',
    ':',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '!x',
    '"',
    "'",
    '|',
    '>',
    '-',
    '?',
    '#',
    '\t',
    '\r\n',
    ',',
    'null',
    '1',
    '%',
    '---',
    '<<',
    'é',
    '\u0000',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), async (parts) => {
      const text = parts.join('');
      try {
        await load({ 'slipway.yml': text });
      } catch (thrown) {
        if (!(thrown instanceof UserError)) throw thrown;
        for (const { code, at } of thrown.problems) {
          expect(code).toBe('config-invalid');
          expect(at?.line ?? 0).toBeGreaterThan(0);
          expect(at?.line ?? 0).toBeLessThanOrEqual(text.split('\n').length + 1);
        }
      }
    }),
    { numRuns: 500 },
  );
});
