import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ACTIONS } from '../../shared/flow/interface/index.ts';
import { isRecord, OUTCOMES, REASONS } from '../../shared/model/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The names that users rely on. They are promises: a line here changes only with a new major version. */
const PROMISED: Readonly<Record<string, { readonly inputs: string; readonly outputs: string }>> = {
  'detect-changed-services': {
    inputs: 'services environments base head select on-unknown-base runner max-stages',
    outputs: 'any count services matrix matrix-chunks stages removed base head reasons-file report',
  },
  'build-and-tag-image': {
    inputs: 'service push force reuse platforms tags registry builder cache',
    outputs: 'image digest tags reused content-key version layout report',
  },
  'deploy-to-env': {
    inputs:
      'service environment image promote-from commit version mode to reason override timeout lock-wait on-cancel ledger job-status',
    outputs: 'status reason image previous-image changed url event duration-ms report',
  },
  'record-deploy-event': {
    inputs:
      'event service environment image version commit status kind started-at finished-at phase sinks remediates incident job-status',
    outputs: 'event-id deployment-id ledger-ref sinks report',
  },
  'summarize-run': {
    inputs: 'services selected environments results',
    outputs: 'services images statuses ready ready-count report',
  },
  'publish-deploy-board': { inputs: 'output push days', outputs: 'site events verified report' },
};
const EVERYWHERE = ['config', 'working-directory', 'github-token'];

describe.each(ACTIONS.map((action) => [action.name, action] as const))('%s', (name, action) => {
  const file: unknown = parse(read(`actions/${name}/action.yml`));
  const part = (key: string) => (isRecord(file) && isRecord(file[key]) ? file[key] : {});

  test('keeps its promised names', () => {
    const promised = PROMISED[name];
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining([...words(promised?.inputs), ...EVERYWHERE]));
    expect(Object.keys(action.outputs).sort()).toEqual(words(promised?.outputs).sort());
  });

  test('action.yml, README and code say the same', () => {
    expect(Object.keys(part('inputs'))).toEqual(Object.keys(action.inputs));
    expect(Object.keys(part('outputs'))).toEqual(Object.keys(action.outputs));
    const readme = read(`actions/${name}/README.md`);
    for (const it of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(readme).toContain(`| \`${it}\` |`);
    for (const it of action.permissions) expect(readme).toContain(`\`${it.scope}: ${it.access}\``);
  });

  test('runs as the runner of today wants it', () => {
    expect(part('runs')).toEqual({
      using: 'node24',
      main: `../../dist/${name}.js`,
      // Not the same file: `post:` must never take itself for `main`, whatever was saved.
      ...(action.post ? { post: `../../dist/${name}.post.js`, 'post-if': 'always()' } : {}),
    });
    const programs = readdirSync(join(root, 'actions', name)).filter((it) => it.endsWith('.ts'));
    expect(programs.sort()).toEqual(action.post ? ['main.ts', 'post.ts'] : ['main.ts']);
  });

  test('reads every input that it declares', () => {
    const sources = sourcesOf(['shared/flow', 'shared/io/runner']);
    const unread = Object.keys(action.inputs).filter((input) => !isRead(input, sources));
    expect(unread).toEqual([]);
  });
});

describe('the root action', () => {
  const file: unknown = parse(read('action.yml'));
  const runs = isRecord(file) && isRecord(file['runs']) ? file['runs'] : {};
  const steps = Array.isArray(runs['steps']) ? runs['steps'].filter(isRecord) : [];

  test('hands only inputs on that the actions have', () => {
    expect(steps.map((it) => it['uses'])).toEqual([
      '$/actions/detect-changed-services',
      '$/actions/build-and-tag-image',
      '$/actions/deploy-to-env',
    ]);
    for (const step of steps) {
      const action = ACTIONS.find((it) => step['uses'] === `$/actions/${it.name}`);
      expect(Object.keys(action?.inputs ?? {})).toEqual(
        expect.arrayContaining(Object.keys(isRecord(step['with']) ? step['with'] : {})),
      );
    }
  });

  test('has the promised outputs', () => {
    const outputs = isRecord(file) && isRecord(file['outputs']) ? file['outputs'] : {};
    expect(Object.keys(outputs)).toEqual(['image', 'status', 'event', 'report']);
  });
});

describe('words that leave the house', () => {
  test('outcomes are those of the contract', () => {
    expect([...OUTCOMES].sort()).toEqual(
      words(
        'deployed unchanged superseded held rolled-back planned removed rolled-back-after-failure rollback-failed gate-failed locked fenced failed cancelled unknown',
      ).sort(),
    );
  });

  test('reason codes are kebab-case, and each has its section in the documentation', () => {
    const page = read('docs/reason-codes.md');
    for (const code of Object.keys(REASONS)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(page).toContain(`## \`${code}\``);
    }
  });
});

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ');
}

/** An input is read where its typed value is used, or where the runner's own variable is. */
function isRead(input: string, sources: string): boolean {
  const camel = /^[a-z]+$/.test(input) ? [`inputs.${input}`, `.${input}`] : [];
  return [...camel, `['${input}']`, `INPUT_${input.toUpperCase()}`].some((use) => sources.includes(use));
}

function sourcesOf(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('table.ts'))
    .map(read)
    .join('\n');
}
