import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseStreamRef, STREAM_PREFIX, streamRef, streamsOf } from '../../../shared/record/index.ts';

const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
const repository = fc.option(
  fc.tuple(name, name).map((parts) => parts.join('/')),
  { nil: undefined },
);

describe('refs of streams', () => {
  test.each([
    ['production', 'checkout', undefined, 'refs/slipway/v1/production/checkout'],
    ['eu.west', 'x.lock', undefined, 'refs/slipway/v1/eu%2Ewest/x%2Elock'],
    ['production', 'api', 'acme/shop', 'refs/slipway/v1/production/acme%2Fshop%2Fapi'],
  ])('%s/%s of %s', (environment, service, repo, ref) => {
    expect(streamRef({ environment, service, repository: repo })).toBe(ref);
    expect(parseStreamRef(ref)).toEqual({ environment, service, repository: repo });
  });

  test('every name comes back from its ref, and git takes the ref', () => {
    fc.assert(
      fc.property(name, name, repository, (environment, service, repo) => {
        const ref = streamRef({ environment, service, repository: repo });
        expect(parseStreamRef(ref)).toEqual({ environment, service, repository: repo });
        expect(ref.startsWith(streamsOf(environment))).toBe(true);
        // git-check-ref-format(1): no dot at all, so neither `..` nor `.lock`; none of its special characters.
        expect(ref.slice(STREAM_PREFIX.length)).toMatch(/^[A-Za-z0-9_%-]+\/[A-Za-z0-9_%-]+$/);
      }),
    );
  });

  test('U11: services of the same name in two repositories have two streams', () => {
    const of = (repo: string) => streamRef({ environment: 'production', service: 'api', repository: repo });
    expect(of('acme/shop')).not.toBe(of('acme/bank'));
  });

  test.each([
    'refs/heads/main',
    'refs/slipway/v1/production',
    'refs/slipway/v1/production/a/b',
    'refs/slipway/v1/production/a%2Fb',
    'refs/slipway/v1/production/%zz',
    'refs/slipway/v1/production/check%6fut',
    'refs/slipway/v1/production/x.lock',
  ])('%s is none', (ref) => expect(parseStreamRef(ref)).toBeUndefined());
});
