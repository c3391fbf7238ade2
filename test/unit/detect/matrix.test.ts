import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { harmless } from '../../../shared/detect/explain.ts';
import { explain, reasonsFile, rowsOf } from '../../../shared/detect/index.ts';
import { fitRows } from '../../../shared/flow/detect-outputs.ts';
import { buildGraph } from '../../../shared/graph/index.ts';
import type { Base, ImportedInput, Selection, SelectionReason, Service, Verdict } from '../../../shared/model/index.ts';
import { config, id, service } from './world.ts';

const verdict = (name: string, reasons: readonly SelectionReason[] = [{ kind: 'asked' }]): Verdict => ({
  service: name,
  selected: reasons.length > 0,
  reasons,
  bases: [],
});
const selection = (...verdicts: Verdict[]): Selection => ({
  head: id('head'),
  verdicts,
  removed: ['gone'],
  warnings: [],
});

describe('the matrix', () => {
  const matrix = (services: readonly Service[], ...verdicts: Verdict[]) =>
    fitRows(rowsOf(selection(...verdicts), config(services)));

  test('a row for each selected service', () => {
    const services = [
      service('a', [], { team: 'payments', runner: ['self-hosted', 'gpu'] }),
      service('b'),
      service('c'),
    ];
    const { matrix: rows, chunks } = matrix(services, verdict('a'), verdict('b', []), verdict('c'));
    expect(rows.include).toEqual([
      {
        service: 'a',
        path: 'services/a',
        repository: 'ghcr.io/acme/shop/a',
        team: 'payments',
        runner: ['self-hosted', 'gpu'],
      },
      { service: 'c', path: 'services/c', repository: 'ghcr.io/acme/shop/c', team: '', runner: 'ubuntu-latest' },
    ]);
    expect(chunks).toEqual([rows]);
  });

  test('the root is a path that can be gone to', () => {
    expect(matrix([service('a', [], { path: '' })], verdict('a')).matrix.include[0]?.path).toBe('.');
  });

  test('free keys are carried and never override ours', () => {
    const free = JSON.parse('{"service":"evil","runner":"evil","arch":["x"],"__proto__":{"path":"evil"}}');
    const [row] = matrix([service('a', [], { matrix: free })], verdict('a')).matrix.include;
    expect(row).toMatchObject({ service: 'a', path: 'services/a', runner: 'ubuntu-latest', arch: ['x'] });
    expect(JSON.parse(JSON.stringify(row)).service).toBe('a');
  });

  test('nothing selected is a matrix without rows', () => {
    expect(matrix([service('a')], verdict('a', []))).toEqual({ services: [], matrix: { include: [] }, chunks: [] });
  });

  test.each([
    [256, [256]],
    [257, [256, 1]],
    [600, [256, 256, 88]],
  ])('%i services are %j', (count, sizes) => {
    const services = Array.from({ length: count }, (_, index) => service(`s${index}`));
    const { matrix: first, chunks } = matrix(services, ...services.map(({ name }) => verdict(name)));
    expect(chunks.map((it) => it.include.length)).toEqual(sizes);
    expect(first).toBe(chunks[0]);
    expect(new Set(chunks.flatMap((it) => it.include.map((row) => row.service))).size).toBe(count);
  });
});

describe('the explanation', () => {
  const since = id('base');

  test('says why, which files, which base and which rung', () => {
    const files: SelectionReason = {
      kind: 'files',
      paths: ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6'],
      count: 90,
      since,
    };
    const way: SelectionReason = {
      kind: 'dependency',
      path: ['a', 'b', 'c'],
      imported: [],
      paths: ['c/1'],
      count: 1,
      since,
    };
    const bases = [{ commit: since, rung: 'deployed', environment: 'production', note: undefined }] as const;
    expect(explain({ ...verdict('a', [files, way]), bases })).toEqual([
      'a is selected.',
      '  Its own files changed since 626173650000: a/1, a/2, a/3, a/4, a/5 and 85 more.',
      '  It depends on b, by way of c, whose files changed since 626173650000: c/1.',
      '  Compared with 626173650000: what is deployed in production.',
    ]);
    expect(explain(verdict('a', []))).toEqual(['a is not selected.']);
  });

  test('says what was compared, where it is asked for', () => {
    const services = [
      service('a', [], { dependencies: { services: ['b'], paths: { from: '', patterns: ['libs/**', '!libs/x'] } } }),
      service('b', [], { dependencies: { services: ['c'], paths: { from: '', patterns: [] } } }),
      service('c'),
    ];
    const house = config(services, { sharedPaths: { from: '', patterns: ['ci'] } });
    const input: ImportedInput = {
      rules: { from: 'packages/log', patterns: ['**'] },
      way: ['log'],
      manifest: 'services/a/package.json',
    };
    const locks = new Map([['package-lock.json', []]]);
    const graph = buildGraph(house, new Map([['a', { dependencies: new Map(), inputs: [input], locks }]]));
    const madeOf = { service: house.services[0] ?? service('a'), config: house, graph };
    const made = [
      '  Its configuration: what slipway.yml and its own service file say about it.',
      '  Its own files: ** in services/a.',
      '  The services that it depends on: b, c (by way of b).',
      '  Its `dependencies.paths`: libs/**, !libs/x in the root.',
      '  The `shared-paths`: ci in the root.',
      '  What its manifests name: packages/log (by services/a/package.json).',
      '  What is resolved for it by package-lock.json.',
    ];
    const base = (commit: string | undefined): Base => ({
      commit,
      rung: 'deployed',
      environment: 'dev',
      note: undefined,
    });
    const lines = (bases: readonly Base[]) => explain({ ...verdict('a', []), bases }, madeOf);
    const compared = '  Compared with 626173650000: what is deployed in dev.';
    expect(lines([base(since)])).toEqual([
      'a is not selected.',
      compared,
      ...made,
      '  Nothing of what it is made of differs.',
    ]);
    expect(lines([base(undefined)]).at(-1)).toBe('  So nothing was compared.');
    expect(lines([]).at(-1)).toMatch(/^ {2}Nothing was compared: it was not asked for/);
    expect(explain(verdict('a'), madeOf)).toEqual(['a is selected.', '  It was asked for by name.', ...made]);
  });

  test('every reason and every rung has its words', () => {
    const reasons: readonly SelectionReason[] = [
      { kind: 'asked' },
      { kind: 'dependency-paths', paths: ['x'], count: 1, since },
      { kind: 'shared-paths', paths: ['x'], count: 1, since },
      { kind: 'config', since },
      { kind: 'new', since },
      { kind: 'no-record', environment: 'dev' },
      { kind: 'in-doubt', environment: 'dev' },
      { kind: 'unbelievable', environment: 'dev', why: 'it is forged' },
      { kind: 'base-unknown', why: 'the first push' },
    ];
    const base = { commit: undefined, rung: 'unknown', environment: undefined, note: 'the first push' } as const;
    const lines = explain({ ...verdict('a', reasons), bases: [base] });
    expect(new Set(lines).size).toBe(reasons.length + 2);
    expect(lines.at(-1)).toBe('  Not compared: no base is known; the first push.');
  });

  test('is bounded, however much there is to say', () => {
    const paths = Array.from({ length: 10 }, () => 'x'.repeat(4_000));
    const many = Array.from({ length: 500 }, (): SelectionReason => ({ kind: 'files', paths, count: 10, since }));
    const lines = explain(verdict('a', many));
    expect(lines.length).toBeLessThanOrEqual(41);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(400);
  });

  test('names of files cannot speak to the runner or the terminal', () => {
    const name = '\n::set-output name=x::y\r\n##[command]\u001b[31m\u2028:::\u202e\udcff';
    const lines = explain(verdict('a', [{ kind: 'files', paths: [name], count: 1, since }]));
    expect(lines).toHaveLength(2);
    expect(lines[1]).not.toMatch(/::|##\[/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const line = harmless(text);
        expect(line).not.toMatch(/::|##\[|[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

test('the file of reasons is JSON that holds everything', () => {
  const files: SelectionReason = { kind: 'files', paths: ['a\n\udcff'], count: 1, since: id('base') };
  const bases = [{ commit: undefined, rung: 'unknown', environment: undefined, note: 'first push' }] as const;
  const json = reasonsFile(selection({ ...verdict('__proto__', [files]), bases }, verdict('b', [])));
  expect(JSON.parse(json)).toEqual({
    schema: 1,
    head: id('head'),
    services: [
      {
        service: '__proto__',
        selected: true,
        why: ['Its own files changed since 626173650000: a\\u000a\\udcff.'],
        reasons: [{ kind: 'files', paths: ['a\n\udcff'], count: 1, since: id('base') }],
        bases: [{ commit: null, rung: 'unknown', environment: null, note: 'first push' }],
      },
      { service: 'b', selected: false, why: [], reasons: [], bases: [] },
    ],
    removed: ['gone'],
  });
});
