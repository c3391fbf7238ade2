/**
 * The board: one static page that shows what runs where, what happened, what may have broken production, and how
 * delivery does. `drawBoard` makes the value from the facts of the ledger, `renderBoard` makes the files from the value.
 * The page's own script lives in `page/`; it is bundled by the build and handed in as a text.
 */
export { type BoardFacts, drawBoard } from './draw.ts';
export { renderBoard } from './render.ts';
