import { type Board, type BoardCell, type BoardService, short } from '../../model/index.ts';
import { cellOf, type Verdict } from './verdict.ts';

/** One thing that somebody should know before they deploy. */
export interface Notice {
  readonly verdict: Verdict;
  readonly service: string;
  readonly environment: string;
  readonly sentence: string;
  /** Since when, ISO 8601. */
  readonly since: string;
  readonly by: string | null;
  /** What a person gave as the reason: untrusted text. */
  readonly reason: string | null;
}

const RANK = { bad: 0, warn: 1, quiet: 2, good: 3 } as const;

/** What needs attention anywhere, the gravest first. */
export function noticesOf(board: Board): readonly Notice[] {
  const all = board.environments.flatMap(({ name }) => board.services.flatMap((it) => noticesOfCell(it, name)));
  return all.sort((a, b) => RANK[a.verdict.tone] - RANK[b.verdict.tone]);
}

function noticesOfCell(service: BoardService, environment: string): readonly Notice[] {
  const cell = cellOf(service, environment);
  if (cell === undefined) return [];
  const place = { service: service.name, environment };
  return [...needsHuman(cell), ...inDoubt(cell), ...held(cell)].map((it) => ({ ...place, ...it }));
}

type Found = Omit<Notice, 'service' | 'environment'>;

function needsHuman(cell: BoardCell): readonly Found[] {
  if (cell.needsHuman === null) return [];
  return [
    {
      verdict: { word: 'needs a person', tone: 'bad', sign: 'alert' },
      sentence: 'Automatic deploys have stopped.',
      since: cell.since,
      by: null,
      reason: cell.needsHuman,
    },
  ];
}

function inDoubt(cell: BoardCell): readonly Found[] {
  if (cell.inDoubt === null) return [];
  return [
    {
      verdict: { word: 'in doubt', tone: 'warn', sign: 'question' },
      sentence: `The deploy of ${cell.inDoubt.version} has started, and no end of it is recorded.`,
      since: cell.inDoubt.started,
      by: null,
      reason: null,
    },
  ];
}

function held(cell: BoardCell): readonly Found[] {
  return cell.held.map((hold) => ({
    verdict: { word: 'held', tone: 'warn', sign: 'hold' },
    sentence:
      hold.digest === null ? 'Nothing is deployed here.' : `Image ${short(hold.digest)} is not deployed here again.`,
    since: hold.since,
    by: hold.by,
    reason: hold.reason === '' ? null : hold.reason,
  }));
}
