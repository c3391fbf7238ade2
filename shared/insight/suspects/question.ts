import type { BoardEvent, EnvironmentName, ServiceName } from '../../model/index.ts';
import { userError } from '../../model/index.ts';

/** When and where something broke. */
export interface Question {
  /** ISO 8601: the time T at which it was seen. */
  readonly at: string;
  readonly environment: EnvironmentName;
  /** The service that showed it; left out when nobody knows. */
  readonly service?: string | undefined;
  /** How far back to look, milliseconds; default {@link WINDOW_MS}. */
  readonly windowMs?: number | undefined;
}

/** A question whose times are numbers. */
export interface AskedQuestion {
  readonly at: number;
  readonly from: number;
  readonly windowMs: number;
  readonly environment: EnvironmentName;
  readonly service: ServiceName | undefined;
}

/** What the ranking needs to know of a deploy: a row of the board's history has it all. */
export type SuspectDeploy = Pick<
  BoardEvent,
  | 'id'
  | 'attempt'
  | 'service'
  | 'environment'
  | 'kind'
  | 'status'
  | 'outcome'
  | 'version'
  | 'previousVersion'
  | 'digest'
  | 'commit'
  | 'title'
  | 'by'
  | 'started'
  | 'finished'
  | 'runUrl'
  | 'first'
  | 'changed'
  | 'verified'
  | 'overridden'
  | 'rollback'
>;

/** Direct dependencies of each service. */
export type Dependencies = ReadonlyMap<ServiceName, readonly ServiceName[]>;

export const WINDOW_MS = 6 * 3_600_000;

/** Throws `input-invalid` when the time or the window cannot be read. */
export function readQuestion(question: Question): AskedQuestion {
  const at = Date.parse(question.at);
  const windowMs = question.windowMs ?? WINDOW_MS;
  if (Number.isNaN(at)) {
    throw userError('input-invalid', `"${question.at}" is not a time.`, {
      remedy: 'Write it as 2026-03-01T14:05:00Z.',
    });
  }
  if (!(windowMs > 0)) {
    throw userError('input-invalid', `The window before T must be longer than nothing, not ${windowMs} ms.`, {
      remedy: 'Leave it out to look 6 hours back.',
    });
  }
  return { at, from: at - windowMs, windowMs, environment: question.environment, service: question.service };
}
