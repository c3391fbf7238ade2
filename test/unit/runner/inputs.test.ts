import { describe, expect, test } from '@jest/globals';
import { choice, count, duration, flag, list, readInputs, text, word } from '../../../shared/io/runner/index.ts';
import { UserError } from '../../../shared/model/index.ts';

const table = {
  service: word('', { required: true }),
  mode: choice(['deploy', 'plan'], '', { default: 'deploy' }),
  force: flag('', { default: 'false' }),
  'lock-wait': duration('', { default: '10m' }),
  days: count(''),
  override: list(''),
  reason: text(''),
  token: text('', { default: '${{ github.token }}' }),
};

const read = (env: Record<string, string>) => readInputs(table, { INPUT_SERVICE: 'cart', ...env });

describe('inputs', () => {
  test('defaults hold outside the runner as well; an expression counts as empty', () => {
    expect(read({})).toEqual({
      service: 'cart',
      mode: 'deploy',
      force: false,
      'lock-wait': 600_000,
      days: undefined,
      override: [],
      reason: undefined,
      token: undefined,
    });
  });

  test('names keep their hyphens, values are trimmed', () => {
    expect(read({ 'INPUT_LOCK-WAIT': ' 90s ', INPUT_REASON: '  ' })).toMatchObject({
      'lock-wait': 90_000,
      reason: undefined,
    });
  });

  test.each([
    ['a, b\nc', ['a', 'b', 'c']],
    ['["a","b c"]', ['a', 'b c']],
    ['', []],
  ])('the list %j', (given, expected) => {
    expect(read({ INPUT_OVERRIDE: given }).override).toEqual(expected);
  });

  test.each([
    [{ INPUT_SERVICE: '' }, 'The input `service` is required.'],
    [{ INPUT_MODE: 'deplpy' }, 'The input `mode` must be one of deploy, plan, not "deplpy".'],
    [{ INPUT_FORCE: 'yes' }, 'The input `force` must be true or false, not "yes".'],
    [{ 'INPUT_LOCK-WAIT': '10' }, 'The input `lock-wait` must be a duration such as 90s, 10m or 1h, not "10".'],
    [{ INPUT_DAYS: '0' }, 'The input `days` must be a whole number from 1 up, not "0".'],
    [{ INPUT_OVERRIDE: '["a"' }, 'The input `override` starts like a JSON list, but is none.'],
    [{ INPUT_OVERRIDE: '[1]' }, 'The input `override` must be a list of texts.'],
  ])('%j is refused', (env, sentence) => {
    expect(() => read(env)).toThrow(UserError);
    expect(() => read(env)).toThrow(sentence);
  });

  test('all faults come at once', () => {
    const fault = catchError(() => read({ INPUT_FORCE: 'yes', INPUT_DAYS: 'x' }));
    expect(fault instanceof UserError ? fault.problems.map((it) => it.code) : []).toEqual([
      'input-invalid',
      'input-invalid',
    ]);
  });
});

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
