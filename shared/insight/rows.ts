import type { BoardEvent, DeployEvent } from '../model/index.ts';
import { type TracedDeploy, traceDeploys } from './lineage.ts';
import { pairEvents } from './pairs.ts';
import { byName } from './words.ts';

/** The history as rows: one for each attempt, newest start first. Texts are as long and as hostile as they came. */
export function deployRows(events: readonly DeployEvent[]): readonly BoardEvent[] {
  const traced = traceDeploys(pairEvents(events));
  const takenBack = new Map(traced.flatMap((it) => (it.rollsBack ? [[attemptOf(it.rollsBack), it.event.id]] : [])));
  return traced.map((it) => row(it, takenBack.get(attemptOf(it.event)) ?? null)).sort(newestFirst);
}

const attemptOf = (event: DeployEvent): string => `${event.id}/${event.run.attempt}`;

function row(deploy: TracedDeploy, rolledBackBy: string | null): BoardEvent {
  const { event, inDoubt } = deploy;
  return {
    id: event.id,
    attempt: event.run.attempt,
    service: event.service,
    environment: event.env.name,
    kind: event.kind,
    status: inDoubt ? 'in-doubt' : event.status,
    outcome: event.outcome,
    version: event.version,
    previousVersion: event.prev?.version ?? null,
    digest: event.artifact?.digest ?? null,
    commit: event.commit.sha,
    title: event.commit.title,
    by: event.actor.login,
    started: event.times.started,
    finished: inDoubt ? null : event.times.finished,
    message: event.message,
    runUrl: event.run.url,
    evidence: event.evidence && { summary: event.evidence.summary, log: event.evidence.log },
    first: deploy.first,
    changed: event.changed,
    verified: event.verify.result,
    overridden: event.gates.overridden,
    rollback: deploy.rollback,
    rolledBackBy,
  };
}

function newestFirst(a: BoardEvent, b: BoardEvent): number {
  const later = Date.parse(b.started) - Date.parse(a.started);
  return later || byName(a.environment, b.environment) || byName(a.service, b.service) || b.attempt - a.attempt;
}
