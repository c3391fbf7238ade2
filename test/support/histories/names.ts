import type { Dice } from './dice.ts';

/** Names of files that have broken tools before, as bytes. */
const ODD = [
  ' lead',
  'trail ',
  '-rf',
  '--',
  'new\nline',
  '\n',
  'tab\t',
  'cr\r',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  '\\n',
  'caf\xc3\xa9',
  'cafe\xcc\x81',
  'caf\xe9',
  '\xff\xfe',
  '\xed\xa0\x80',
  '\xc3',
  '\xef\xbf\xbd',
  '\xf0\x9f\x98\x80',
  '*',
  '?',
  '[a]',
  '{a,b}.txt',
  ':(top)x',
  ':',
  '!x',
  '#x',
  '\x01\x1b[31m',
  '\x7f',
  'a.',
  '...',
  '.hidden',
  '%2e',
  '$HOME',
  '~',
  '@{u}',
  'a => b',
  '"a"',
  '::set-output name=x::',
  'con',
  'slipway.service.yml.bak',
  'Slipway.service.yml',
];
const PLAIN = [
  '.env',
  'main.js',
  'a.txt',
  'b.txt',
  'z.txt',
  'README.md',
  'run.sh',
  'lib.js',
  'Makefile',
  'x.yml',
  'data.mk',
];
const FOLDERS = ['src', 'docs', 'lib', 'deep/er', '.github', 'test'];

/** One part of a path: usually plain, sometimes odd, now and then any bytes at all. */
export function fileName(dice: Dice): string {
  return dice.weighted<() => string>([
    [65, () => dice.pick(PLAIN)],
    [25, () => dice.pick(ODD)],
    [10, () => anyBytes(dice)],
  ])();
}

/** A path below a folder. */
export function pathIn(dice: Dice, folder: string): string {
  const between = dice.percent(35) ? [dice.percent(85) ? dice.pick(FOLDERS) : dice.pick(ODD)] : [];
  return [...(folder === '' ? [] : [folder]), ...between, fileName(dice)].join('/');
}

function anyBytes(dice: Dice): string {
  const bytes = Array.from({ length: dice.between(1, 5) }, () => dice.between(1, 255));
  const name = String.fromCharCode(...bytes).replaceAll('/', '_');
  // Git keeps no names that mean something to a file system.
  return /^\.{0,2}$|^\.git/i.test(name) ? `x${name}` : name;
}
