/**
 * What the ledger can tell: what runs where, how environments drift apart, which deploy may have broken production,
 * and the five delivery metrics of DORA. Facts in, facts out; nothing here knows where events come from or how they are
 * shown, so that a browser computes the same answers as an action.
 */
export { dora } from './dora/dora.ts';
export { drift } from './drift.ts';
export { pairEvents } from './pairs.ts';
export { currentNames, followRenames } from './renames.ts';
export { deployRows } from './rows.ts';
export { type Running, whatRuns } from './running.ts';
export type { Factor } from './suspects/factors.ts';
export { type Dependencies, type Question, WINDOW_MS } from './suspects/question.ts';
export { rankSuspects, type Suspect, type Suspects, suspects } from './suspects/suspects.ts';
export { byName, listed, span } from './words.ts';
