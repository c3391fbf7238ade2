import { describe, expect, test } from '@jest/globals';
import { type Build, needsOf, parseDockerfile, readIgnore } from '../../../../shared/image/dockerfile/index.ts';
import { UserError } from '../../../../shared/model/index.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };
const BUILD: Build = { buildArgs: {}, target: undefined, platforms: [AMD64], builder: AMD64 };

const needs = (text: string, build: Partial<Build> = {}) =>
  needsOf(parseDockerfile(text, 'Dockerfile'), { ...BUILD, ...build }, 'Dockerfile');
const images = (text: string, build: Partial<Build> = {}) => needs(text, build).images.map((it) => it.text);

function refusal(ask: () => unknown) {
  try {
    ask();
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown.problems[0];
    throw thrown;
  }
  throw new Error('it was not refused');
}

describe('images that a Dockerfile takes something from', () => {
  test.each<[string, string, Partial<Build>, readonly string[]]>([
    ['FROM', 'FROM node:24', {}, ['node:24']],
    ['with its digest', 'FROM node:24@sha256:0', {}, ['node:24@sha256:0']],
    ['scratch is none', 'FROM scratch\nCOPY . .', {}, []],
    ['platform flags do not matter', 'FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nRUN x', {}, ['golang:1.26']],
    ['a stage by name', 'FROM node AS Build\nFROM nginx\nCOPY --from=build /a /b', {}, ['nginx', 'node']],
    ['a stage by number', 'FROM node\nFROM nginx\nCOPY --from=0 /a /b', {}, ['nginx', 'node']],
    ['a stage as base', 'FROM node AS base\nFROM base\nRUN x', {}, ['node']],
    ['COPY --from an image', 'FROM scratch\nCOPY --from=busybox:1 /bin/sh /sh', {}, ['busybox:1']],
    ['RUN --mount from an image', 'FROM a\nRUN --mount=type=bind,from=tools:2,target=/t /t/go', {}, ['a', 'tools:2']],
    ['RUN --mount of the context', 'FROM a\nRUN --mount=type=bind,target=/t /t/go', {}, ['a']],
    [
      'over several lines',
      'FROM a\nRUN --mount=type=cache,target=/c \\\n# why\n --mount=from=b,target=/b x',
      {},
      ['a', 'b'],
    ],
    ['not in a heredoc', 'FROM a\nRUN <<EOF\nFROM b\nCOPY --from=c . .\nEOF\nCOPY --from=d . .', {}, ['a', 'd']],
    ['not in a comment', 'FROM a\n# FROM b', {}, ['a']],
    ['ARG with a default', 'ARG V=24\nFROM node:${V}-slim', {}, ['node:24-slim']],
    ['ARG made of another', 'ARG V=24\nARG IMAGE="node:$V"\nFROM $IMAGE', {}, ['node:24']],
    ['a build argument goes before the default', 'ARG V=24\nFROM node:$V', { buildArgs: { V: '22' } }, ['node:22']],
    ['a build argument without ARG is none', 'ARG V=24\nFROM node:$V', { buildArgs: { W: '22' } }, ['node:24']],
    ['ARG of a stage does not reach FROM', 'ARG V=1\nFROM a:$V\nARG V=2\nFROM b:$V', {}, ['b:1']],
    ['a default in its place', 'ARG V\nFROM node:${V:-20}', {}, ['node:20']],
    [
      'of all platforms',
      'FROM a AS on-amd64\nFROM b AS on-arm64\nFROM on-$TARGETARCH',
      { platforms: [AMD64, ARM64] },
      ['a', 'b'],
    ],
    ['of one platform', 'FROM a AS on-amd64\nFROM b AS on-arm64\nFROM on-$TARGETARCH', { platforms: [ARM64] }, ['b']],
    ['of the builder', 'FROM a AS on-amd64\nFROM b AS on-arm64\nFROM on-$BUILDARCH', { builder: ARM64 }, ['b']],
    [
      'not of stages that are not needed',
      'FROM a AS test\nFROM b AS build\nFROM c\nCOPY --from=build x y',
      {},
      ['b', 'c'],
    ],
    ['of the target', 'FROM a AS test\nFROM b', { target: 'TEST' }, ['a']],
    ['escape directive', '# escape=`\nFROM a\nRUN x `\n --y\nCOPY --from=b . .', {}, ['a', 'b']],
  ])('%s', (_name, text, build, expected) => expect(images(text, build)).toEqual(expected));

  test('each once, sorted, with its place', () => {
    expect(needs('FROM b\nFROM a\nCOPY --from=b . .\nCOPY --from=b . .').images).toEqual([
      { text: 'a', at: { file: 'Dockerfile', line: 2 } },
      { text: 'b', at: { file: 'Dockerfile', line: 4 } },
    ]);
  });

  test.each<[string, string, Partial<Build>, string | undefined]>([
    ['through stages', 'FROM a AS x\nFROM b AS y\nCOPY --from=x . .\nFROM y AS z\nFROM z', {}, 'b'],
    ['none', 'FROM scratch', {}, undefined],
    ['another for each platform', 'FROM a:$TARGETARCH', { platforms: [AMD64, ARM64] }, undefined],
  ])('what the result stands upon: %s', (_name, text, build, expected) => {
    expect(needs(text, build).base).toBe(expected);
  });
});

describe('what cannot be known is an error with its place', () => {
  test.each<[string, string, Partial<Build>, string, number | undefined]>([
    ['no value', 'ARG X\nFROM ${X}', {}, '`X` has no value', 2],
    ['no value for the tag', 'FROM node:$VERSION', {}, '`VERSION` has no value', 1],
    ['a value that is asked for', 'FROM a\nFROM ${X:?say which}', {}, 'say which', 2],
    ['a variable where none is filled', 'FROM a\nCOPY --from=$X . .', {}, 'no variable into `from=$X`', 2],
    ['no FROM', 'RUN x', {}, 'has no `FROM`', undefined],
    ['half a FROM', 'FROM a b c', {}, '`FROM a b c`', 1],
    ['a target that is not there', 'FROM a AS one\nFROM b AS two', { target: 'three' }, 'no stage `three`', undefined],
    ['a text without end', 'FROM a\nRUN <<EOF\nx', {}, '<<EOF', 2],
  ])('%s', (_name, text, build, sentence, line) => {
    const found = refusal(() => needs(text, build));
    expect(found).toMatchObject({ code: 'config-invalid', sentence: expect.stringContaining(sentence) });
    expect(found?.at?.line).toBe(line);
  });

  test('a pattern of the ignore file', () => {
    const found = refusal(() => readIgnore('a\n\n[b', 'services/a/.dockerignore'));
    expect(found).toMatchObject({ code: 'config-invalid', at: { file: 'services/a/.dockerignore', line: 3 } });
  });
});

test.each([
  ['nothing taken in again', 'a', 'a', false],
  ['below it', 'a\n!a/b', 'a', true],
  ['elsewhere', 'a\n!b/c', 'a', false],
  ['anywhere', 'a\n!**/b', 'a', true],
])('whether a folder that is left out must be looked into: %s', (_name, text, folder, expected) => {
  expect(readIgnore(text, '.dockerignore').mayReinclude(folder)).toBe(expected);
});
