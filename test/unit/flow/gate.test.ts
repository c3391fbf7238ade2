import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GateFacts, type JobResult, judgeGate } from '../../../shared/flow/gate.ts';

const S = 'success';
const SKIPPED = 'skipped';
const facts = (more: Partial<GateFacts>): GateFacts => ({
  detect: S,
  selected: 1,
  services: [S, SKIPPED, SKIPPED, SKIPPED],
  ...more,
});

describe('the gate', () => {
  test.each<[string, Partial<GateFacts>]>([
    ['all that was selected went well', {}],
    ['nothing was selected', { selected: 0, services: [SKIPPED, SKIPPED, SKIPPED, SKIPPED] }],
    ['a second matrix was needed', { selected: 257, services: [S, S, SKIPPED, SKIPPED] }],
    ['nobody is asked', { approval: '', approved: ['', '', '', ''] }],
    ['nobody got to where somebody is asked', { approval: SKIPPED, approved: [SKIPPED, SKIPPED] }],
    ['it was approved', { approval: S, approved: [S, SKIPPED] }],
  ])('is green where %s', (_why, more) => {
    expect(judgeGate(facts(more)).ok).toBe(true);
  });

  test.each<[string, Partial<GateFacts>, RegExp]>([
    ['detection failed', { detect: 'failure', services: [SKIPPED] }, /^Detection ended with failure/],
    ['detection was skipped', { detect: SKIPPED, selected: 0, services: [SKIPPED] }, /^Detection ended with skipped/],
    ['detection has no result', { detect: '', selected: 0, services: [] }, /^Detection ended with no result/],
    ['one service is red', { services: ['failure', SKIPPED, SKIPPED, SKIPPED] }, /matrix 1 ended with failure/],
    ['it was cancelled', { services: ['cancelled', SKIPPED, SKIPPED, SKIPPED] }, /matrix 1 ended with cancelled/],
    [
      'what was selected was skipped',
      { services: [SKIPPED, SKIPPED, SKIPPED, SKIPPED] },
      /matrix 1 ended with skipped/,
    ],
    ['a matrix that is needed was skipped', { selected: 257 }, /matrix 2 ended with skipped/],
    ['there are more services than matrices', { selected: 1_025, services: [S, S, S, S] }, /one run is for 1024/],
    ['it was not approved', { approval: 'failure', approved: [SKIPPED] }, /approval ended with failure/],
    ['an approved service is red', { approval: S, approved: ['failure'] }, /approved services of matrix 1/],
  ])('is red where %s', (_why, more, sentence) => {
    const verdict = judgeGate(facts(more));
    expect(verdict.ok).toBe(false);
    expect(verdict.sentence).toMatch(sentence);
  });

  test('is never green while something has failed or was cancelled', () => {
    const result = fc.constantFrom<JobResult>('success', 'failure', 'cancelled', 'skipped', '');
    const any = fc.record({
      detect: result,
      selected: fc.nat(1_100),
      services: fc.array(result, { minLength: 4, maxLength: 4 }),
      approval: result,
      approved: fc.array(result, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(any, (given) => {
        const all = [given.detect, ...given.services, given.approval, ...given.approved];
        const { ok } = judgeGate(given);
        if (all.some((it) => it === 'failure' || it === 'cancelled')) expect(ok).toBe(false);
        if (ok)
          expect(given.services.filter((it) => it === 'success').length * 256).toBeGreaterThanOrEqual(given.selected);
      }),
    );
  });
});
