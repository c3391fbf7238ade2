import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { LIBRARY } from '../support/runner.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-interrupted-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Files below a folder that may change while it is read. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/** Processes that have a path in their environment or on their command line. */
function processesOf(path: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const [command = '', environment = ''] = ['cmdline', 'environ'].map((it) =>
        readFileSync(`/proc/${pid}/${it}`, 'latin1'),
      );
      return command.includes(path) || environment.includes(path) ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    } catch {
      return [];
    }
  });
}

/** Starts the demonstration and sends it a signal as soon as there is a file of this name. */
async function interrupt(at: RegExp, signal: NodeJS.Signals, toGroup: boolean) {
  const temp = mkdtempSync(join(root, 'temp-'));
  const child = spawn(process.execPath, [join(LIBRARY, 'dist', 'demo.js')], {
    env: { PATH: process.env['PATH'], TMPDIR: temp },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => child.once('close', (code, by) => resolve(by ?? code)));
  const { pid } = child;
  if (pid === undefined) throw new Error('It did not start.');
  while (child.exitCode === null && !filesIn(temp).some((name) => at.test(name))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  process.kill(toGroup ? -pid : pid, signal);
  const code = await ended;
  return { code, said: Buffer.concat(chunks).toString('utf8'), left: readdirSync(temp), processes: processesOf(temp) };
}

test.each<readonly [string, RegExp, NodeJS.Signals, boolean]>([
  ['at once', /slipway-board-/, 'SIGINT', false],
  ['while a job has its checkout', /work\/job-1\//, 'SIGINT', true],
  ['while images are built', /registry\/.*[0-9a-f]{64}/, 'SIGTERM', false],
  ['while services are started', /processes\/.*\.log$/, 'SIGINT', false],
  ['while services are started, with all that belongs to it', /processes\/.*\.pid$/, 'SIGINT', true],
])('the demonstration, interrupted %s, leaves nothing', async (_when, at, signal, toGroup) => {
  const { said, ...ended } = await interrupt(at, signal, toGroup);
  expect(ended).toEqual({ code: 130, left: [], processes: [] });
  expect(said).not.toMatch(/broke off|ENOTEMPTY|\n {4}at /);
});
