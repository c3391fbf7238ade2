import { type Board, isRecord } from '../../model/index.ts';

/** Reads the facts that `renderBoard` wrote into the page: the one place where untyped data comes in. */
export function readBoard(text: string): Board {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value['v'] !== 1) throw new Error('These are no facts of a deploy board, version 1.');
  return value as unknown as Board;
}
