import { createHash } from 'node:crypto';
import type { Board } from '../model/index.ts';

/** What the page is made of beside its data. */
export interface PageAssets {
  /** One classic script; it finds the data in the element `facts` and draws into the element `board`. */
  readonly script: string;
  readonly style: string;
}

/**
 * The page: one file that opens from disk, asks nothing of anybody, and runs no script but its own. The policy in its
 * head allows exactly the two inline blocks, by hash (CSP level 3, §6.7.2.5), and forbids every way in which a text
 * could become markup (Trusted Types without any policy).
 */
export function renderPage(board: Board, assets: PageAssets): string {
  const style = inline('style', assets.style);
  const script = inline('script', assets.script);
  const title = `Deploys of ${board.repository}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript><p class="sheet">This page is drawn by its own script, which is switched off here. The same facts lie beside it in state.json and events.jsonl.</p></noscript>
<div id="board" class="sheet"></div>
<script type="application/json" id="facts">${embedJson(board)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * JSON that can stand inside a script element: without `<` no text can end the element or open a comment
 * (HTML, §4.12.1.3), and U+2028 and U+2029 are written as escapes for readers that take them for ends of lines.
 */
export function embedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, escapeUnit);
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** The text as the browser will see it: its parser makes every end of line LF, so the hash must be of that. */
function inline(element: 'script' | 'style', text: string): string {
  if (new RegExp(`</${element}|<!--`, 'i').test(text)) {
    throw new Error(`The ${element} of the board's page holds a text that would end its element early.`);
  }
  return text.replace(/\r\n?/g, '\n');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
