import { describe, expect, test } from '@jest/globals';
import {
  annotationsOf,
  commitTag,
  decide,
  earlierTags,
  explainMiss,
  keyOf,
  PARTS_ANNOTATION,
  readParts,
} from '../../../shared/image/index.ts';
import { COMMIT, dockerFacts, imageFacts, onPullRequest, onTag, sourceFacts } from './facts.ts';

const key = keyOf(dockerFacts());
const partsOf = (facts: Parameters<typeof keyOf>[0]) => readParts(annotationsOf(facts, keyOf(facts))) ?? {};

describe('why there is no image of this content', () => {
  test.each<[string, Parameters<typeof keyOf>[0], string]>([
    ['one part', dockerFacts({ target: 'other' }), 'compared with main, target changed'],
    [
      'several, sorted',
      dockerFacts({ buildArgs: { A: '1' }, context: { ...dockerFacts().context, files: [] }, secrets: ['x'] }),
      'compared with main, build-args, files and secrets changed',
    ],
    [
      'another builder has other parts',
      imageFacts(),
      'compared with main, base, build-args, config, dockerfile, files, frontend, secrets and target changed',
    ],
    ['none', dockerFacts(), 'the image of main was made in another way'],
  ])('%s', (_name, before, clause) => {
    expect(explainMiss(key, { tag: 'main', parts: partsOf(before) })).toBe(clause);
  });

  test('stands in the decision', () => {
    const earlier = { tag: 'main', parts: partsOf(dockerFacts({ target: 'other' })) };
    const facts = { reuse: 'tag', force: false, push: true, volatile: [], key } as const;
    const { why } = decide({ ...facts, lookup: { kind: 'missing', earlier } });
    expect(why).toMatch(
      /^The registry has no image of this content \(key-[0-9a-f]{40}\): compared with main, target changed\.$/,
    );
    expect(decide({ ...facts, lookup: { kind: 'missing' } }).why).toMatch(/\(key-[0-9a-f]{40}\)\.$/);
  });
});

test.each([
  ['nothing', {}],
  ['no JSON', { [PARTS_ANNOTATION]: '{' }],
  ['no object', { [PARTS_ANNOTATION]: '["x"]' }],
  ['too much', { [PARTS_ANNOTATION]: `{"a":"${'x'.repeat(5_000)}"}` }],
])('annotations with %s say nothing', (_name, annotations) => expect(readParts(annotations)).toBeUndefined());

test('names that are none and values that are none are left out: they are shown to people', () => {
  expect(readParts({ [PARTS_ANNOTATION]: '{"files":"1","a|b":"2","base":3}' })).toEqual({ files: '1' });
});

describe('images that came before', () => {
  const before = 'f'.repeat(40);
  test.each([
    [
      'a push',
      sourceFacts({ trigger: { kind: 'push', branch: 'main', before, forced: false } }),
      [commitTag(COMMIT), commitTag(before), 'main'],
    ],
    [
      'a new branch',
      sourceFacts({ ref: 'refs/heads/x', trigger: { kind: 'push', branch: 'x', before: undefined, forced: false } }),
      [commitTag(COMMIT), 'x', 'main'],
    ],
    ['a pull request', onPullRequest(7), [commitTag(COMMIT), 'pr-7', 'main']],
    ['a release', onTag('v1.2.3'), [commitTag(COMMIT), 'main']],
  ])('%s', (_name, source, tags) => expect(earlierTags(['sha', 'branch', 'semver'], source, key)).toEqual(tags));
});
