import { expect, test } from '@jest/globals';
import { formatPlatform, parsePlatform } from '../../../shared/image/index.ts';

test.each(['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/386', 'linux/s390x', 'windows/amd64', 'wasi/wasm'])(
  '%s',
  (text) => expect(formatPlatform(parsePlatform(text))).toBe(text),
);

test.each([
  ['amiga/68k', /nothing runs on amiga/],
  ['linux/68k', /nothing runs on 68k/],
  ['linux/amd46', /Did you mean `amd64`/],
  ['linx/amd64', /Did you mean `linux`/],
  ['linux', /is no platform/],
  ['linux/arm/v7/x', /is no platform/],
])('%s is refused', (text, message) => {
  expect(() => parsePlatform(text)).toThrow(message);
});
