import { type ActionResult, markdownText, type World } from '../io/runner/index.ts';
import type { DeployEvent, Problem } from '../model/index.ts';
import type { Projection } from '../record/index.ts';
import type { recordAction } from './interface/index.ts';

type Result = ActionResult<keyof typeof recordAction.outputs>;

/** What became of the event: in the ledger, and in each sink. */
export function recordResult(
  event: DeployEvent,
  ref: string,
  status: 'forwarded' | 'started' | 'recorded',
  sent: {
    readonly warnings: readonly Problem[];
    readonly failed: readonly Problem[];
    readonly results: readonly Projection[];
  },
  world: World,
): Result {
  for (const it of sent.warnings) world.log.warning(it);
  const results = Object.assign({}, ...sent.results.map((it) => it.results));
  const sinks = Object.fromEntries(
    Object.entries<Projection['results'][string]>(results).map(([name, it]) => [name, words(it)]),
  );
  const [failed] = sent.failed;
  const sentence =
    failed?.sentence ?? `${event.kind} of ${event.service} ${event.version} in ${event.env.name}: ${status}`;
  return {
    ok: failed === undefined,
    status,
    reason: failed?.code,
    sentence,
    outputs: {
      'event-id': event.id,
      'deployment-id': deploymentOf(results) ?? '',
      'ledger-ref': ref,
      sinks: JSON.stringify(sinks),
    },
    summary: summaryOf(event, ref, sinks),
    report: {
      event: event.id,
      service: event.service,
      environment: event.env.name,
      kind: event.kind,
      'event-status': event.status,
      'ledger-ref': ref,
      sinks,
    },
  };
}

const words = (it: Projection['results'][string]): string => (it.kind === 'ok' ? 'ok' : `${it.kind}: ${it.why}`);

/** GitHub's ids of deployments are numbers; no other sink gives one. */
function deploymentOf(results: Projection['results']): string | undefined {
  return Object.values(results).flatMap((it) =>
    it.kind === 'ok' && it.id !== undefined && /^\d+$/.test(it.id) ? [it.id] : [],
  )[0];
}

function summaryOf(event: DeployEvent, ref: string, sinks: Readonly<Record<string, string>>): string {
  const rows = Object.entries(sinks).map(([name, result]) => `| ${markdownText(name)} | ${markdownText(result)} |`);
  return [
    `### ${markdownText(`${event.service} ${event.version} in ${event.env.name}: ${event.kind}, ${event.status}`)}`,
    '',
    `Event \`${event.id}\` in \`${ref}\``,
    ...(rows.length > 0 ? ['', '| Sink | |', '| --- | --- |', ...rows] : []),
    '',
  ].join('\n');
}
