import { expect, test } from '@jest/globals';
import { handedEnv, handedSecrets } from '../../../shared/io/runner/handed-env.ts';

const of = (...lines: readonly string[]) => handedEnv({ SLIPWAY_ENV: lines.join('\n') });

test('a line is a variable, its value as it stands', () => {
  expect(of('TOKEN=a=b "c" $d ', '', '# words', 'EMPTY=', ' INDENTED=x', '9X=y', 'no sign')).toEqual({
    TOKEN: 'a=b "c" $d ',
    EMPTY: '',
  });
  expect(of('A=1\r', 'B=2')).toEqual({ A: '1', B: '2' });
  expect(handedEnv({})).toEqual({});
});

test('lines up to an end are one value; without the end there is none', () => {
  expect(of('CONFIG<<END', 'kind: Config', 'A=1', 'END', 'B=2')).toEqual({ CONFIG: 'kind: Config\nA=1', B: '2' });
  expect(of('CONFIG<<END', 'kind: Config', 'B=2')).toEqual({ B: '2' });
});

test('every value is a secret, whatever its name says', () => {
  expect(handedSecrets(of('PLACE=eu-central-1', 'YES=1'))).toEqual(['eu-central-1']);
});
