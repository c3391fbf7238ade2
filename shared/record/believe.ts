import { type DeployEvent, type StreamCommit, type StreamName, type StreamState, sameJson } from '../model/index.ts';
import { applyEvent, timeOf } from './fold-state.ts';
import { streamLabel } from './refs.ts';
import { type Parsed, parseEvent, parseState } from './schema.ts';

/** The two files of a commit of a stream. */
export const EVENT_FILE = 'event.json';
export const STATE_FILE = 'state.json';

/** The newest commit of a stream, with its two files read; or why it cannot be one that Slipway wrote. */
export type Tip =
  | {
      readonly kind: 'believed';
      readonly commit: StreamCommit;
      readonly state: StreamState;
      readonly event: DeployEvent;
    }
  | { readonly kind: 'unbelievable'; readonly commit: StreamCommit; readonly why: string };

/**
 * Whether a commit can be believed without its history: both files parse, both are about this stream of this
 * repository, and the state is what its own event makes it. This finds damage and clumsy forgery; promotion gates
 * look at the target as well, because refs cannot be protected.
 *
 * @param repository `owner/repo` that the stream must be of
 */
export function readTip(name: StreamName, commit: StreamCommit, repository: string): Tip {
  const event = parseEvent(commit.files[EVENT_FILE]);
  const state = parseState(commit.files[STATE_FILE]);
  const why = failureOf(event) ?? failureOf(state);
  if (why !== undefined || !('value' in event) || !('value' in state)) {
    return { kind: 'unbelievable', commit, why: why ?? 'it cannot be read' };
  }
  const wrong =
    wrongName(name, event.value, state.value, name.repository ?? repository) ?? wrongState(event.value, state.value);
  if (wrong !== undefined) return { kind: 'unbelievable', commit, why: wrong };
  return { kind: 'believed', commit, state: state.value, event: event.value };
}

/** Why an event does not belong to a stream; undefined when it does. */
export function wrongEvent(name: StreamName, event: DeployEvent, repository: string | undefined): string | undefined {
  const label = streamLabel(name);
  const said = `${event.env.name}/${event.service}`;
  if (event.stream !== label || said !== label) return `its event is one of ${event.stream}, not of ${label}`;
  if (repository !== undefined && event.commit.repo !== repository) {
    return `its event is one of the repository ${event.commit.repo}, not of ${repository}`;
  }
  return undefined;
}

function wrongName(name: StreamName, event: DeployEvent, state: StreamState, repository: string): string | undefined {
  const wrong = wrongEvent(name, event, repository);
  if (wrong !== undefined) return wrong;
  const same =
    state.environment === name.environment && state.service === name.service && state.repository === repository;
  return same ? undefined : `its state is that of ${state.repository} ${state.environment}/${state.service}`;
}

function wrongState(event: DeployEvent, state: StreamState): string | undefined {
  const again = applyEvent(withoutTraces(state, event), event);
  return sameJson(again, state) ? undefined : 'its state is not what its event makes it';
}

/** A state less all that its newest event put in: the event must put in the same again, no more and no less. */
export function withoutTraces(state: StreamState, event: DeployEvent): StreamState {
  const of = (it: { readonly event: string; readonly since: string } | null): boolean =>
    it?.event === event.id && it.since === timeOf(event);
  return {
    ...state,
    live: of(state.live) ? null : state.live,
    good: state.good.filter((it) => !of(it)),
    held: state.held.filter((it) => !of(it)),
    in_doubt: state.in_doubt?.event === event.id ? null : state.in_doubt,
  };
}

const failureOf = (parsed: Parsed<unknown>): string | undefined => ('why' in parsed ? parsed.why : undefined);
