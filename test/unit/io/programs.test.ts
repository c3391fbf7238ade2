import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { askProgram, LONGEST_LINE, runProgram } from '../../../shared/io/programs.ts';

const never = new AbortController().signal;
const env = { PATH: process.env['PATH'] };
const script = (text: string): [string, ...string[]] => [process.execPath, '-e', text];

/** A dead process may be there as a zombie until its parent has fetched it, which in a container may be never. */
function stateOf(pid: number): string {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim().slice(0, 1) || 'gone';
}

describe('a program', () => {
  test('its lines come one by one, whatever the chunks; colours and what was written over are gone', async () => {
    const text = `
      process.stdout.write('on');
      setTimeout(() => process.stdout.write('e\\ntwo\\r\\n10%\\r20%\\r\\u001b[31mred\\u001b[0m\\nlast'), 5);
      process.stderr.write('err\\n');`;
    const { end, stdout, stderr } = await askProgram({ command: script(text), env, signal: never });
    expect({ end, stdout, stderr }).toEqual({
      end: { kind: 'exited', code: 0 },
      stdout: ['one', 'two', 'red', 'last'],
      stderr: ['err'],
    });
  });

  test('a letter of several bytes in two chunks stays one', async () => {
    const text = `const b = Buffer.from('é'); process.stdout.write(b.subarray(0, 1)); setTimeout(() => process.stdout.write(b.subarray(1)), 20);`;
    expect((await askProgram({ command: script(text), env, signal: never })).stdout).toEqual(['é']);
  });

  test('how it ended is an answer', async () => {
    const ask = (command: [string, ...string[]]) => askProgram({ command, env, signal: never }).then((it) => it.end);
    expect(await ask(script('process.exit(3)'))).toEqual({ kind: 'exited', code: 3 });
    expect(await ask(script('process.kill(process.pid, "SIGKILL")'))).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    expect(await ask(['no-such-program-here'])).toEqual({ kind: 'missing' });
  });

  test('a line is bounded', async () => {
    const text = `process.stdout.write('x'.repeat(${LONGEST_LINE} * 3) + '\\nshort\\n')`;
    const { stdout } = await askProgram({ command: script(text), env, signal: never });
    expect(stdout.map((it) => it.length)).toEqual([LONGEST_LINE, 5]);
  });

  test('only the given environment is there', async () => {
    const { stdout } = await askProgram({
      command: script('console.log(Object.keys(process.env).filter((it) => it !== "PATH").join())'),
      env: { ...env, A: 'x', B: undefined },
      signal: never,
    });
    expect(stdout).toEqual(['A']);
  });

  test('when it is cancelled, what it started ends with it, and what does not listen is killed', async () => {
    const controller = new AbortController();
    const child = `process.on('SIGTERM', () => {}); console.log('child', process.pid); setInterval(() => {}, 1000)`;
    const text = `
      process.on('SIGTERM', () => {});
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
      setInterval(() => {}, 1000);`;
    let pid = 0;
    const end = await runProgram({
      command: script(text),
      env,
      signal: controller.signal,
      onLine: (line) => {
        pid = Number(line.split(' ')[1]);
        controller.abort();
      },
    });
    expect(end).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    expect(pid).toBeGreaterThan(0);
    expect(stateOf(pid)).toMatch(/^(?:gone|Z)$/);
  });

  test('one that is cancelled before is not started', async () => {
    const end = await runProgram({ command: ['no-such-program'], env, signal: AbortSignal.abort(), onLine: () => {} });
    expect(end.kind).toBe('killed');
  });
});
