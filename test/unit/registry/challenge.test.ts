import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges } from '../../../shared/io/registry/challenge.ts';
import { grantsOf, scopesOf } from '../../../shared/io/registry/scope.ts';

describe('A1: challenges of WWW-Authenticate', () => {
  test.each([
    ['Basic realm="r"', [{ scheme: 'basic', parameters: { realm: 'r' } }]],
    ['BASIC Realm=r', [{ scheme: 'basic', parameters: { realm: 'r' } }]],
    ['Negotiate', [{ scheme: 'negotiate', parameters: {} }]],
    [
      'Bearer realm="https://a/token?x=1,2",service="s",scope="repository:a/b:pull,push repository:c:pull"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://a/token?x=1,2',
            service: 's',
            scope: 'repository:a/b:pull,push repository:c:pull',
          },
        },
      ],
    ],
    [
      'Negotiate, Bearer realm = "x", error="insufficient_scope" , Basic realm="a \\"quoted\\" word"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'bearer', parameters: { realm: 'x', error: 'insufficient_scope' } },
        { scheme: 'basic', parameters: { realm: 'a "quoted" word' } },
      ],
    ],
    ['', []],
    ['===,,"', []],
  ])('%s', (header, expected) => expect(parseChallenges(header)).toEqual(expected));

  test('no text makes it fail or hang', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '=', '"', '\\', ',', ' ', 'Basic'), maxLength: 200 }),
        (text) => {
          expect(Array.isArray(parseChallenges(text))).toBe(true);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
    expect(parseChallenges(`Basic realm="${'\\'.repeat(100_000)}`)).toHaveLength(1);
  });
});

test('A3: scopes are read into single actions, and written one for each resource', () => {
  const grants = grantsOf('repository:b/c:push,pull repository:a:pull  registry:catalog:*');
  expect(grants).toEqual(['repository:b/c:push', 'repository:b/c:pull', 'repository:a:pull', 'registry:catalog:*']);
  expect(scopesOf([...grants, 'repository:a:pull'])).toEqual([
    'registry:catalog:*',
    'repository:a:pull',
    'repository:b/c:pull,push',
  ]);
});
