import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../../../shared/io/clock.ts';
import { ownIdentity, type ProcessIdentity } from '../../../../shared/io/processes.ts';
import { Mutex } from '../../../../shared/targets/local/mutex.ts';

let folder: string;
let self: ProcessIdentity;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-mutex-'));
  self = await ownIdentity();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mutex = (random = Math.random, clock = systemClock) => new Mutex(folder, self, clock, random);
const claims = () => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('one at a time, and only the newest claim is kept', async () => {
  let inside = 0;
  let most = 0;
  const enter = () =>
    mutex().run(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await systemClock.sleep(1);
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 20 }, enter));
  expect(most).toBe(1);
  expect(claims()).toEqual(['20.free']);
  expect(readdirSync(folder)).toEqual(['20.free']);
});

test('is free again when what is done under it throws', async () => {
  await expect(mutex().run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await mutex().run(() => Promise.resolve('yes'))).toBe('yes');
});

test('a claim whose process is dead, or whose id is another’s now, is passed over', async () => {
  writeFileSync(join(folder, '7'), JSON.stringify({ ...self, start: 'of an earlier process' }));
  expect(await mutex().run(() => Promise.resolve(claims()))).toEqual(['8']);
});

test('a claim of another machine, from which nothing can be told, is waited for and then said', async () => {
  writeFileSync(join(folder, '7'), JSON.stringify({ ...self, host: 'another-machine' }));
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms * 100;
      return Promise.resolve();
    },
  };
  await expect(mutex(Math.random, clock).run(() => Promise.resolve())).rejects.toMatchObject({ code: 'locked' });
  expect(claims()).toEqual(['7']);
});

test('a claim that cannot be read is an error', async () => {
  writeFileSync(join(folder, '7'), '{');
  await expect(mutex().run(() => Promise.resolve())).rejects.toMatchObject({ code: 'target-state-invalid' });
});

/** Between the look at the claims and the claim itself others come and go; the random part of the name is asked for then. */
const meanwhile = (come: string) => {
  let first = true;
  return () => {
    if (first) writeFileSync(join(folder, come), '{}');
    first = false;
    return Math.random();
  };
};

test('whoever claims a number that was cleared away long ago withdraws', async () => {
  expect(await mutex(meanwhile('5.free')).run(() => Promise.resolve(claims()))).toEqual(['6']);
});

test('whoever claims a number that another had and gave back withdraws', async () => {
  writeFileSync(join(folder, '5.free'), '{}');
  expect(await mutex(meanwhile('6.free')).run(() => Promise.resolve(claims()))).toEqual(['7']);
});

test('the folder is made', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'slipway-mutex-'));
  rmSync(empty, { recursive: true });
  await new Mutex(empty, self, systemClock, Math.random).run(() => Promise.resolve());
  rmSync(empty, { recursive: true });
});
