import { debug, endGroup, error, info, notice, startGroup, warning } from '@actions/core';
import { formatProblem, type Log, type Problem, type Redact } from '../../model/index.ts';
import { safeLines } from './text.ts';

/** The runner shows ten annotations of each level a step; the rest stand in the log and the summary. */
const MOST_ANNOTATIONS = 10;

type Annotate = typeof error;

/** The log of a step on a runner: redacted, free of commands, annotations bounded. */
export function runnerLog(redact: Redact): Log {
  const line = (text: string) =>
    safeLines(redact(text)).forEach((it) => {
      info(it);
    });
  const annotate = (level: string, write: Annotate) => {
    let written = 0;
    return (it: Problem) => {
      const message = safeLines(redact(formatProblem(it))).join(' ');
      written += 1;
      if (written > MOST_ANNOTATIONS) info(`${level}: ${message}`);
      else write(message, annotationOf(it));
    };
  };
  const fold = (title: string) => {
    startGroup(safeLines(redact(title)).join(' '));
    return endGroup;
  };
  return {
    info: line,
    debug: (text) =>
      safeLines(redact(text)).forEach((it) => {
        debug(it);
      }),
    notice: annotate('notice', notice),
    warning: annotate('warning', warning),
    error: annotate('error', error),
    group(title, lines) {
      const end = fold(title);
      for (const it of lines) line(it);
      end();
    },
    fold,
  };
}

function annotationOf(it: Problem): Parameters<Annotate>[1] {
  if (it.at === undefined) return { title: it.code };
  return {
    title: it.code,
    file: it.at.file,
    ...(it.at.line === undefined ? {} : { startLine: it.at.line }),
    ...(it.at.column === undefined ? {} : { startColumn: it.at.column }),
  };
}
