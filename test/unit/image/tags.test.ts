import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expandTags, keyOf, keyTag, type SourceFacts, versionOf, versionTagOf } from '../../../shared/image/index.ts';
import { tagOf } from '../../../shared/image/tags.ts';
import { COMMIT, imageFacts, onPullRequest, onTag, sourceFacts } from './facts.ts';

const key = keyOf(imageFacts());
const always = [`fixed ${keyTag(key)}`, `fixed sha-${COMMIT}`];
const tags = (templates: readonly string[], facts: SourceFacts = sourceFacts()) =>
  expandTags(templates, facts, key).map(({ tag, kind }) => `${kind} ${tag}`);
const more = (templates: readonly string[], facts?: SourceFacts) => tags(templates, facts).slice(2);
const onBranch = (branch: string) =>
  sourceFacts({ ref: `refs/heads/${branch}`, trigger: { kind: 'push', branch, before: undefined, forced: false } });

describe('version', () => {
  test('the date of the commit in UTC and twelve digits', () =>
    expect(versionOf(sourceFacts())).toBe('20260103-0123456789ab'));
  test.each([
    ['v1.2.3', 'v1.2.3'],
    ['checkout/v1.2.3', 'checkout/v1.2.3'],
    ['v1.2.3-rc.1', 'v1.2.3-rc.1'],
    ['pricing/v1.2.3', '20260103-0123456789ab'],
    ['1.2.3', '20260103-0123456789ab'],
    ['v1.2', '20260103-0123456789ab'],
    ['v01.2.3', '20260103-0123456789ab'],
    ['v1.2.3/x', '20260103-0123456789ab'],
    ['nightly', '20260103-0123456789ab'],
  ])('tag %s: %s', (tag, expected) => expect(versionOf(onTag(tag))).toBe(expected));
  test('tags at the commit count when the run is not for one: the own before the repository’s, the greater first', () => {
    expect(versionOf(sourceFacts({ tagsAtCommit: ['v9.0.0', 'checkout/v1.9.0', 'checkout/v1.10.0', 'x'] }))).toBe(
      'checkout/v1.10.0',
    );
    expect(versionOf(sourceFacts({ tagsAtCommit: ['v1.9.0', 'v1.10.0', 'other/v3.0.0'] }))).toBe('v1.10.0');
    expect(versionTagOf(sourceFacts())).toBeUndefined();
  });
});

describe('tags', () => {
  test('key and commit are always there, and first', () => {
    expect(tags([])).toEqual(always);
    expect(tags(['latest']).slice(0, 2)).toEqual(always);
  });

  test.each<[string, SourceFacts, readonly string[]]>([
    ['main', sourceFacts(), ['fixed 20260103-0123456789ab', 'fixed sha-0123456789ab', 'moving main']],
    [
      'a branch that must be cleaned',
      onBranch('feat/x'),
      ['fixed 20260103-0123456789ab', 'fixed sha-0123456789ab', `moving ${tagOf('feat/x')}`],
    ],
    ['a pull request', onPullRequest(7), ['fixed 20260103-0123456789ab', 'fixed sha-0123456789ab', 'moving pr-7']],
    ['a release', onTag('v1.2.3'), ['fixed 1.2.3', 'fixed 20260103-0123456789ab', 'fixed sha-0123456789ab']],
    [
      'a release of the service',
      onTag('checkout/v1.2.3-rc.1'),
      ['fixed 1.2.3-rc.1', 'fixed 20260103-0123456789ab', 'fixed sha-0123456789ab'],
    ],
    [
      'a schedule',
      sourceFacts({ trigger: { kind: 'other', name: 'schedule' } }),
      ['fixed 20260103-0123456789ab', 'fixed sha-0123456789ab', 'moving main'],
    ],
  ])('the kinds on %s', (_name, facts, expected) =>
    expect(more(['sha', 'branch', 'semver', 'date'], facts)).toEqual(expected),
  );

  test('templates: whole versions are fixed, parts of them and names move', () => {
    expect(
      more(['v{{semver}}', '{{semver.major}}.{{semver.minor}}', '{{ semver.major }}', 'latest'], onTag('v1.2.3')),
    ).toEqual(['fixed v1.2.3', 'moving 1', 'moving 1.2', 'moving latest']);
    expect(more(['{{service}}-{{date}}', 'by-{{sha}}', '{{pr}}'])).toEqual([
      `fixed by-${COMMIT}`,
      'moving checkout-20260103',
    ]);
  });

  test('a day, a name and a part of a version follow the default branch and releases, and nothing else', () => {
    const templates = ['{{date}}', '{{service}}', 'stable'];
    const moving = ['moving 20260103', 'moving checkout', 'moving stable'];
    expect(more(templates)).toEqual(moving);
    expect(more(templates, onTag('v1.2.3'))).toEqual(moving);
    const elsewhere = [onPullRequest(7), onBranch('feature'), onTag('v1.2.3-rc.1'), onTag('nightly')];
    for (const facts of elsewhere) expect(more(templates, facts)).toEqual([]);
    expect(more(['{{date}}-{{pr}}'], onPullRequest(7))).toEqual(['moving 20260103-7']);
    expect(more(['{{branch}}-{{date}}'], onBranch('feature'))).toEqual(['moving feature-20260103']);
  });

  test('a pull request whose commit is a release moves nothing but its own', () => {
    const facts = { ...onPullRequest(7), tagsAtCommit: ['v1.2.3'] };
    expect(more(['latest', '{{semver.major}}', 'branch'], facts)).toEqual(['moving pr-7']);
  });

  test('a pre-release does not write the version that it comes before', () => {
    const version = '{{semver.major}}.{{semver.minor}}.{{semver.patch}}';
    expect(more([version], onTag('v1.2.3-rc.1'))).toEqual([]);
    expect(more([version], onTag('v1.2.3'))).toEqual(['fixed 1.2.3']);
  });

  test('the default branch is ahead of every version, a release branch is not', () => {
    const released = { tagsAtCommit: ['v1.2.3'], published: ['1.9.0'] };
    const templates = ['latest', '{{semver.major}}'];
    expect(more(templates, sourceFacts(released))).toEqual(['moving latest']);
    expect(more(templates, { ...onBranch('release/1.2'), ...released })).toEqual([]);
  });

  test.each([
    ['smever', 'semver'],
    ['Branch', 'branch'],
    ['sha1', 'sha'],
    ['dates', 'date'],
  ])('%s is no tag but a misspelt kind', (entry, meant) => {
    expect(() => tags([entry])).toThrow(
      `config-invalid The tag \`${entry}\` of checkout looks like a misspelt kind. Did you mean \`${meant}\`?`,
    );
  });
  test.each(['latest', 'stable', 'edge', 'main', 'qa', 'v1', 'beta', '{{short-sha}}'])(
    '%s is meant as it stands',
    (entry) => {
      expect(more([entry])).toHaveLength(1);
    },
  );

  test('a pre-release moves nothing, and `latest` is for the default branch and releases', () => {
    expect(more(['{{semver.major}}', 'latest'], onTag('v2.0.0-rc.1'))).toEqual([]);
    expect(more(['latest'], sourceFacts())).toEqual(['moving latest']);
    expect(more(['latest'], onBranch('feature'))).toEqual([]);
    expect(more(['latest'], onPullRequest(7))).toEqual([]);
  });

  test('a backport does not move a tag back that a greater version has', () => {
    const published = ['1.2.9', '1.3.0', '2.0.0', '3.0.0-rc.1', 'main', '1.3'];
    const templates = ['{{semver}}', '{{semver.major}}.{{semver.minor}}', '{{semver.major}}', 'latest'];
    expect(more(templates, onTag('v1.2.10', { published }))).toEqual(['fixed 1.2.10', 'moving 1.2']);
    expect(more(templates, onTag('v2.0.1', { published }))).toEqual([
      'fixed 2.0.1',
      'moving 2',
      'moving 2.0',
      'moving latest',
    ]);
  });

  test('an unknown variable is an error that names those there are', () => {
    expect(() => tags(['{{brnch}}'])).toThrow(/unknown variable `brnch`.*branch/);
    expect(() => tags(['{{toString}}'])).toThrow('unknown variable');
  });

  test('a branch cannot write the tags of keys and commits', () => {
    const taken = more(['branch'], onBranch(keyTag(key)))[0] ?? '';
    expect(taken).toMatch(/^moving key-[0-9a-f]{40}-[0-9a-f]{8}$/);
    expect(more(['branch'], onBranch(`sha-${COMMIT}`))[0]).toMatch(/^moving sha-[0-9a-f]{40}-[0-9a-f]{8}$/);
    // The same text by a template is one tag, and stays fixed.
    expect(tags(['sha-{{sha}}'])).toEqual(always);
  });
});

describe('what a tag cannot have', () => {
  test.each([
    ['main', /^main$/],
    ['v1.2_x-y', /^v1\.2_x-y$/],
    ['feat/x', /^feat-x-[0-9a-f]{8}$/],
    ['-x', /^x-[0-9a-f]{8}$/],
    ['..', /^[0-9a-f]{8}$/],
    ['日本', /^[0-9a-f]{8}$/],
    ['x'.repeat(128), /^x{128}$/],
    ['x'.repeat(129), /^x{119}-[0-9a-f]{8}$/],
  ])('%s', (text, expected) => expect(tagOf(text)).toMatch(expected));

  test('every text becomes a tag, and two texts become two', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', '/', '-', '.', '_', 'ä', ' ', '日'), maxLength: 160 });
    fc.assert(
      fc.property(text, text, (one, two) => {
        expect(tagOf(one)).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
        if (one !== two) expect(tagOf(one)).not.toBe(tagOf(two));
      }),
      { seed: 9, numRuns: 500 },
    );
  });
});
