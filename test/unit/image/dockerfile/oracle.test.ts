import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fillWord } from '../../../../shared/image/dockerfile/expand.ts';
import { parseDockerfile, readIgnore, type Verdict } from '../../../../shared/image/dockerfile/index.ts';
import { UserError } from '../../../../shared/model/index.ts';

/*
 * What BuildKit makes of these texts: answers of moby/patternmatcher 0.6.0 (`ignorefile.ReadAll`, then
 * `MatchesUsingParentResults` from the top of each path), and of moby/buildkit 0.25.1 (`parser.Parse`, `shell.Lex`).
 */

type Case<T> = { readonly refused: true } | ({ readonly refused?: undefined } & T);
const read = <T>(name: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/dockerfile/${name}.json`, import.meta.url), 'utf8'));

function answer<T>(ask: () => T): T | 'refused' {
  try {
    return ask();
  } catch (thrown) {
    if (thrown instanceof UserError && thrown.code === 'config-invalid') return 'refused';
    throw thrown;
  }
}

function leftOut(text: string, path: string): boolean {
  const ignore = readIgnore(text, '.dockerignore');
  const parts = path.split('/');
  let verdict: Verdict | undefined;
  for (const [index] of parts.entries()) verdict = ignore.verdict(parts.slice(0, index + 1).join('/'), verdict);
  return verdict?.leftOut ?? false;
}

describe('.dockerignore', () => {
  const cases = read<{ text: string } & Case<{ leftOut: readonly string[]; keeps: readonly string[] }>>('ignore');
  test.each(cases)('$text', (it) => {
    if (it.refused) {
      expect(answer(() => readIgnore(it.text, '.dockerignore'))).toBe('refused');
      return;
    }
    expect(it.leftOut.filter((path) => !leftOut(it.text, path))).toEqual([]);
    expect(it.keeps.filter((path) => leftOut(it.text, path))).toEqual([]);
  });
});

test('instructions', () => {
  type Read = { name: string; flags: readonly string[]; line: number };
  for (const it of read<{ text: string } & Case<{ instructions: readonly Read[] }>>('instructions')) {
    const found = answer(() =>
      parseDockerfile(it.text, 'Dockerfile').instructions.map(({ name, flags, at }) => ({
        name,
        flags,
        line: at.line,
      })),
    );
    expect({ text: it.text, found }).toEqual({ text: it.text, found: it.refused ? 'refused' : it.instructions });
  }
});

test('words', () => {
  type Word = { word: string; values: Readonly<Record<string, string>> };
  for (const it of read<Word & Case<{ text: string }>>('words')) {
    const found = answer(() => fillWord(it.word, new Map(Object.entries(it.values))).text);
    expect({ ...it, found }).toEqual({ ...it, found: it.refused ? 'refused' : it.text });
  }
});
