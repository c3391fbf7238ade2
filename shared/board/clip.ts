import type { BoardEvent } from '../model/index.ts';

/** Characters of a title, a version, a login. */
export const TITLE_LENGTH = 200;
/** Characters of a message or of the summary of evidence. */
export const MESSAGE_LENGTH = 1_000;
/** Lines of a log, the last ones, and their characters. */
export const LOG_LINES = 20;
export const LOG_LINE_LENGTH = 400;

/** Bounds the texts of a row: one talkative service must not make the page heavy for all. */
export function clip(row: BoardEvent): BoardEvent {
  return {
    ...row,
    version: cut(row.version, TITLE_LENGTH),
    title: row.title === null ? null : cut(row.title, TITLE_LENGTH),
    by: cut(row.by, TITLE_LENGTH),
    message: row.message === null ? null : cut(row.message, MESSAGE_LENGTH),
    evidence: row.evidence && {
      summary: cut(row.evidence.summary, MESSAGE_LENGTH),
      log: row.evidence.log.slice(-LOG_LINES).map((line) => cut(line, LOG_LINE_LENGTH)),
    },
  };
}

/** Cuts between characters, never inside one. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
