import { describe, expect, test } from '@jest/globals';
import {
  formatReport,
  LARGEST_REPORT,
  markdownBlock,
  markdownText,
  safeLines,
  secretsIn,
} from '../../../shared/io/runner/index.ts';

describe('lines of a log', () => {
  test.each([
    ['::set-output name=a::b', [':\u200b:set-output name=a::b']],
    ['  ::error::x', ['  :\u200b:error::x']],
    ['a ::error::x', ['a ::error::x']],
    ['x ##[group]y', ['x ##\u200b[group]y']],
    ['one\r\ntwo\rthree\u2028four', ['one', 'two', 'three', 'four']],
    ['\u001b[31mred\u001b[0m \u001b]0;title\u0007end\u0000', ['red end']],
    ['tab\tstays', ['tab\tstays']],
  ])('%j', (text, expected) => {
    expect(safeLines(text)).toEqual(expected);
  });

  test('a line that never ends is cut', () => {
    expect(safeLines('x'.repeat(1_000_000))[0]?.length).toBeLessThan(2_100);
  });
});

describe('markdown', () => {
  test('no text becomes markup', () => {
    expect(markdownText('a|b <img src=x> [l](u) `c`\n::')).toBe(
      'a&#124;b &#60;img src=x&#62; &#91;l&#93;&#40;u&#41; &#96;c&#96; ::',
    );
  });

  test('a block cannot be left', () => {
    expect(markdownBlock(['a', '````', 'b'])).toBe('`````text\na\n````\nb\n`````');
  });
});

describe('the report', () => {
  test('is one line and within its bound, whatever it is given', () => {
    const text = formatReport(
      { schema: 1, status: 'ok' },
      { small: 'a\nb', large: 'x'.repeat(70_000), larger: 'y'.repeat(80_000) },
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST_REPORT);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({ schema: 1, status: 'ok', small: 'a\nb', omitted: ['larger', 'large'] });
  });
});

describe('secrets of the environment', () => {
  test('are known by the names of their variables', () => {
    const environment = {
      DD_API_KEY: 'abcdefgh1234',
      NPM_TOKEN: 'npm_aaaaaaaa',
      DB_PASSWORD: 'short',
      GITHUB_REPOSITORY: 'acme/token-shop',
      TOKEN_PATH: '/var/run/token',
      HOME: '/home/runner',
    };
    expect(secretsIn(environment)).toEqual(['abcdefgh1234', 'npm_aaaaaaaa']);
  });

  test.each(['DB_PASS', 'APP_KEY', 'MYSQL_PWD', 'AWS_CREDENTIALS', 'NPM_CREDS', 'GH_PAT', 'SENTRY_DSN', 'BASIC_AUTH'])(
    '%s',
    (name) => expect(secretsIn({ [name]: 'abcdefgh1234' })).toEqual(['abcdefgh1234']),
  );

  test.each(['PWD', 'OLDPWD', 'CACHE_KEY', 'GIT_AUTHOR_EMAIL', 'XAUTHORITY', 'SSH_AUTH_SOCK', 'BYPASS', 'MONKEY'])(
    '%s holds none',
    (name) => expect(secretsIn({ [name]: 'abcdefgh1234' })).toEqual([]),
  );

  test('and the passwords in addresses', () => {
    const environment = {
      DATABASE_URL: 'postgres://app:p4ss%2Fw0rd@db/x',
      HTTPS_PROXY: 'http://me:proxyPw01@p:1',
      A: 'http://h:8080/',
    };
    expect(secretsIn(environment)).toEqual(['p4ss%2Fw0rd', 'p4ss/w0rd', 'proxyPw01']);
  });
});
