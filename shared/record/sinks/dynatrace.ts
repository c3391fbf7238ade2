import * as z from 'zod';
import { clip, type DeployEvent, Refused } from '../../model/index.ts';
import { below, call } from './http.ts';
import { defineSink, secretField, secretOf, skipped, textField, urlOf } from './sink.ts';
import { endMs, factsOf, fillIn, isDeployment, isEnd, startMs, titleOf } from './words.ts';

/** The longest title and value of a property that the API takes, and how far back it is looked for. */
const LONGEST = { title: 500, value: 1_000 };
const DAY_MS = 86_400_000;
const LOOKED_BACK_MS = 30 * DAY_MS;

const fields = z
  .strictObject({
    token: secretField.describe('Access token with the scopes `events.ingest` and `events.read`.'),
    entity: textField
      .default('type(SERVICE),entityName.equals("{service}")')
      .describe('Entity selector; `{service}`, `{environment}`, `{team}` are filled in.'),
  })
  .meta({
    description:
      'An event `CUSTOM_DEPLOYMENT` on the entities of the service, for every deploy that changed something; `url` is the root of the environment.',
    examples: [{ url: 'https://abc12345.live.dynatrace.com', token: { env: 'DYNATRACE_TOKEN' } }],
  });

const found = z.object({ totalCount: z.number() });
const taken = z.object({
  eventIngestResults: z.array(z.object({ correlationId: z.string().optional(), status: z.string() })).default([]),
});

/**
 * Dynatrace events: https://docs.dynatrace.com/docs/shortlink/api-events-v2-post-event, properties as its deployment events
 * have them. The event id is a property, by which an event is looked for first.
 */
export const dynatrace = defineSink(fields, ({ token, entity }, settings, deps) => {
  const events = below(urlOf(settings, deps), 'api', 'v2', 'events');
  const headers = { authorization: `Api-Token ${secretOf(settings, token, deps)}` };
  return async (event, signal) => {
    if (!isDeployment(event) || !isEnd(event)) return skipped('only deploys that have ended are told');
    if (!event.changed) return skipped('nothing was changed');
    const query = new URLSearchParams({
      from: String(startMs(event) - LOOKED_BACK_MS),
      eventSelector: `eventType("CUSTOM_DEPLOYMENT"),property.slipway.event("${keyOf(event)}")`,
    });
    const { totalCount } = await call(deps, { method: 'GET', url: `${events}?${query}`, headers }, found, signal);
    if (totalCount > 0) return skipped('it is there already');
    const json = eventOf(event, entity);
    const { eventIngestResults } = await call(deps, { url: below(events, 'ingest'), headers, json }, taken, signal);
    const refused = eventIngestResults.find((it) => it.status !== 'OK');
    if (refused !== undefined) throw new Refused(`Dynatrace refused it: ${clip(refused.status, LONGEST.title)}`);
    return { kind: 'sent', id: eventIngestResults[0]?.correlationId ?? event.id };
  };
});

/** An attempt that ends otherwise is told too. */
const keyOf = (event: DeployEvent): string => `${event.id}-${event.status}`;

function eventOf(event: DeployEvent, entity: string) {
  const properties = {
    ...Object.fromEntries(factsOf(event)),
    'dt.event.deployment.name': titleOf(event),
    'dt.event.deployment.version': event.version,
    'dt.event.deployment.project': event.commit.repo,
    'dt.event.deployment.release_stage': event.env.name,
    'dt.event.deployment.release_product': event.service,
    'dt.event.deployment.ci_back_link': event.run.url ?? '',
    'slipway.event': keyOf(event),
  };
  const told = Object.entries(properties).filter(([, value]) => value !== '');
  return {
    eventType: 'CUSTOM_DEPLOYMENT',
    title: clip(titleOf(event), LONGEST.title),
    startTime: startMs(event),
    endTime: endMs(event),
    entitySelector: fillIn(entity, event),
    properties: Object.fromEntries(told.map(([key, value]) => [key, clip(value, LONGEST.value)])),
  };
}
