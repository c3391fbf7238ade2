import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRedactor, redactor } from '../../../shared/model/index.ts';

const SECRET = 'qu"ote\\d$&se1cret/with+chars <x>~(é)';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hidden = redactor([SECRET]);
const byForm = redactor([]);

describe('a secret that is known is taken out in every form', () => {
  test.each([
    ['itself', SECRET],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(SECRET).slice(1, -1)).slice(1, -1)],
    [
      'JSON for HTML',
      JSON.stringify(SECRET).slice(1, -1).replace('&', '\\u0026').replace('<', '\\u003c').replace('>', '\\u003e'),
    ],
    ['URL', encodeURIComponent(SECRET)],
    ['URL, lower case', encodeURIComponent(SECRET).replace(/%../g, (it) => it.toLowerCase())],
    ['form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['base64', base64(SECRET)],
    ['base64 without padding', base64(SECRET).replace(/=+$/, '')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['HEX', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ])('%s', (_form, text) => expect(hidden(`a ${text} b`)).toBe('a *** b'));

  test('base64 of more than it, wherever in it it stands: hardly a character of it is left', () => {
    const around = fc.uint8Array({ maxLength: 7 });
    fc.assert(
      fc.property(
        around,
        fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' }),
        around,
        (before, it, after) => {
          const secret = it.replaceAll(' ', 'x');
          const whole = Buffer.concat([before, Buffer.from(secret), after]);
          for (const encoding of ['base64', 'base64url'] as const) {
            const clean = redactor([secret])(whole.toString(encoding));
            expect(clean).toContain('***');
            // At each end at most the characters that it shares with its neighbour.
            expect(clean.length).toBeLessThanOrEqual(Math.ceil(((before.length + after.length) * 4) / 3) + 9);
          }
        },
      ),
    );
  });

  test('each line by itself; what is shorter than six characters stays', () => {
    expect(redactor(['line0neSecret\r\nline2Secret99\nshort'])('line2Secret99 short line0neSecret')).toBe(
      '*** short ***',
    );
  });

  test('half of a character pair is no reason to fail', () => {
    expect(redactor(['abcdef\ud800'])('x abcdef\ud800')).toBe('x ***');
  });

  test('and from the moment on that it is learned', () => {
    const { redact, learn } = openRedactor([]);
    expect(redact('a hunter-22 b')).toBe('a hunter-22 b');
    learn('hunter-22');
    expect(redact(`a hunter-22 ${base64('ci:hunter-22')}`)).toMatch(/^a \*\*\* Y2k\S{0,2}\*\*\*\S{0,2}$/);
  });
});

describe('a secret that is known only by where it stands', () => {
  test.each([
    ['https://user:urlPassw0rd1@host/x', 'https://***@host/x'],
    ['redis://:redisPw0rd1@h:1', 'redis://***@h:1'],
    ['redis://:12345@h', 'redis://***@h'],
    ['https://t0kenOnlyUser@github.com/x', 'https://***@github.com/x'],
    ['https://user:sl4sh/pw@h/x', 'https://***@h/x'],
    ['https://user:p@ss@h/x', 'https://***@h/x'],
    ['https://proxy/?to=https://u:p@h/', 'https://proxy/?to=https://***@h/'],
    ['x DB_PASS=hunter22x y', 'x DB_PASS=*** y'],
    ['{"log":"password=hunter22x\\" y","token":"abc123456"}', '{"log":"password=***\\" y","token":"***"}'],
    ['Authorization: Bearer bEar3rTokenXYZ', 'Authorization: Bearer ***'],
    [`a eyJ${'a'.repeat(12)}.eyJ${'b'.repeat(12)}.ccc b`, 'a *** b'],
  ])('%s', (text, clean) => {
    expect(byForm(text)).toBe(clean);
    expect(byForm(clean)).toBe(clean);
  });

  test.each([
    'ssh://git@github.com/acme/shop',
    'postgres://app@db/shop',
    'http://127.0.0.1:5000/v2/acme/shop@sha256:abc',
    'oci://localhost:5000/acme/shop@sha256:abc',
    'http://localhost:3000/users/@me',
    'http://[::1]:80/a@b',
    '{"a":"http://host:1","b":"me@example.com"}',
    'token: refresh earlier',
    'PWD=/home/runner1/work',
  ])('%s is none', (text) => expect(byForm(text)).toBe(text));
});

test.each([
  ['a-', ''],
  ['password=', ''],
  ['authorization: bearer ', ''],
  ['a.', ''],
  ['://a:', ''],
  ['a:', 'x://'],
  ['https://a', ''],
  ['eyJaaaaaaaaaaaa-', ''],
  ['-----BEGIN A', ''],
  ['\\\\', 'token='],
])('a long text of %j takes no longer than its length', (part, head) => {
  const text = head + part.repeat(500_000 / part.length);
  expect(byForm(text).length).toBeLessThanOrEqual(text.length);
});
