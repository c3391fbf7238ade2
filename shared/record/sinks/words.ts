import { clip, type DeployEvent, formatDuration } from '../../model/index.ts';

/*
 * What sinks for people say of an event, in the same words everywhere. Texts from outside (titles of commits, messages)
 * come as they are: a sink escapes them as its system needs.
 */

/** Hex digits of a commit that are shown. */
const SHORT_COMMIT = 12;
const LONGEST_FACT = 500;

/** Whether something goes out, or did: what a marker on a chart, or a message, is about. */
export function isMarker(event: DeployEvent): boolean {
  if (event.kind === 'hold' || event.kind === 'release' || event.outcome === 'unchanged') return false;
  // Superseded without a start: nothing ever ran.
  return !(event.phase === 'both' && event.status === 'superseded');
}

/** Whether an image goes out: not settings, flags, or the removal of a service. */
export const isDeployment = (event: DeployEvent): boolean =>
  isMarker(event) && ['deploy', 'rollback', 'hotfix'].includes(event.kind);

export const isEnd = (event: DeployEvent): boolean => event.status !== 'in_progress';

/** Such as `deploy of checkout 1.4.2 in production: rolled back after failure`. */
export const titleOf = (event: DeployEvent): string =>
  `${event.kind} of ${event.service} ${event.version} in ${event.env.name}: ${endingOf(event)}`;

const endingOf = (event: DeployEvent): string => (event.outcome ?? event.status).replaceAll(/[-_]/g, ' ');

/** What people ask next: label → value, of which none is empty. */
export function factsOf(event: DeployEvent): readonly (readonly [label: string, value: string])[] {
  const { prev, commit, times, message } = event;
  const title = commit.title === null ? '' : ` ${commit.title}`;
  const took = times.finished === null ? '' : formatDuration(endMs(event) - startMs(event));
  const facts = [
    ['Version', prev === null ? event.version : `${prev.version} → ${event.version}`],
    ['Commit', `${commit.sha.slice(0, SHORT_COMMIT)}${title}`],
    ['By', event.actor.login],
    ['Took', took],
    ['Checks', event.verify.result === 'none' ? '' : event.verify.result],
    ['Incident', event.links.incident ?? ''],
    ['Message', message ?? ''],
  ] as const;
  return facts.filter(([, value]) => value !== '').map(([label, value]) => [label, clip(value, LONGEST_FACT)]);
}

/** Milliseconds since 1970. */
export const startMs = (event: DeployEvent): number => Date.parse(event.times.started);
/** The same; the start, where it has not ended. */
export const endMs = (event: DeployEvent): number => Date.parse(event.times.finished ?? event.times.started);

/** Address of the repository, where the run has one. */
export function repositoryUrl(event: DeployEvent): string | undefined {
  const { url } = event.run;
  return url === null || !URL.canParse(url) ? undefined : `${new URL(url).origin}/${event.commit.repo}`;
}

/** `{service}`, `{environment}`, `{team}` and `{version}` in a text of the settings. */
export function fillIn(template: string, event: DeployEvent): string {
  const { service, version, team, env } = event;
  const values: Readonly<Record<string, string>> = { service, version, team: team ?? '', environment: env.name };
  return template.replaceAll(/\{(service|environment|team|version)\}/g, (_all, name: string) => values[name] ?? '');
}
