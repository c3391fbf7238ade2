import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GateMachine, type GateSubject, mustPass, runGates } from '../../../shared/build/index.ts';
import { systemClock } from '../../../shared/io/clock.ts';
import { type Digest, type GateSettings, redactor } from '../../../shared/model/index.ts';
import { failure } from './world.ts';

const DIGEST: Digest = `sha256:${'a'.repeat(64)}`;
const SECRET = 'a-secret-of-the-step';

let folder: string;
let lines: string[];
let layouts: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-gates-'));
  lines = [];
  layouts = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const machine = (more: Partial<GateMachine> = {}): GateMachine => ({
  env: {
    PATH: process.env['PATH'],
    INPUT_SERVICE: 'x',
    STATE_X: 'x',
    ACTIONS_RUNTIME_TOKEN: 't',
    GITHUB_ENV: 'f',
    SIGNING_KEY: 'k',
    SEEN: 'yes',
  },
  withheld: ['SIGNING_KEY'],
  cwd: folder,
  log: {
    info: (line) => lines.push(line),
    debug: () => undefined,
    notice: () => undefined,
    warning: () => undefined,
    error: () => undefined,
    group: () => undefined,
    fold: (title) => {
      lines.push(`[${title}`);
      return () => lines.push(']');
    },
  },
  redact: redactor([SECRET]),
  clock: systemClock,
  signal: new AbortController().signal,
  ...more,
});

const subject = (more: Partial<GateSubject> = {}): GateSubject => ({
  service: 'api',
  digest: DIGEST,
  image: { repository: 'ghcr.io/acme/shop/api', digest: DIGEST },
  layout: () => {
    layouts += 1;
    return Promise.resolve('/the/layout');
  },
  ...more,
});

const gate = (run: readonly string[], more: Partial<GateSettings> = {}): GateSettings => ({
  name: 'scan',
  run,
  timeoutMs: 60_000,
  ...more,
});
const node = (script: string, ...args: readonly string[]) => [process.execPath, '-e', script, '--', ...args];
const only = async (it: GateSettings, about = subject(), on = machine()) => (await runGates([it], about, on))[0];

describe('a gate', () => {
  test('gets what it asks for, in any argument, and no shell is between', async () => {
    const print = node(
      'console.log(JSON.stringify(process.argv.slice(1)))',
      'in={layout}',
      '{image}',
      '{digest}',
      '{service}',
    );
    const found = await only(gate([...print, '$HOME *', '{other}']));
    expect(found).toMatchObject({ verdict: 'passed', sentence: 'The gate scan passed.' });
    expect(JSON.parse(found?.output[0] ?? '')).toEqual([
      'in=/the/layout',
      `ghcr.io/acme/shop/api@${DIGEST}`,
      DIGEST,
      'api',
      '$HOME *',
      '{other}',
    ]);
    expect(lines).toEqual(['[Gate scan', found?.output[0], ']']);
  });

  test('the layout is made only for who asks for it', async () => {
    await only(gate(node('', '{image}')));
    expect(layouts).toBe(0);
    await only(gate(node('', '{layout}')));
    expect(layouts).toBe(1);
  });

  test('starts in the folder of the service, with the environment but for inputs and what is withheld', async () => {
    await writeFile(join(folder, 'scan.sh'), '#!/bin/sh\nenv > seen.txt\n');
    await chmod(join(folder, 'scan.sh'), 0o755);
    expect(await only(gate(['./scan.sh']))).toMatchObject({ verdict: 'passed' });
    const seen = await readFile(join(folder, 'seen.txt'), 'utf8');
    expect(seen).toContain('SEEN=yes');
    expect(seen).not.toMatch(/INPUT_SERVICE|STATE_X|ACTIONS_RUNTIME_TOKEN|GITHUB_ENV|SIGNING_KEY/);
  });

  test('asks for an image that was pushed nowhere: it is left out, and says so', async () => {
    const found = await only(gate(node('process.exit(1)', '{image}')), subject({ image: undefined }));
    expect(found).toMatchObject({ verdict: 'left-out', sentence: expect.stringContaining('{image}') });
    expect(() => mustPass(subject(), found === undefined ? [] : [found])).not.toThrow();
  });

  test('what is kept of its output is its end, bounded and without secrets; the log has all', async () => {
    const script = `for (let i = 0; i < 500; i += 1) console.log(i + ' ' + 'x'.repeat(1000)); console.log(${JSON.stringify(SECRET)})`;
    const found = await only(gate(node(script)));
    expect(found?.output).toHaveLength(40);
    for (const line of found?.output ?? []) expect(line.length).toBeLessThanOrEqual(300);
    expect(found?.output.join('\n')).not.toContain(SECRET);
    expect(found?.output).toContain('***');
    expect(lines.length).toBe(503);
  });
});

describe('a gate that does not pass', () => {
  test.each<[string, readonly string[], Partial<GateSettings>, RegExp]>([
    ['another exit code', node('process.exit(3)'), {}, /did not pass: it ended with 3/],
    ['no such program', ['no-such-scanner'], {}, /there is no program `no-such-scanner` on this runner/],
    ['a signal', node('process.kill(process.pid, "SIGKILL")'), {}, /was ended by SIGKILL/],
    ['too slow', node('setTimeout(() => {}, 60000)'), { timeoutMs: 300 }, /did not end within/],
    [
      'too slow, and deaf',
      node('process.on("SIGTERM", () => {}); setTimeout(() => {}, 60000)'),
      { timeoutMs: 600 },
      /did not end within/,
    ],
  ])('%s', async (_name, run, more, why) => {
    const found = await only(gate(run, more));
    expect(found).toMatchObject({ verdict: 'failed', sentence: expect.stringMatching(why) });
  });

  test('a file that may not be executed', async () => {
    await writeFile(join(folder, 'scan.sh'), '#!/bin/sh\n');
    expect(await only(gate(['./scan.sh']))).toMatchObject({ sentence: expect.stringContaining('may not be executed') });
  });

  test('does not keep the next from being asked; the error names each', async () => {
    const gates = [
      gate(node('process.exit(1)')),
      gate(node(''), { name: 'fine' }),
      gate(node('process.exit(2)'), { name: 'policy' }),
    ];
    const results = await runGates(gates, subject(), machine());
    expect(results.map(({ verdict }) => verdict)).toEqual(['failed', 'passed', 'failed']);
    const error = await failure(Promise.resolve().then(() => mustPass(subject(), results)));
    expect(error.code).toBe('gate-failed');
    expect(error.message).toMatch(/scan did not pass.*policy did not pass.*gets no tag/);
  });

  test('a cancelled run is no failed gate', async () => {
    const controller = new AbortController();
    const running = only(gate(node('setTimeout(() => {}, 60000)')), subject(), machine({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 200);
    expect((await failure(running)).code).toBe('cancelled');
  });
});
