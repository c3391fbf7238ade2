import * as z from 'zod';
import { clip, type DeployEvent, Refused } from '../../model/index.ts';
import { asJson, below, post } from './http.ts';
import { defineSink, secretField, secretOf, skipped, urlOf } from './sink.ts';
import { endMs, factsOf, isDeployment, isEnd, isMarker, repositoryUrl, startMs, titleOf } from './words.ts';

/** Ids of events are ids of deployments there. */
const EVENT_ID = /^[0-9a-f]{32}$/;
/** The longest that the event stream takes. https://docs.datadoghq.com/api/latest/events/post-an-event/ */
const LONGEST = { title: 100, text: 4_000, tag: 200 };

const fields = z
  .strictObject({
    token: secretField.describe('API key.'),
    'application-key': secretField
      .optional()
      .describe(
        'Application key: with it, deployments that failed, or that a rollback took back, are marked as change failures.',
      ),
    site: z
      .string()
      .regex(/^[a-z0-9.-]+$/, { error: 'must be a site, such as datadoghq.eu' })
      .default('datadoghq.com')
      .describe('Datadog site; `url` overrides the address that follows from it.'),
    dora: z.boolean().default(true).describe('Send deployments to DORA Metrics.'),
    events: z.boolean().default(true).describe('Send start and end to the event stream, to be laid over any graph.'),
  })
  .meta({
    description: 'DORA Metrics, and start and end in the event stream.',
    examples: [{ token: { env: 'DD_API_KEY' }, site: 'datadoghq.eu' }],
  });

/**
 * Datadog: DORA Metrics get what changed an environment, with the id of the event as its own
 * (https://docs.datadoghq.com/api/latest/dora-metrics/), and the event stream shows start and end as one, since both have
 * the id as aggregation key (https://docs.datadoghq.com/api/latest/events/post-an-event/). Change failures are marked on
 * deployments, since incident events have no say in the change failure rate.
 */
export const datadog = defineSink(fields, ({ token, site, dora, events, ...keys }, settings, deps) => {
  const base = urlOf(settings, deps, `https://api.${site}`);
  const second = keys['application-key'];
  const headers = {
    'dd-api-key': secretOf(settings, token, deps),
    ...(second === undefined ? {} : { 'dd-application-key': secretOf(settings, second, deps) }),
  };
  return async (event, signal) => {
    const requests = [
      ...(dora && counts(event) ? [deploymentOf(event)] : []),
      ...(dora && counts(event) && second !== undefined ? changeFailuresOf(event) : []),
      ...(events && isMarker(event) ? [streamEventOf(event)] : []),
    ];
    if (requests.length === 0) return skipped('nothing was deployed');
    for (const { path, body, ...rest } of requests) {
      const request = { url: below(base, 'api', ...path), ...rest, ...asJson(body, headers) };
      await post(deps, request, signal).catch(unlessMissing(rest.method === 'PATCH'));
    }
    return { kind: 'sent', id: event.id };
  };
});

interface Call {
  readonly method?: 'PATCH';
  readonly path: readonly string[];
  readonly body: object;
}

/** What is to be marked may have gone out before this sink was there. */
const unlessMissing = (mayBe: boolean) => (error: unknown) => {
  if (!(mayBe && error instanceof Refused && error.status === 404)) throw error;
};

/** A failed pipeline that wrote nothing is no deployment, and no failure of one. */
const counts = (event: DeployEvent): boolean =>
  isDeployment(event) && isEnd(event) && event.changed && (event.status === 'success' || event.status === 'failure');

function deploymentOf(event: DeployEvent): Call {
  const repository = repositoryUrl(event);
  const attributes = {
    id: event.id,
    service: event.service,
    env: event.env.name,
    version: event.version,
    started_at: startMs(event),
    finished_at: endMs(event),
    custom_tags: [`kind:${event.kind}`, `strategy:${event.strategy.type}`, `outcome:${event.outcome ?? event.status}`],
    ...(event.team === null ? {} : { team: event.team }),
    ...(repository === undefined ? {} : { git: { repository_url: repository, commit_sha: event.commit.sha } }),
  };
  return { path: ['v2', 'dora', 'deployment'], body: { data: { attributes } } };
}

/** This one, where it failed; the one that it takes back, or mends, where it went well. */
function changeFailuresOf(event: DeployEvent): readonly Call[] {
  const { rolls_back, remediates } = event.links;
  if (event.status === 'failure') return [changeFailure(event.id, {})];
  const type = event.kind === 'rollback' ? 'rollback' : 'rollforward';
  const undone = [rolls_back, remediates].find((it) => it !== null && EVENT_ID.test(it));
  return undone === undefined || undone === null
    ? []
    : [changeFailure(undone, { remediation: { id: event.id, type } })];
}

const changeFailure = (id: string, more: object): Call => ({
  method: 'PATCH',
  path: ['v2', 'dora', 'deployments', id],
  body: { data: { id, type: 'dora_deployment_patch_request', attributes: { change_failure: true, ...more } } },
});

const ALERTS: Readonly<Partial<Record<DeployEvent['status'], string>>> = { success: 'success', failure: 'error' };

function streamEventOf(event: DeployEvent): Call {
  const happened = isEnd(event) ? endMs(event) : startMs(event);
  const lines = factsOf(event).map(([label, value]) => `${label}: ${value}`);
  const tags = [
    `service:${event.service}`,
    `env:${event.env.name}`,
    `version:${event.version}`,
    `kind:${event.kind}`,
    ...(event.team === null ? [] : [`team:${event.team}`]),
  ];
  const body = {
    title: clip(titleOf(event), LONGEST.title),
    text: clip([...lines, ...(event.run.url === null ? [] : [event.run.url])].join('\n'), LONGEST.text),
    alert_type: ALERTS[event.status] ?? 'info',
    aggregation_key: event.id,
    source_type_name: 'github',
    date_happened: Math.floor(happened / 1_000),
    tags: tags.map((it) => clip(it, LONGEST.tag)),
  };
  return { path: ['v1', 'events'], body };
}
