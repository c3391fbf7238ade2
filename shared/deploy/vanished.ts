import type { Intent, Observation, StreamState } from '../model/index.ts';

/** How far a deploy came whose run is gone, told from the target and the ledger. */
export type Diagnosis =
  | { readonly kind: 'clean' }
  /** `untouched`: it changed nothing that runs, and what runs is what settled last. */
  | { readonly kind: 'untouched'; readonly intent: Intent }
  /** `stray`: it changed nothing itself, but what runs never settled: its run had taken over another one. */
  | { readonly kind: 'stray'; readonly intent: Intent }
  /** `applied`: past the commit point, and not known to be good. */
  | { readonly kind: 'applied'; readonly intent: Intent }
  | { readonly kind: 'reverting'; readonly intent: Intent }
  /** `ended`: only the bookkeeping is left. */
  | { readonly kind: 'ended'; readonly intent: Intent };

/** The target is asked first: its intent was written before the ledger's start, and its live event is the commit point itself. */
export function diagnose(seen: Pick<Observation, 'intent' | 'live'>, state: StreamState | undefined): Diagnosis {
  const intent = seen.intent ?? intentOfDoubt(state);
  if (intent === undefined) return { kind: 'clean' };
  switch (intent.step) {
    case 'verified':
    case 'reverted':
    case 'revert-failed':
      return { kind: 'ended', intent };
    case 'reverting':
      return { kind: 'reverting', intent };
    case 'applied':
      return { kind: 'applied', intent };
    default:
      return { kind: beforeItsMark(intent, seen.live), intent };
  }
}

function beforeItsMark(intent: Intent, live: Observation['live']): 'untouched' | 'stray' | 'applied' {
  if (intent.mode === 'remove') return live === undefined ? 'applied' : 'untouched';
  if (live?.event === intent.event) return 'applied';
  return live?.image.digest === intent.previous?.image.digest ? 'untouched' : 'stray';
}

/**
 * A start in the ledger whose intent is not in the target: cleared by hand, or written over by a run that vanished as well.
 * How far it came is then told by what runs alone; what it was asked for, by the ledger.
 */
function intentOfDoubt(state: StreamState | undefined): Intent | undefined {
  const doubt = state?.in_doubt;
  if (!state || !doubt) return undefined;
  return {
    event: doubt.event,
    mode: doubt.mode ?? 'deploy',
    automatic: doubt.automatic ?? true,
    owner: { id: doubt.owner, url: undefined },
    sequence: 0,
    release: doubt.release,
    previous: state.live ?? undefined,
    step: 'intended',
    startedAt: doubt.started,
  };
}
