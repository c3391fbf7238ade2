import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { keptOpen } from '../../../shared/io/registry/keep-alive.ts';

test('a connection serves HEAD after HEAD, where Node’s own fetch opens one for each', () => {
  const program = fileURLToPath(new URL('../../support/count-connections.ts', import.meta.url));
  const { own, kept } = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
  expect(kept).toBeLessThanOrEqual(2);
  expect(own).toBeGreaterThan(5);
});

test('another fetch is called as it is', async () => {
  const inits: unknown[] = [];
  const other: typeof globalThis.fetch = (_input, init) => {
    inits.push(init?.method);
    return Promise.resolve(new Response('x'));
  };
  const fetch = keptOpen(other);
  expect(await (await fetch('http://x.example/', { method: 'GET' })).text()).toBe('x');
  expect((await fetch('http://x.example/', { method: 'HEAD' })).status).toBe(200);
  expect(inits).toEqual(['GET', 'HEAD']);
});
