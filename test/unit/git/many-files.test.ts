import { symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCheckout } from '../../../shared/io/git/index.ts';
import type { CommitFiles } from '../../../shared/model/index.ts';
import { Sandbox } from './support.ts';

const box = new Sandbox();
afterAll(() => box.remove());

describe.each([
  ['a whole clone', []],
  ['a clone without files of old commits', ['--filter=blob:none', '--depth=1']],
])('files of a commit in %s', (_title, options) => {
  let files: CommitFiles;
  beforeAll(async () => {
    const repository = await box.repository(`many-${options.length}`);
    symlinkSync('package.json', `${repository}/link.json`);
    const texts = {
      'package.json': '{}',
      'a/package.json': '{"a":1}',
      'a/ü.txt': 'ü',
      'a/big': 'x'.repeat(9 * 1024 * 1024),
    };
    const old = await box.commit(repository, texts);
    await box.commit(repository, { 'package.json': '{"new":1}', 'a/package.json': undefined });
    const clone = box.clone(repository, `many-${options.length}-clone`, ...options);
    files = (await openCheckout(clone, box.options())).at(old);
  });

  test('are found by their paths, links left out', async () => {
    expect(await files.find((path) => path.endsWith('.json'))).toEqual(['a/package.json', 'package.json']);
    expect(await files.find(() => false)).toEqual([]);
  });

  test('links are told with what they say', async () => {
    expect([...(await files.links())]).toEqual([['link.json', 'package.json']]);
  });

  test('are read together; what is not there, a link, or too large is left out', async () => {
    const asked = ['package.json', 'a/package.json', 'a/ü.txt', 'a/big', 'link.json', 'none'];
    expect([...(await files.readAll(asked))].sort()).toEqual([
      ['a/package.json', '{"a":1}'],
      ['a/ü.txt', 'ü'],
      ['package.json', '{}'],
    ]);
  });
});
