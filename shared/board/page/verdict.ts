import type { BoardCell, BoardService } from '../../model/index.ts';

/** How grave a state is: it gives the colour that stands beside the word and the sign, never alone. */
type Tone = 'good' | 'warn' | 'bad' | 'quiet';
export type Sign = 'check' | 'cross' | 'question' | 'alert' | 'back' | 'hold' | 'dash';

export interface Verdict {
  readonly word: string;
  readonly tone: Tone;
  readonly sign: Sign;
}

const verdict = (word: string, tone: Tone, sign: Sign): Verdict => ({ word, tone, sign });

const FAILED = verdict('failed', 'bad', 'cross');

const OUTCOMES: Readonly<Record<string, Verdict>> = {
  deployed: verdict('deployed', 'good', 'check'),
  unchanged: verdict('unchanged', 'quiet', 'dash'),
  superseded: verdict('superseded', 'quiet', 'dash'),
  'rolled-back': verdict('rolled back', 'warn', 'back'),
  removed: verdict('removed', 'quiet', 'dash'),
  'rolled-back-after-failure': verdict('failed, taken back', 'bad', 'back'),
  'rollback-failed': verdict('rollback failed', 'bad', 'alert'),
  failed: FAILED,
  cancelled: verdict('cancelled', 'quiet', 'dash'),
};

const STATUSES: Readonly<Record<string, Verdict>> = {
  success: verdict('deployed', 'good', 'check'),
  failure: FAILED,
  'in-doubt': verdict('in doubt', 'warn', 'question'),
  in_progress: verdict('in doubt', 'warn', 'question'),
  cancelled: verdict('cancelled', 'quiet', 'dash'),
  superseded: verdict('superseded', 'quiet', 'dash'),
  unknown: verdict('unknown', 'warn', 'question'),
};

const KINDS: Readonly<Record<string, Verdict>> = {
  rollback: verdict('rolled back', 'warn', 'back'),
  hotfix: verdict('hotfix deployed', 'good', 'check'),
  remove: verdict('removed', 'quiet', 'dash'),
  hold: verdict('held', 'warn', 'hold'),
  release: verdict('hold ended', 'quiet', 'check'),
  config: verdict('configured', 'good', 'check'),
  flag: verdict('flag set', 'good', 'check'),
};

/** How a deploy ended, in a word. What is not known (the facts may be of a later version) is shown as it stands in the ledger. */
export function verdictOf(event: {
  readonly kind: string;
  readonly status: string;
  readonly outcome: string | null;
}): Verdict {
  const byStatus = lookUp(STATUSES, event.status) ?? verdict(event.status, 'quiet', 'dash');
  if (event.status === 'in-doubt') return byStatus;
  const byOutcome = lookUp(OUTCOMES, event.outcome ?? '');
  if (event.status === 'success') {
    return byOutcome?.word === 'deployed' || byOutcome === undefined
      ? (lookUp(KINDS, event.kind) ?? byStatus)
      : byOutcome;
  }
  return byOutcome ?? byStatus;
}

const CELLS: Readonly<Record<BoardCell['state'], Verdict>> = {
  live: verdict('live', 'good', 'check'),
  'in-doubt': verdict('in doubt', 'warn', 'question'),
  'needs-human': verdict('needs a person', 'bad', 'alert'),
  removed: verdict('removed', 'quiet', 'dash'),
};

export const verdictOfCell = (cell: BoardCell): Verdict => CELLS[cell.state];

/** The cell of a service in an environment; names such as `__proto__` are names. */
export function cellOf(service: BoardService, environment: string): BoardCell | undefined {
  return Object.hasOwn(service.cells, environment) ? service.cells[environment] : undefined;
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
