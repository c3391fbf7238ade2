import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Job } from '../../../shared/demo/runner/index.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-runner-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;

/** An action of scripts that are written inline. */
function action(scripts: { pre?: string; main: string; post?: string }, yaml = ''): string {
  count += 1;
  const folder = join(root, `action-${count}`);
  mkdirSync(folder);
  const lines = Object.entries(scripts).map(([kind, text]) => {
    writeFileSync(join(folder, `${kind}.mjs`), `${HELPERS}\n${text}`);
    return `  ${kind}: ${kind}.mjs`;
  });
  writeFileSync(
    join(folder, 'action.yml'),
    ['inputs:', '  name: { default: nobody }', 'runs:', '  using: node24', ...lines, yaml].join('\n'),
  );
  return folder;
}

const HELPERS = `
import { appendFileSync } from 'node:fs';
const put = (file, text) => appendFileSync(process.env[file], text + '\\n');
`;

function jobOf(more: { env?: Record<string, string>; graces?: { sigintMs: number; sigtermMs: number } } = {}): Job {
  count += 1;
  return new Job({
    node: process.execPath,
    library: root,
    workspace: root,
    temp: join(root, `temp-${count}`),
    token: 'token-of-the-job',
    event: { name: 'push', payload: {} },
    env: { PATH: '/usr/bin', ...more.env },
    ...(more.graces === undefined ? {} : { graces: more.graces }),
  });
}

describe('one step', () => {
  test('gets the inputs, an environment of its own, and the state of what ran before it', async () => {
    const uses = action({
      pre: `put('GITHUB_STATE', 'from=pre');`,
      main: `
        console.log(process.env.INPUT_NAME, process.env.STATE_from, process.env.HOME ?? 'homeless', process.env.GITHUB_ACTIONS);
        put('GITHUB_STATE', 'too<<END\\nmain\\nEND');
        put('GITHUB_OUTPUT', 'answer=42');
      `,
      post: `console.log(process.env.STATE_from, process.env.STATE_too, process.env['INPUT_JOB-STATUS']);`,
    });
    const job = jobOf();
    const result = await job.step({ uses, with: { name: 'ann' } });
    expect(result).toMatchObject({ conclusion: 'success', exitCode: 0, log: ['ann pre homeless true'] });
    expect(result.outputs).toEqual({ answer: '42' });
    expect((await job.end()).map((it) => it.log)).toEqual([['pre main success']]);
  });

  test('an input that the action does not have is an error', async () => {
    await expect(jobOf().step({ uses: action({ main: '' }), with: { nme: 'ann' } })).rejects.toThrow('no input nme');
  });

  test('what it masks is not in the log, and what it wrote is known all the same', async () => {
    const main = `
      console.log('::add-mask::pass%25word');
      console.log('the pass%word and the token-of-the-job');
      console.log('::error file=a.yml,line=3,title=x%3Ay::no pass%25word');
      console.log('::debug::nothing to see');
    `;
    const result = await jobOf().step({ uses: action({ main }) });
    expect(result.log).toEqual(['the *** and the ***', 'no ***']);
    expect(result.annotations).toEqual([
      { level: 'error', message: 'no ***', properties: { file: 'a.yml', line: '3', title: 'x:y' } },
    ]);
    expect(result.unmasked).toContain('the pass%word and the token-of-the-job');
    expect(result.unmasked).not.toContain('add-mask');
  });
});

describe('one job', () => {
  test('variables and folders that a step sets are there for the next', async () => {
    const job = jobOf();
    await job.step({ uses: action({ main: `put('GITHUB_ENV', 'A=1'); put('GITHUB_PATH', '/first');` }) });
    const next = await job.step({ uses: action({ main: 'console.log(process.env.A, process.env.PATH);' }) });
    expect(next.log).toEqual(['1 /first:/usr/bin']);
  });

  test('`post:` runs in reverse, after a failure too, as far as its condition allows', async () => {
    const job = jobOf();
    const post = (name: string) => `console.log('${name}', process.env['INPUT_JOB-STATUS']);`;
    await job.step({ uses: action({ main: '', post: post('first') }) });
    await job.step({ uses: action({ main: '', post: post('never') }, '  post-if: success()') });
    const failed = await job.step({ uses: action({ main: 'process.exitCode = 3;', post: post('last') }) });
    expect(failed).toMatchObject({ conclusion: 'failure', exitCode: 3 });
    expect((await job.end()).flatMap((it) => it.log)).toEqual(['last failure', 'first failure']);
  });

  // The runner of the tests finds orphans on Linux only.
  (process.platform === 'linux' ? test : test.skip)('what it leaves behind is killed', async () => {
    const main = `
      import { spawn } from 'node:child_process';
      const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
      child.unref();
      put('GITHUB_OUTPUT', 'pid=' + child.pid);
    `;
    const job = jobOf();
    const { outputs } = await job.step({ uses: action({ main }) });
    const pid = Number(outputs['pid']);
    expect(() => process.kill(pid, 0)).not.toThrow();
    await job.end();
    for (let left = 100; left > 0 && !isGone(pid); left -= 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isGone(pid)).toBe(true);
  });
});

describe('a job that ends early', () => {
  test('cancelled: SIGINT first, `post:` knows of it, and no step counts as good', async () => {
    const main = `
      process.on('SIGINT', () => { console.log('interrupted'); process.exit(0); });
      setInterval(() => {}, 1000);
      console.log('ready to wait');
    `;
    const post = `console.log(process.env['INPUT_JOB-STATUS']);`;
    const job = jobOf();
    const result = await job.step({ uses: action({ main, post }), interrupt: { at: /ready/, by: 'cancel' } });
    expect(result).toMatchObject({ conclusion: 'cancelled', exitCode: 0, log: ['ready to wait', 'interrupted'] });
    expect((await job.end()).map((it) => it.log)).toEqual([['cancelled']]);
  });

  test('cancelled: who does not listen is told again, and then killed', async () => {
    const main = `
      process.on('SIGINT', () => console.log('SIGINT'));
      process.on('SIGTERM', () => console.log('SIGTERM'));
      setInterval(() => {}, 1000);
      console.log('ready');
    `;
    const job = jobOf({ graces: { sigintMs: 100, sigtermMs: 100 } });
    const result = await job.step({ uses: action({ main }), interrupt: { at: /ready/, by: 'cancel' } });
    expect(result).toMatchObject({ conclusion: 'cancelled', killedBy: 'SIGKILL', log: ['ready', 'SIGINT', 'SIGTERM'] });
  });

  test('the machine is gone: nothing runs any more, not even `post:`', async () => {
    const job = jobOf();
    const main = `setInterval(() => {}, 1000); console.log('ready');`;
    const result = await job.step({
      uses: action({ main, post: `console.log('post');` }),
      interrupt: { at: /ready/, by: 'kill' },
    });
    expect(result).toMatchObject({ conclusion: 'failure', exitCode: null, killedBy: 'SIGKILL' });
    expect(await job.end()).toEqual([]);
  });
});

describe('a composite action', () => {
  function composite(steps: readonly string[], outputs = ''): string {
    count += 1;
    const folder = join(root, `action-${count}`);
    mkdirSync(folder);
    const lines = [
      'inputs: { who: { default: nobody } }',
      outputs,
      'runs:',
      '  using: composite',
      '  steps:',
      ...steps,
    ];
    writeFileSync(join(folder, 'action.yml'), lines.join('\n'));
    return folder;
  }
  const name = (folder: string) => `$/${folder.slice(root.length + 1)}`;

  test('hands inputs down and outputs up; after a failure only what always runs', async () => {
    const good = name(action({ main: `put('GITHUB_OUTPUT', 'answer=' + process.env.INPUT_NAME);` }));
    const bad = name(action({ main: 'process.exitCode = 1;' }));
    const uses = composite(
      [
        `    - { id: one, uses: "${good}", with: { name: "\${{ inputs.who }}" } }`,
        `    - { uses: "${bad}" }`,
        `    - { id: two, uses: "${good}" }`,
        `    - { id: three, uses: "${good}", if: always(), with: { name: last } }`,
      ],
      `outputs: { a: { value: "\${{ steps.one.outputs.answer }}" }, b: { value: "\${{ steps.two.outputs.answer || steps.three.outputs.answer }}" } }`,
    );
    const result = await jobOf().step({ uses, with: { who: 'ann' } });
    expect(result.conclusion).toBe('failure');
    expect(result.outputs).toEqual({ a: 'ann', b: 'last' });
  });

  test('what this runner does not know is an error, and not passed over', async () => {
    const uses = composite([`    - { uses: "${name(action({ main: '' }))}", if: "contains(x, y)" }`]);
    await expect(jobOf().step({ uses })).rejects.toThrow('does not know the condition');
  });
});

/** A killed process that nobody has fetched yet still has an id. */
function isGone(pid: number): boolean {
  try {
    return /\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
