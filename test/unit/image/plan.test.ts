import { describe, expect, test } from '@jest/globals';
import {
  annotationsOf,
  builderOf,
  type DecisionFacts,
  decide,
  formatPlatform,
  KEY_ANNOTATION,
  keyOf,
  type Lookup,
  labelsOf,
  PARTS_ANNOTATION,
  parseReference,
  planImage,
  platformsOf,
} from '../../../shared/image/index.ts';
import { formatRepository, parseRepository, problem, type Reuse } from '../../../shared/model/index.ts';
import { dockerFacts, imageFacts, SETTINGS, sourceFacts } from './facts.ts';

const key = keyOf(imageFacts());
const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const image = { repository: 'ghcr.io/acme/shop/checkout', digest: DIGEST };
const found: Lookup = { kind: 'found', image, by: undefined };
const denied: Lookup = { kind: 'denied', problem: problem('registry-denied', 'No rights.') };
const failed: Lookup = { kind: 'failed', problem: problem('registry-unavailable', 'It was down.') };

describe('the reuse decision', () => {
  const facts = (more: Partial<DecisionFacts>): DecisionFacts => ({
    reuse: 'tag',
    force: false,
    push: true,
    volatile: [],
    key,
    lookup: found,
    ...more,
  });
  test.each<[string, Partial<DecisionFacts>, string, RegExp]>([
    ['tag, found', {}, 'reuse', /has the same content key/],
    [
      'U16: tag, found, but every commit is another',
      { volatile: ['the build argument `GIT_SHA` holds the commit'] },
      'build',
      /`GIT_SHA` holds the commit/,
    ],
    ['tag, missing', { lookup: { kind: 'missing' } }, 'build', /no image of this content \(key-/],
    [
      'tag, unusable',
      { lookup: { kind: 'unusable', why: 'a child is gone.' } },
      'build',
      /cannot be used: a child is gone/,
    ],
    ['tag, lookup failed', { lookup: failed }, 'build', /could not be asked.*It was down/],
    ['tag, not asked', { lookup: { kind: 'skipped' } }, 'build', /was not asked/],
    ['tag, denied, nothing to push', { lookup: denied, push: false }, 'build', /could not be asked.*No rights/],
    ['off', { reuse: 'off' }, 'build', /`off`/],
    ['verified, found, nothing was proven', { reuse: 'verified' }, 'build', /nothing proves who made it/],
    [
      'verified, found, proven',
      { reuse: 'verified', lookup: { ...found, by: 'the key a.pub' } },
      'reuse',
      /same content key, and the key a.pub proves who made it/,
    ],
    [
      'verified, by another maker',
      { reuse: 'verified', lookup: { kind: 'unproven', why: 'it has no signature of a.pub.' } },
      'build',
      /key-[0-9a-f]{40} is not taken: it has no signature of a.pub/,
    ],
    [
      'verified, with nothing to verify',
      { reuse: 'verified', lookup: { kind: 'unprovable', why: 'there is no key.' } },
      'build',
      /`verified`, and there is no key. `image: \{ reuse: tag \}` in slipway.yml/,
    ],
    ['force', { force: true }, 'build', /`force`/],
    ['force, verified', { force: true, reuse: 'verified' }, 'build', /`force`/],
  ])('%s', (_name, more, kind, why) => {
    const decision = decide(facts(more));
    expect(decision.kind).toBe(kind);
    expect(decision.why).toMatch(why);
    if (decision.kind === 'build') expect(decision.forced).toBe(more.force === true);
  });
  test('no rights is an error where there is something to push, whatever else is asked', () => {
    for (const reuse of ['tag', 'verified', 'off'] satisfies Reuse[]) {
      for (const force of [true, false])
        expect(() => decide(facts({ lookup: denied, reuse, force }))).toThrow('registry-denied');
    }
  });
  test('U14: what a pull request put under the key is not taken with `verified`', () => {
    expect(decide(facts({ reuse: 'verified', lookup: found })).kind).toBe('build');
  });
});

test('the plan has everything that is carried out', () => {
  const plan = planImage({
    image: imageFacts({ settings: { ...SETTINGS, repository: 'GHCR.io/Acme/Shop' } }),
    source: sourceFacts(),
    key,
    lookup: found,
    push: true,
    force: false,
    reuse: 'tag',
  });
  expect(plan).toMatchObject({
    repository: 'ghcr.io/acme/shop',
    version: '20260103-0123456789ab',
    decision: { kind: 'reuse' },
    push: true,
    builder: 'native',
  });
  expect(plan.tags.length).toBe(5);
  expect(plan.annotations[KEY_ANNOTATION]).toBe(key.value);
});

test('U16: an image that is another for every commit is taken from nobody, not from a faster run either', () => {
  const image = dockerFacts({ volatile: ['the build argument `GIT_SHA` holds the commit'] });
  const facts = {
    source: sourceFacts(),
    key: keyOf(image),
    lookup: { kind: 'skipped' },
    push: true,
    force: false,
  } as const;
  expect(planImage({ ...facts, image, reuse: 'tag' })).toMatchObject({
    decision: { kind: 'build', why: expect.stringContaining('`GIT_SHA` holds the commit') },
    settings: { reuse: 'off' },
  });
  expect(planImage({ ...facts, image: dockerFacts(), reuse: 'tag' }).settings.reuse).toBe('tag');
});

test('labels and annotations hold nothing of the commit, the version or the date', () => {
  const base = { repository: 'gcr.io/base', digest: DIGEST };
  expect(labelsOf(imageFacts())).toEqual({
    'org.opencontainers.image.title': 'checkout',
    'org.opencontainers.image.source': 'https://github.com/acme/shop',
  });
  expect(annotationsOf(imageFacts({ base }), key)).toEqual({
    ...labelsOf(imageFacts()),
    [KEY_ANNOTATION]: key.value,
    [PARTS_ANNOTATION]: expect.stringMatching(/^\{"base":"[0-9a-f]{16}","config":"[0-9a-f]{16}",.*\}$/),
    'org.opencontainers.image.base.name': 'gcr.io/base',
    'org.opencontainers.image.base.digest': DIGEST,
  });
  expect(labelsOf({ service: 'a', source: undefined })).toEqual({ 'org.opencontainers.image.title': 'a' });
});

describe('which builder', () => {
  test('what is said, else what is there', () => {
    const none = { ...SETTINGS, native: undefined };
    expect(builderOf('a', SETTINGS, true)).toBe('native');
    expect(builderOf('a', none, true)).toBe('docker');
    expect(builderOf('a', { ...SETTINGS, builder: 'docker' }, true)).toBe('docker');
    expect(builderOf('a', { ...SETTINGS, builder: 'none' }, false)).toBe('none');
    expect(() => builderOf('a', none, false)).toThrow('dockerfile-missing');
    expect(() => builderOf('a', { ...SETTINGS, builder: 'docker' }, false)).toThrow('dockerfile-missing');
    expect(() => builderOf('a', { ...none, builder: 'native' }, true)).toThrow('config-invalid');
  });
  test('an image that is made already is not built, whatever else is there; `none` means none', () => {
    const source = 'dist/image.tar';
    expect(builderOf('a', { ...SETTINGS, source }, false)).toBe('source');
    expect(builderOf('a', { ...SETTINGS, builder: 'docker', source }, true)).toBe('source');
    expect(builderOf('a', { ...SETTINGS, builder: 'none', source }, true)).toBe('none');
  });
});

describe('texts', () => {
  test.each([
    ['ghcr.io/acme/shop', 'ghcr.io/acme/shop'],
    ['GHCR.io/Acme/Shop', 'ghcr.io/acme/shop'],
    ['127.0.0.1:5000/a', '127.0.0.1:5000/a'],
    ['localhost/a', 'localhost/a'],
    ['[::1]:5000/a/b', '[::1]:5000/a/b'],
    ['node', 'docker.io/library/node'],
    ['acme/app', 'docker.io/acme/app'],
    ['docker.io/node', 'docker.io/library/node'],
    ['index.docker.io/acme/app', 'docker.io/acme/app'],
    ['ghcr.io/a__b/c-d.e_f---g', 'ghcr.io/a__b/c-d.e_f---g'],
  ])('P8: repository %s', (text, expected) => expect(formatRepository(parseRepository(text))).toBe(expected));
  test.each([
    '',
    'ghcr.io/',
    'ghcr.io/a//b',
    'ghcr.io/a/',
    'ghcr.io/-a',
    'ghcr.io/a.',
    'ghcr.io/a..b',
    'ghcr.io/a___b',
    'ghcr.io/a:tag',
    'ghcr.io/ä',
    'gh_cr.io/a',
    'ghcr.io:x/a',
    'https://ghcr.io/a',
    'ghcr.io/a@sha256:x',
  ])('P8: `%s` is none', (text) => expect(() => parseRepository(text)).toThrow('config-invalid'));
  test('P8: 255 characters are the bound', () => {
    expect(parseRepository(`ghcr.io/${'a'.repeat(247)}`).path.length).toBe(247);
    expect(() => parseRepository(`ghcr.io/${'a'.repeat(248)}`)).toThrow('256 characters, more than 255');
  });

  test.each([
    ['node', { repository: 'docker.io/library/node', tag: 'latest', digest: undefined }],
    ['node:20', { repository: 'docker.io/library/node', tag: '20', digest: undefined }],
    ['127.0.0.1:5000/a', { repository: '127.0.0.1:5000/a', tag: 'latest', digest: undefined }],
    ['127.0.0.1:5000/a:b', { repository: '127.0.0.1:5000/a', tag: 'b', digest: undefined }],
    [`gcr.io/a:b@${DIGEST}`, { repository: 'gcr.io/a', tag: 'b', digest: DIGEST }],
    [`gcr.io/a@${DIGEST}`, { repository: 'gcr.io/a', tag: undefined, digest: DIGEST }],
  ])('reference %s', (text, expected) => expect(parseReference(text)).toEqual(expected));
  test('a digest that is none', () => expect(() => parseReference('gcr.io/a@sha256:12')).toThrow('no digest'));

  test('platforms: sorted, each once, with a default', () => {
    const names = (...texts: string[]) => platformsOf(texts).map(formatPlatform);
    expect(names()).toEqual(['linux/amd64']);
    expect(names('linux/arm64/v8', 'linux/amd64', 'linux/arm64', 'linux/arm/v7')).toEqual([
      'linux/amd64',
      'linux/arm/v7',
      'linux/arm64',
    ]);
    for (const wrong of ['linux', '', 'linux/', '/amd64', 'linux/arm/v7/x', 'lin ux/amd64'])
      expect(() => names(wrong)).toThrow('config-invalid');
  });
});
