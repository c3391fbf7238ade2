import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type GitPlace, gitOutput, runGit } from '../../../shared/io/git/git.ts';
import { failureOf } from '../../../shared/io/git/remote.ts';
import { redactor } from '../../../shared/model/index.ts';
import { BARE_ENVIRONMENT, Sandbox } from './support.ts';

const box = new Sandbox();
afterAll(() => box.remove());

/** A place in which a script stands for git. */
function placed(name: string, script: string, more: Partial<GitPlace> = {}): GitPlace {
  const folder = box.path(name);
  mkdirSync(folder);
  writeFileSync(`${folder}/git`, `#!/bin/sh\n${script}\n`);
  chmodSync(`${folder}/git`, 0o755);
  return {
    options: ['-C', '/'],
    environment: { ...BARE_ENVIRONMENT, PATH: `${folder}:${process.env['PATH']}` },
    timeoutMs: 60_000,
    maxOutputBytes: 1_000,
    redact: redactor(['hidden-value']),
    ...more,
  };
}

/** Commands that speak with a remote have pipes; others write files, of which none is left. */
describe.each([
  ['with pipes', undefined],
  ['with files', box.path('written')],
])('running git %s', (how, scratch) => {
  if (scratch !== undefined) mkdirSync(scratch);
  afterAll(() => expect(scratch === undefined ? [] : readdirSync(scratch)).toEqual([]));
  const scripted = (name: string, script: string, more: Partial<GitPlace> = {}) =>
    placed(`${name} ${how}`, script, { scratch, ...more });

  test('arguments are a list, input is given, output is bytes, errors are without secrets', async () => {
    const place = scripted('plain', 'printf "%s|" "$@"; cat; echo "fatal: hidden-value" >&2; exit 7');
    const result = await runGit(place, ['a b', '$(id)', '*'], new Uint8Array([0xff, 0x0a]));
    expect(result.stdout).toEqual(Buffer.concat([Buffer.from('-C|/|a b|$(id)|*|'), Buffer.from([0xff, 0x0a])]));
    expect(result).toMatchObject({ status: 7, words: 'fatal: ***' });
    await expect(gitOutput(place, ['log'])).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('`git log` failed with status 7: fatal: ***'),
    });
  });

  test('a command that takes too long is ended, with its children', async () => {
    const place = scripted('slow', 'exec sleep 1000', { timeoutMs: 50 });
    expect(await runGit(place, ['x'])).toMatchObject({
      status: undefined,
      words: 'it took longer than 0.05 s',
    });
  });

  test('output beyond the bound ends the command', async () => {
    const place = scripted('loud', 'exec yes');
    const result = await runGit(place, ['x']);
    expect(result).toMatchObject({ status: undefined, words: 'it gave more than 1000 bytes' });
    await expect(gitOutput(place, ['x'])).rejects.toMatchObject({ code: 'git-failed' });
  });

  test('what git says is bounded', async () => {
    const place = scripted('wordy', 'head -c 100000 /dev/zero | tr "\\0" x >&2; exit 1');
    expect((await runGit(place, ['x'])).words.length).toBeLessThanOrEqual(4_000);
  });

  test('a command that does not read its input is no error', async () => {
    const place = scripted('deaf', 'exit 0');
    expect((await runGit(place, ['x'], 'x'.repeat(10_000_000))).status).toBe(0);
  });
});

test.each([
  ["fatal: unable to access 'https://x/': Could not resolve host: x", 'unreachable'],
  ['fatal: the remote end hung up unexpectedly', 'unreachable'],
  ['error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502', 'unreachable'],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 403", 'refused'],
  ['remote: Permission to acme/shop.git denied to github-actions[bot].', 'refused'],
  ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'refused'],
  ['remote: Repository not found.', 'refused'],
  ["fatal: repository 'https://x/y/' not found", 'refused'],
  ['fatal: remote error: upload-pack: not our ref 1111', 'absent'],
  ["fatal: couldn't find remote ref refs/heads/x", 'absent'],
  ['', 'absent'],
])('%j is %s', (words, failure) => expect(failureOf(words)).toBe(failure));
