import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { verifierOf, verifyHttp } from '../../../shared/judge/index.ts';
import type { Clock, HttpCheck } from '../../../shared/model/index.ts';
import { LazyClock } from '../../support/lazy-clock.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(request, response, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

const real: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

const deps = { fetch, clock: real };
const check = (change: Partial<HttpCheck> = {}): HttpCheck => ({
  url: '{url}/healthz',
  status: 200,
  withinMs: 60_000,
  ...change,
});
const never = new AbortController().signal;

async function only(it: HttpCheck, url: string | undefined, signal = never) {
  const [result] = await verifyHttp([it], deps, url, signal);
  return result;
}

describe('a check', () => {
  test('passes with the right status, and shows it', async () => {
    const url = await serve((request, response) => response.end(request.url));
    expect(await only(check(), `${url}/`)).toMatchObject({
      name: 'GET {url}/healthz',
      passed: true,
      seen: 'HTTP 200: /healthz',
      attempts: 1,
    });
  });

  test('is asked again until the status is right', async () => {
    const url = await serve((_request, response, nth) => {
      response.statusCode = nth < 3 ? 503 : 200;
      response.end();
    });
    expect(await only(check(), url)).toMatchObject({ passed: true, seen: 'HTTP 200', attempts: 3 });
  });

  test('fails when its time is over, and shows the head of the body on one line', async () => {
    const url = await serve((_request, response) => {
      response.statusCode = 500;
      response.end(`database\n is\u0007 locked\n${'x'.repeat(5_000)}`);
    });
    const result = await only(check({ withinMs: 300 }), url);
    expect(result).toMatchObject({ passed: false });
    expect(result?.seen).toMatch(/^HTTP 500: database is locked x+… \(wanted HTTP 200 within 300 ms\)$/);
    expect(result?.seen.length).toBeLessThan(300);
  });

  test('reads no more of an endless body than it shows', async () => {
    let closed = false;
    const url = await serve((_request, response) => {
      const timer = setInterval(() => response.write('y'.repeat(1_000)), 1);
      response.on('close', () => {
        closed = true;
        clearInterval(timer);
      });
    });
    expect(await only(check(), url)).toMatchObject({ passed: true });
    for (let turn = 0; turn < 500 && !closed; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(closed).toBe(true);
  });

  test('does not follow redirects', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/login') response.end('please log in');
      else response.writeHead(302, { location: '/login' }).end();
    });
    expect(await only(check({ withinMs: 300 }), url)).toMatchObject({
      passed: false,
      seen: expect.stringMatching(/^HTTP 302 to \/login /),
    });
    expect(await only(check({ status: 302 }), url)).toMatchObject({ passed: true, seen: 'HTTP 302 to /login' });
  });

  test.each([
    ['nobody listens', 'http://127.0.0.1:9', /^(connection refused|bad port)/],
    [
      'the host is not known',
      'http://nowhere.invalid',
      /^the (host name is not known|name server does not answer)|^no answer/,
    ],
  ])('says readably that %s', async (_name, url, seen) => {
    const result = await only(check({ url: `${url}/healthz`, withinMs: 300 }), undefined);
    expect(result).toMatchObject({ passed: false, seen: expect.stringMatching(seen) });
  });

  test('says readably that a port is closed, and that a connection broke', async () => {
    const gone = await serve(() => {});
    await open.pop()?.();
    expect((await only(check({ withinMs: 300 }), gone))?.seen).toMatch(/^connection refused/);
    const rude = await serve((request) => request.socket.destroy());
    expect((await only(check({ withinMs: 300 }), rude))?.seen).toMatch(/^connection (reset|closed)/);
  });

  test('does not wait for an answer that never comes', async () => {
    const url = await serve(() => {});
    expect(await only(check({ withinMs: 300 }), url)).toMatchObject({
      passed: false,
      seen: expect.stringMatching(/^no answer within \d+ ms/),
    });
  });

  test('ends with the signal', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    expect(await only(check(), url, stop.signal)).toMatchObject({
      passed: false,
      seen: expect.stringMatching(/^stopped/),
    });
    expect(await only(check(), url, stop.signal)).toMatchObject({ passed: false, attempts: 0 });
  });

  test.each([
    ['{url}/healthz', undefined],
    ['{url}/healthz', 'no url'],
  ])('%s with the address %s fails without asking', async (template, url) => {
    expect(await only(check({ url: template }), url)).toMatchObject({ passed: false, attempts: 0 });
  });
});

test('the pauses grow, and the time is that of the clock', async () => {
  const clock = new LazyClock();
  const asked: number[] = [];
  const start = clock.now();
  const failing: typeof fetch = () => {
    asked.push(clock.now() - start);
    return Promise.resolve(new Response(null, { status: 503 }));
  };
  const [result] = await verifyHttp([check({ withinMs: 5_000 })], { fetch: failing, clock }, 'http://x', never);
  expect(asked).toEqual([0, 250, 750, 1_750, 3_750, 5_000]);
  expect(result).toMatchObject({ passed: false, attempts: 6, durationMs: 5_000 });
});

test('all checks are asked at once', async () => {
  const waiting: ServerResponse[] = [];
  const url = await serve((_request, response) => {
    waiting.push(response);
    // Nobody is answered before all have asked.
    if (waiting.length === 3) for (const it of waiting) it.end();
  });
  const results = await verifyHttp(
    [1, 2, 3].map((nth) => check({ url: `{url}/${nth}` })),
    deps,
    url,
    never,
  );
  expect(results.map((it) => [it.name, it.passed, it.attempts])).toEqual([
    ['GET {url}/1', true, 1],
    ['GET {url}/2', true, 1],
    ['GET {url}/3', true, 1],
  ]);
});

test('metrics are refused, not passed over', async () => {
  expect(() => verifierOf({ http: [], metrics: { limits: [] } }, deps)).toThrow(
    expect.objectContaining({ code: 'not-yet' }),
  );
  expect(await verifierOf({ http: [], metrics: undefined }, deps)(undefined, never)).toEqual([]);
});
