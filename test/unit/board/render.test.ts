import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { embedJson } from '../../../shared/board/html.ts';
import { drawBoard, renderBoard } from '../../../shared/board/index.ts';
import type { Board } from '../../../shared/model/index.ts';
import { at, graph, history, release, type Step, state } from '../insight/history.ts';

const assets = { script: 'document.title += "!";\r\n', style: 'p { color: red }\r\n' };

const board = (steps: readonly Step[] = [], repository = 'acme/shop'): Board =>
  drawBoard({
    asOf: at(600),
    repository,
    environments: [{ name: 'production', class: 'production' }],
    states: [state('cart', 'production', release('A'))],
    events: history(...steps),
    graph: graph({ cart: [] }),
    verification: { ok: true, findings: [] },
    days: 30,
  });

const page = (it: Board): string => renderBoard(it, assets).get('index.html') ?? '';
const blocks = (html: string, element: string): readonly string[] =>
  [...html.matchAll(new RegExp(`<${element}(?: [^>]*)?>([\\s\\S]*?)</${element}>`, 'g'))].map(
    (match) => match[1] ?? '',
  );
const policyOf = (html: string): string =>
  /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

describe('the page', () => {
  test('runs exactly its own script and style: the policy has their hashes, as the browser sees them', () => {
    const html = page(board());
    const [data, script = ''] = blocks(html, 'script');
    const [style = ''] = blocks(html, 'style');
    expect(JSON.parse(data ?? '')).toEqual(board());
    expect(script).toBe('document.title += "!";\n');
    expect(policyOf(html).split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${sha256(script)}`,
      `style-src ${sha256(style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  test('the policy stands before everything that it is about, and nothing outside is asked for', () => {
    const html = page(board());
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<link'));
    expect(html).not.toMatch(/\b(?:src|href)="(?!data:,")/);
    expect(html).not.toMatch(/https?:/);
    expect(html).not.toMatch(/\sstyle=|\son\w+=/);
  });

  test.each([
    ['the end of the script', '</script><script>alert(1)</script>'],
    ['the same in capitals', '</SCRIPT >'],
    ['the start of a comment', '<!--<script>'],
    ['the end of a comment', '-->'],
    ['ends of lines that are none in JSON', 'a\u2028b\u2029c'],
    ['half a character', 'a\uD800b'],
    ['quotes and entities', `"'&lt;\\u003c\\`],
    ['a key of prototypes', '__proto__'],
  ])('%s in a title, a version, a login, a log changes nothing but the text', (_name, text) => {
    const evidence = { summary: text, checks: [], log: [text] };
    const hostile = board([{ service: 'cart', title: text, image: text, by: text, message: text, evidence }]);
    const html = page(hostile);
    expect(blocks(html, 'script')).toHaveLength(2);
    const [data = ''] = blocks(html, 'script');
    expect(data).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(data)).toEqual(hostile);
    expect(policyOf(html)).toBe(policyOf(page(board())));
  });

  test('the name of the repository is text in the title', () => {
    expect(page(board([], '</title><script>&"'))).toContain(
      '<title>Deploys of &lt;/title&gt;&lt;script&gt;&amp;&quot;</title>',
    );
  });

  test.each([
    ['script', { ...assets, script: 'x = "</script>"' }],
    ['script', { ...assets, script: 'x = "<!--"' }],
    ['style', { ...assets, style: '/* </STYLE> */' }],
  ])('a %s that would end its own element is refused', (element, broken) => {
    expect(() => renderBoard(board(), broken)).toThrow(`The ${element} of the board's page`);
  });

  test('whatever the text: it comes back as it was, and has no way out of its element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = embedJson(value);
        expect(text).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the files beside it', () => {
  const files = renderBoard(
    board([
      { service: 'cart', image: 'A' },
      { service: 'cart', image: 'B' },
    ]),
    assets,
  );

  test('are the board in two parts', () => {
    expect([...files.keys()]).toEqual(['index.html', 'state.json', 'events.jsonl']);
    const { history: rows, ...rest } = board([
      { service: 'cart', image: 'A' },
      { service: 'cart', image: 'B' },
    ]);
    expect(JSON.parse(files.get('state.json') ?? '')).toEqual(rest);
    const lines = (files.get('events.jsonl') ?? '').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(rows);
  });

  test('an empty history is an empty file', () => {
    expect(renderBoard(board(), assets).get('events.jsonl')).toBe('');
  });
});
