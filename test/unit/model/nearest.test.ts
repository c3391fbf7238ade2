import { expect, test } from '@jest/globals';
import { nearest } from '../../../shared/model/index.ts';

const KEYS = ['paths', 'build-args', 'platforms', 'name', 'team', 'production', 'image'];

test.each<readonly [string, string | undefined]>([
  ['pahts', 'paths'],
  ['path', 'paths'],
  ['buildArgs', 'build-args'],
  ['build_args', 'build-args'],
  ['BUILD-ARGS', 'build-args'],
  ['platfroms', 'platforms'],
  ['plattform', 'platforms'],
  ['prod', 'production'],
  ['nmae', 'name'],
  ['imag', 'image'],
  ['color', undefined],
  ['x', undefined],
  ['teh', undefined],
])('%s → %s', (word, expected) => expect(nearest(word, KEYS)).toBe(expected));
