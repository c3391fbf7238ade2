import type { Board } from '../model/index.ts';
import { type PageAssets, renderPage } from './html.ts';

/**
 * The board as files, name → text: `index.html` (the page, complete in itself), `state.json` (what runs where, metrics
 * and verification) and `events.jsonl` (the history of the page, one deploy a line, newest first).
 *
 * @param assets script and style of the page: `page/main.ts` bundled to one script, and `page/style.css`
 */
export function renderBoard(board: Board, assets: PageAssets): ReadonlyMap<string, string> {
  const { history, ...state } = board;
  return new Map([
    ['index.html', renderPage(board, assets)],
    ['state.json', `${JSON.stringify(state, null, 2)}\n`],
    ['events.jsonl', history.map((event) => `${JSON.stringify(event)}\n`).join('')],
  ]);
}
