import { type BoardEvent, clip } from '../model/index.ts';

/** Characters of a title, a version, a login. */
export const TITLE_LENGTH = 200;
/** Characters of a message or of the summary of evidence. */
const MESSAGE_LENGTH = 1_000;
/** Lines of a log, the last ones, and their characters. */
export const LOG_LINES = 20;
export const LOG_LINE_LENGTH = 400;

/** Bounds the texts of a row: one talkative service must not make the page heavy for all. */
export function clipRow(row: BoardEvent): BoardEvent {
  return {
    ...row,
    version: clip(row.version, TITLE_LENGTH),
    title: row.title === null ? null : clip(row.title, TITLE_LENGTH),
    by: clip(row.by, TITLE_LENGTH),
    message: row.message === null ? null : clip(row.message, MESSAGE_LENGTH),
    evidence: row.evidence && {
      summary: clip(row.evidence.summary, MESSAGE_LENGTH),
      log: row.evidence.log.slice(-LOG_LINES).map((line) => clip(line, LOG_LINE_LENGTH)),
    },
  };
}
