import { describe, expect, test } from '@jest/globals';
import { readRun, triggerOf } from '../../../shared/io/runner/index.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZEROS = '0'.repeat(40);
const pull = (head: unknown) => ({
  pull_request: { number: 7, base: { ref: 'main', sha: A, repo: { full_name: 'acme/shop' } }, head },
});

describe('what an event means', () => {
  test.each([
    ['push', 'refs/heads/main', { before: A, forced: true }, { kind: 'push', branch: 'main', before: A, forced: true }],
    [
      'push',
      'refs/heads/feat/x',
      { before: ZEROS },
      { kind: 'push', branch: 'feat/x', before: undefined, forced: false },
    ],
    [
      'push',
      'refs/heads/main',
      { before: 'nonsense' },
      { kind: 'push', branch: 'main', before: undefined, forced: false },
    ],
    ['push', 'refs/tags/v1.2.3', { before: ZEROS }, { kind: 'tag', tag: 'v1.2.3' }],
    [
      'pull_request',
      'refs/pull/7/merge',
      pull({ ref: 'x', sha: B, repo: { full_name: 'acme/shop' } }),
      { kind: 'pull-request', number: 7, base: { ref: 'main', sha: A }, head: { ref: 'x', sha: B }, fork: false },
    ],
    [
      'pull_request_target',
      'refs/heads/main',
      pull({ ref: 'x', sha: B, repo: null }),
      { kind: 'pull-request', number: 7, base: { ref: 'main', sha: A }, head: { ref: 'x', sha: B }, fork: true },
    ],
    [
      'merge_group',
      'refs/heads/gh-readonly-queue/main/pr-1',
      { merge_group: { base_ref: 'refs/heads/main', base_sha: A, head_sha: B } },
      { kind: 'merge-group', base: { ref: 'main', sha: A }, head: { sha: B } },
    ],
    ['schedule', 'refs/heads/main', {}, { kind: 'other', name: 'schedule' }],
    ['pull_request', 'refs/pull/7/merge', { pull_request: 'garbage' }, { kind: 'other', name: 'pull_request' }],
  ])('%s %s', (name, ref, event, expected) => {
    expect(triggerOf(name, ref, event)).toEqual(expected);
  });

  test('nothing is needed to read a run', () => {
    expect(readRun({})).toMatchObject({
      id: 'local',
      attempt: 1,
      url: undefined,
      trigger: { kind: 'other', name: 'local' },
    });
    expect(readRun({ GITHUB_RUN_ATTEMPT: 'x', GITHUB_EVENT_PATH: '/does/not/exist' }).attempt).toBe(1);
  });
});
