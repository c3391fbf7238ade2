import { describe, expect, test } from '@jest/globals';
import {
  ATTEMPTS,
  DEADLINE_MS,
  isPassingError,
  LONGEST_RETRY_AFTER_MS,
  Retrier,
  retryAfterMs,
} from '../../../shared/io/registry/retry.ts';
import { skippingClock } from '../../support/registry-world.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('E1: Retry-After', () => {
  test.each([
    ['0', 0],
    ['1', 1_000],
    ['59', 59_000],
    ['255', LONGEST_RETRY_AFTER_MS],
    ['256', LONGEST_RETRY_AFTER_MS],
    ['3600', LONGEST_RETRY_AFTER_MS],
    ['99999999999999999999', undefined],
    ['Thu, 01 Jan 2026 12:00:20 GMT', 20_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Fri, 02 Jan 2026 12:00:00 GMT', LONGEST_RETRY_AFTER_MS],
    ['garbage', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
    [null, undefined],
  ])('%s', (header, expected) => expect(retryAfterMs(header, NOW)).toBe(expected));
});

describe('E1: which errors pass', () => {
  const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
  test.each(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_SOCKET'])(
    '%s passes',
    (code) => {
      expect(isPassingError(failed(code))).toBe(true);
    },
  );
  test.each(['ENOTFOUND', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_INVALID_ARG_TYPE'])(
    '%s does not',
    (code) => {
      expect(isPassingError(failed(code))).toBe(false);
    },
  );
  test('a cause that is its own cause is no trap', () => {
    const loop: { cause?: unknown; message: string } = { message: 'round' };
    loop.cause = loop;
    expect(isPassingError(loop)).toBe(false);
  });
});

describe('E1: the loop', () => {
  const answers = (...statuses: readonly number[]) => {
    const left = [...statuses];
    return () => Promise.resolve(new Response('', { status: left.shift() ?? 200, headers: { 'Retry-After': '50' } }));
  };
  const run = async (attempt: () => Promise<Response>) => {
    const clock = skippingClock();
    const traffic = { retries: 0 };
    const response = await new Retrier(clock, () => 0.5, traffic).run('GET x', attempt);
    return { status: response.status, retries: traffic.retries, slept: clock.slept };
  };

  test.each([408, 429, 500, 502, 503, 504])('%d is repeated', async (status) => {
    expect(await run(answers(status, 200))).toEqual({ status: 200, retries: 1, slept: [50_000] });
  });
  test.each([400, 401, 403, 404, 405, 409, 412, 413, 501])('%d is not', async (status) => {
    expect(await run(answers(status))).toEqual({ status, retries: 0, slept: [] });
  });
  test('the deadline ends it before the attempts do, when the registry asks for much patience', async () => {
    const { retries, slept, status } = await run(() =>
      Promise.resolve(new Response('', { status: 503, headers: { 'Retry-After': '60' } })),
    );
    expect(status).toBe(503);
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(DEADLINE_MS);
    expect(retries).toBe(3);
  });
  test('the attempts end it, and the error says how often and why', async () => {
    let calls = 0;
    const failing = () => {
      calls += 1;
      return Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) }),
      );
    };
    await expect(run(failing)).rejects.toThrow(`GET x failed ${ATTEMPTS} times, at last with: read ECONNRESET`);
    expect(calls).toBe(ATTEMPTS);
  });
  test('an error that does not pass is thrown at once', async () => {
    await expect(run(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });
});
