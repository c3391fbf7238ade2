import { expect, test } from '@jest/globals';
import { isShipping, type Trigger } from '../../../shared/model/index.ts';
import { push, run } from '../detect/world.ts';

const SHA = 'a'.repeat(40);
const side = { ref: 'main', sha: SHA };
const pull: Trigger = { kind: 'pull-request', number: 1, base: side, head: side, fork: true };

test.each<[string, Trigger, string, boolean]>([
  ['a push to the default branch', push(SHA), 'refs/heads/main', true],
  ['a push to another branch', push(SHA, 'x'), 'refs/heads/x', false],
  ['a tag', { kind: 'tag', tag: 'v1' }, 'refs/tags/v1', true],
  ['a schedule', { kind: 'other', name: 'schedule' }, 'refs/heads/main', true],
  ['a dispatch on another branch', { kind: 'other', name: 'workflow_dispatch' }, 'refs/heads/x', false],
  ['a pull request', pull, 'refs/pull/1/merge', false],
  ['a pull request that runs on the target', pull, 'refs/heads/main', false],
  ['a pull request that cannot be read', { kind: 'other', name: 'pull_request_target' }, 'refs/heads/main', false],
  ['a merge group', { kind: 'merge-group', base: side, head: side }, 'refs/heads/gh-readonly-queue/main/x', false],
])('%s', (_what, trigger, ref, ships) => {
  expect(isShipping(run(trigger, SHA, ref))).toBe(ships);
});
