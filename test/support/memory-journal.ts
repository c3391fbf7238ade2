import {
  type EventKind,
  type ImageRef,
  type InDoubt,
  type Journal,
  type JournalEntry,
  type Outcome,
  type Release,
  type Settled,
  type StreamState,
  userError,
} from '../../shared/model/index.ts';

export interface Noted {
  readonly id: string;
  readonly by: string;
  readonly phase: 'start' | 'finish' | 'both' | 'vanished';
  readonly outcome: string | undefined;
  readonly reason: string | undefined;
}

const EMPTY: StreamState = {
  v: 1,
  environment: 'production',
  service: 'checkout',
  repository: 'acme/shop',
  seq: 0,
  live: null,
  good: [],
  held: [],
  in_doubt: null,
  needs_human: null,
  updated: '2026-03-02T12:00:00.000Z',
};

/** One stream in memory, with the few rules that the protocol relies on. */
export class MemoryLedger {
  state: StreamState | undefined;
  readonly events: Noted[] = [];
  unavailable = false;

  /** @param run the run that writes: part of every event id, and the owner of what it starts */
  open(run: string): Journal {
    const ledger = this;
    const id = (kind: EventKind, image: ImageRef | undefined) => `${run}:${kind}:${image?.digest.slice(7, 11) ?? ''}`;
    return {
      get state() {
        return ledger.state;
      },
      eventId: id,
      start: async (entry) => {
        await turn();
        if (ledger.unavailable) throw userError('ledger-unavailable', 'The remote does not answer.');
        const event = id(entry.kind, entry.release.image);
        const started = entry.startedAt;
        ledger.#note({ id: event, by: run, phase: 'start', outcome: undefined, reason: undefined });
        const release = { ...entry.release, event, since: started };
        const mode = entry.kind === 'rollback' || entry.kind === 'remove' ? { mode: entry.kind } : {};
        const automatic = entry.automatic === false ? { automatic: false } : {};
        ledger.#set({ in_doubt: { event, ...mode, ...automatic, release, started, owner: run } });
      },
      finish: async (entry, settled) => {
        await turn();
        if (ledger.unavailable) return false;
        const event = id(entry.kind, entry.release.image);
        const mine = ledger.state?.in_doubt?.event === event;
        ledger.#note({ id: event, by: run, phase: mine ? 'finish' : 'both', ...told(settled) });
        if (mine) ledger.#set({ in_doubt: null });
        ledger.#settle(entry, { ...entry.release, event, since: settled.finishedAt }, settled);
        return true;
      },
      settleVanished: async (vanished, settled) => {
        await turn();
        if (ledger.unavailable) return false;
        if (ledger.state?.in_doubt?.event !== vanished.event) return true;
        ledger.#note({ id: vanished.event, by: run, phase: 'vanished', ...told(settled) });
        ledger.#set({ in_doubt: null });
        ledger.#settle(entryOf(vanished, ledger.state), vanished.release, settled);
        return true;
      },
    };
  }

  #settle(entry: Pick<JournalEntry, 'kind' | 'live'>, release: Release, settled: Settled): void {
    const state = this.state ?? EMPTY;
    const good = [release, ...state.good.filter((it) => it.image.digest !== release.image.digest)];
    const hold = (digest: Release['image']['digest'] | undefined) =>
      digest === undefined
        ? state.held
        : [
            ...state.held,
            { digest, event: release.event, since: settled.finishedAt, by: 'dana', reason: 'rolled back' },
          ];
    const changes: Partial<Record<Outcome, Partial<StreamState>>> = {
      deployed: { live: release, good, held: [], needs_human: null },
      'rolled-back': { live: release, good, held: hold(entry.live?.image.digest), needs_human: null },
      'rolled-back-after-failure': { held: hold(release.image.digest) },
      'rollback-failed': { needs_human: { event: release.event, sentence: settled.sentence } },
      removed: { live: null },
      unchanged: state.live === null ? {} : { live: { ...state.live, commit: release.commit } },
    };
    this.#set(changes[settled.outcome] ?? {});
  }

  #set(change: Partial<StreamState>): void {
    const state = this.state ?? EMPTY;
    this.state = { ...state, ...change, seq: state.seq + 1 };
  }

  #note(event: Noted): void {
    this.events.push(event);
  }
}

const told = (settled: Settled) => ({ outcome: settled.outcome, reason: settled.reason });

const entryOf = (vanished: InDoubt, state: StreamState | undefined) => ({
  kind: vanished.mode ?? 'deploy',
  live: state?.live ?? undefined,
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
