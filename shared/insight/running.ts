import {
  type BoardCell,
  type EnvironmentName,
  type Hold,
  type InDoubt,
  previousGood,
  type Release,
  type ServiceName,
  type StreamState,
} from '../model/index.ts';
import { byName } from './words.ts';

/** What runs as one service in one environment, by its stream. */
export interface Running {
  readonly repository: string;
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly state: BoardCell['state'];
  /** Version, digest, commit, since and by of what runs; null: nothing is known to run. */
  readonly live: Release | null;
  /** What a rollback goes back to: the newest good release that is neither live nor held. */
  readonly previous: Release | null;
  readonly held: readonly Hold[];
  readonly inDoubt: InDoubt | null;
  readonly needsHuman: string | null;
  /** ISO 8601 UTC of the newest event of the stream. */
  readonly updated: string;
}

/** The table of what runs where: one row for each stream, by service, then environment, then repository. */
export function whatRuns(states: readonly StreamState[]): readonly Running[] {
  return states
    .map(running)
    .sort(
      (a, b) =>
        byName(a.service, b.service) || byName(a.environment, b.environment) || byName(a.repository, b.repository),
    );
}

function running(state: StreamState): Running {
  return {
    repository: state.repository,
    service: state.service,
    environment: state.environment,
    state: stateOf(state),
    live: state.live,
    previous: previousGood(state, state.live) ?? null,
    held: state.held,
    inDoubt: state.in_doubt,
    needsHuman: state.needs_human?.sentence ?? null,
    updated: state.updated,
  };
}

/** What stops deploys comes before what is uncertain, and that before what is known. */
function stateOf(state: StreamState): BoardCell['state'] {
  if (state.needs_human !== null) return 'needs-human';
  if (state.in_doubt !== null) return 'in-doubt';
  return state.live === null ? 'removed' : 'live';
}
