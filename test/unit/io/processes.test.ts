import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../shared/io/clock.ts';
import {
  type Detached,
  lifeOf,
  ownIdentity,
  type ProcessIdentity,
  readIdentity,
  spawnDetached,
  stop,
} from '../../../shared/io/processes.ts';

let folder: string;
const started: ProcessIdentity[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-processes-'));
});
afterEach(async () => {
  for (const it of started.splice(0)) await end(it, 0);
  await rm(folder, { recursive: true, force: true });
});

const end = (identity: ProcessIdentity, graceMs = 5_000) =>
  stop(identity, { clock: systemClock, graceMs, guard: (act) => act() });

async function start(script: string, name = 'one'): Promise<Detached> {
  const it = await spawnDetached({
    command: [process.execPath, '-e', script],
    cwd: folder,
    env: { GREETING: 'hello' },
    logFile: join(folder, `${name}.log`),
    identityFile: join(folder, `${name}.pid`),
  });
  started.push(it.identity);
  return it;
}

async function logged(text: RegExp, name = 'one'): Promise<string> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const log = await readFile(join(folder, `${name}.log`), 'utf8');
    if (text.test(log)) return log;
    await systemClock.sleep(10);
  }
  throw new Error(`Not in the log: ${text}`);
}

const FOREVER = 'setInterval(() => {}, 1000);';

describe('a detached process', () => {
  test('is its own group, has only its own environment, and writes who it is', async () => {
    const { identity } = await start(`console.log(JSON.stringify(process.env), process.cwd(), 'end'); ${FOREVER}`);
    const log = await logged(/end/);
    expect(log).toContain('"GREETING":"hello"');
    expect(log).not.toContain('"HOME"');
    expect(log).toContain(folder);
    expect(await readIdentity(join(folder, 'one.pid'))).toEqual(identity);
    expect(await lifeOf(identity)).toBe('alive');
    expect(() => process.kill(-identity.pid, 0)).not.toThrow();
  });

  test('tells how it ended', async () => {
    expect(await (await start('process.exitCode = 7;')).ended).toBe(7);
    const { identity, ended } = await start(FOREVER, 'two');
    process.kill(identity.pid, 'SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(await lifeOf(identity)).toBe('dead');
  });

  test('that cannot be started says so', async () => {
    const options = {
      command: ['/x'] as const,
      cwd: join(folder, 'nowhere'),
      env: {},
      logFile: join(folder, 'l'),
      identityFile: join(folder, 'p'),
    };
    await expect(spawnDetached(options)).rejects.toMatchObject({ code: 'start-failed' });
  });

  test('is stopped with what it started, gently first', async () => {
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'console.log("child " + process.pid); setInterval(() => {}, 1000)'], { stdio: 'inherit' });`;
    const { identity } = await start(
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); ${child} ${FOREVER}`,
    );
    const pid = Number(/child (\d+)/.exec(await logged(/child \d+\n/))?.[1]);
    await end(identity);
    await logged(/bye/);
    expect(await lifeOf(identity)).toBe('dead');
    expect(await ended(pid)).toBe(true);
  });

  test('that does not end for SIGTERM is killed, and so is what it left behind', async () => {
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("child " + process.pid); setInterval(() => {}, 1000)'], { stdio: 'inherit' });`;
    const { identity } = await start(`process.on('SIGTERM', () => console.log('no')); ${child} ${FOREVER}`);
    const pid = Number(/child (\d+)/.exec(await logged(/child \d+\n/))?.[1]);
    await end(identity, 100);
    await logged(/no/);
    expect(await lifeOf(identity)).toBe('dead');
    expect(await ended(pid)).toBe(true);
  });

  test('whose id is another process’s now is left alone', async () => {
    const { identity } = await start(FOREVER);
    await end({ ...identity, start: `${identity.start}0` }, 0);
    await end({ ...identity, host: 'another-machine' }, 0);
    expect(await lifeOf(identity)).toBe('alive');
    expect(await lifeOf({ ...identity, host: 'another-machine' })).toBe('elsewhere');
  });

  test('is not stopped when the right to do so is gone', async () => {
    const { identity } = await start(FOREVER);
    const guard = () => Promise.reject(new Error('fenced'));
    await expect(stop(identity, { clock: systemClock, graceMs: 0, guard })).rejects.toThrow('fenced');
    expect(await lifeOf(identity)).toBe('alive');
  });
});

/** Gone, or waiting for a parent that will not fetch it. */
async function ended(pid: number): Promise<boolean> {
  for (let turn = 0; turn < 200; turn += 1) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) [ZX]/.test(stat)) return true;
    await systemClock.sleep(10);
  }
  return false;
}

test('an identity that is not whole is none', async () => {
  const file = join(folder, 'x.pid');
  expect(await readIdentity(file)).toBeUndefined();
  for (const text of ['', '12', '12\nboot\n', '12\nboot\n12 (sh) S 1\n.\n', 'x\n-\nS Mon Mar  2\n.\n']) {
    await writeFile(file, text);
    expect(await readIdentity(file)).toBeUndefined();
  }
  await writeFile(file, '12\n-\nS+   Mon Mar  2 12:00:00 2026\n.\n');
  expect(await readIdentity(file)).toMatchObject({ pid: 12, start: 'Mon Mar 2 12:00:00 2026' });
});

test('a program may have brackets in its name', async () => {
  const file = join(folder, 'x.pid');
  const stat = `12 (a) R 1 (b)) S ${Array.from({ length: 18 }, (_, nth) => nth).join(' ')} 4711 99`;
  await writeFile(file, `12\nboot\n${stat}\n.\n`);
  expect((await readIdentity(file))?.start).toBe('boot:4711');
});

test('this process lives', async () => {
  expect(await lifeOf(await ownIdentity())).toBe('alive');
});
