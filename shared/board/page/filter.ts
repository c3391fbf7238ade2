import type { Board, BoardEvent, BoardService } from '../../model/index.ts';
import { cellOf, verdictOf } from './verdict.ts';

/** What a reader wants to see of the history; an empty text asks for everything. */
export interface HistoryFilter {
  readonly service: string;
  readonly environment: string;
  /** The word of a verdict. */
  readonly status: string;
  /** Part of a version, commit, digest, title, message, login or id. */
  readonly text: string;
}

export function filterHistory(events: readonly BoardEvent[], filter: HistoryFilter): readonly BoardEvent[] {
  const text = filter.text.trim().toLowerCase();
  return events.filter(
    (event) =>
      (filter.service === '' || event.service === filter.service) &&
      (filter.environment === '' || event.environment === filter.environment) &&
      (filter.status === '' || verdictOf(event).word === filter.status) &&
      (text === '' || holds(event, text)),
  );
}

function holds(event: BoardEvent, text: string): boolean {
  const { version, commit, digest, title, message, by, id, service } = event;
  return [version, commit, digest, title, message, by, id, service].some((it) => it?.toLowerCase().includes(text));
}

/** The words that occur, each once, in the order of the alphabet. */
export function statusesOf(events: readonly BoardEvent[]): readonly string[] {
  return [...new Set(events.map((event) => verdictOf(event).word))].sort();
}

export interface ServiceFilter {
  readonly text: string;
  readonly show: 'all' | 'differing' | 'attention';
}

export function filterServices(board: Board, filter: ServiceFilter): readonly BoardService[] {
  const text = filter.text.trim().toLowerCase();
  return board.services.filter(
    (service) =>
      (text === '' ||
        service.name.toLowerCase().includes(text) ||
        service.team?.toLowerCase().includes(text) === true) &&
      (filter.show !== 'differing' || digestsOf(board, service).size > 1) &&
      (filter.show !== 'attention' || needsAttention(board, service)),
  );
}

/** The digests that a service runs, anywhere. */
function digestsOf(board: Board, service: BoardService): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of board.environments) {
    const cell = cellOf(service, name);
    if (cell === undefined || cell.state === 'removed') continue;
    counts.set(cell.digest, (counts.get(cell.digest) ?? 0) + 1);
  }
  return counts;
}

function needsAttention(board: Board, service: BoardService): boolean {
  return board.environments.some(({ name }) => {
    const cell = cellOf(service, name);
    return cell !== undefined && (cell.state === 'in-doubt' || cell.state === 'needs-human' || cell.held.length > 0);
  });
}
