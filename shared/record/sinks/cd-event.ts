import { createHash } from 'node:crypto';
import type { DeployEvent } from '../../model/index.ts';
import { timeOf } from '../fold-state.ts';

/** A CDEvent, specification 0.5.1: https://cdevents.dev; the whole deploy event travels as `customData`. */
export interface CDEvent {
  readonly context: {
    readonly specversion: '0.5.1';
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly timestamp: string;
    readonly chainId: string;
  };
  readonly subject: {
    readonly id: string;
    readonly source: string;
    readonly content: Readonly<Record<string, unknown>>;
  };
  readonly customData: DeployEvent;
  readonly customDataContentType: 'application/json';
}

type Subject = { readonly type: string; readonly id: string; readonly content: Readonly<Record<string, unknown>> };

/** What CDEvents calls the event; undefined where it has no word for it, or nothing was deployed. */
export function cdEventOf(event: DeployEvent): CDEvent | undefined {
  const subject = subjectOf(event);
  if (subject === undefined) return undefined;
  const source = sourceOf(event);
  return {
    context: {
      specversion: '0.5.1',
      id: messageId(event),
      source,
      type: `dev.cdevents.${subject.type}.0.3.0`,
      timestamp: timeOf(event),
      chainId: chainOf(event),
    },
    subject: { id: subject.id, source, content: subject.content },
    customData: event,
    customDataContentType: 'application/json',
  };
}

/** The same for a re-run that says the same; another when it ends otherwise. */
const messageId = (event: DeployEvent): string => `${event.id}-${event.outcome ?? event.status}`;

function subjectOf(event: DeployEvent): Subject | undefined {
  if (event.kind === 'hold' || event.kind === 'release' || event.outcome === 'unchanged') return undefined;
  if (event.kind === 'config' || event.kind === 'flag') return environmentOf(event);
  if (event.status === 'in_progress') return runStarted(event);
  if (event.status === 'success') return serviceOf(event);
  // Superseded without a start: nothing ever ran.
  return event.phase === 'both' && event.status === 'superseded' ? undefined : runFinished(event);
}

/** The service now runs something else. */
function serviceOf(event: DeployEvent): Subject {
  const environment = { id: event.env.name, source: sourceOf(event) };
  const id = event.service;
  if (event.outcome === 'removed') return { type: 'service.removed', id, content: { environment } };
  const type = event.kind === 'rollback' ? 'rolledback' : event.prev === null ? 'deployed' : 'upgraded';
  return { type: `service.${type}`, id, content: { environment, artifactId: event.artifact?.purl ?? event.version } };
}

const runStarted = (event: DeployEvent): Subject => ({
  type: 'pipelinerun.started',
  id: event.id,
  content: { pipelineName: pipelineOf(event), uri: runUri(event) },
});

/** There is no word for a service that failed to deploy; the run that failed has one. */
function runFinished(event: DeployEvent): Subject {
  const outcome = event.status === 'failure' ? 'failure' : event.status === 'unknown' ? 'error' : 'cancel';
  const errors = event.message ?? event.outcome ?? event.status;
  return {
    type: 'pipelinerun.finished',
    id: event.id,
    content: { pipelineName: pipelineOf(event), uri: runUri(event), outcome, errors },
  };
}

const environmentOf = (event: DeployEvent): Subject => ({
  type: 'environment.modified',
  id: event.env.name,
  content: { name: event.env.name },
});

const pipelineOf = (event: DeployEvent): string => `${event.kind} ${event.service} to ${event.env.name}`;
const runUri = (event: DeployEvent): string => event.run.url ?? `urn:slipway:event:${event.id}`;

/** URL of the repository where the run has one, else its name: a URI reference in both cases. */
function sourceOf(event: DeployEvent): string {
  const { url } = event.run;
  return url === null || !URL.canParse(url) ? event.commit.repo : `${new URL(url).origin}/${event.commit.repo}`;
}

/** What one commit sets off hangs together: a UUID of version 8 (RFC 9562) from repository and commit. */
function chainOf(event: DeployEvent): string {
  const hash = createHash('sha256').update(`${event.commit.repo}@${event.commit.sha}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hash.charAt(16), 16) % 4] ?? '8';
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
