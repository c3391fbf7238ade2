import * as z from 'zod';
import { clip, type DeployEvent } from '../../model/index.ts';
import { asJson, below, post } from './http.ts';
import { defineSink, secretField, secretOf, skipped, urlOf } from './sink.ts';
import { factsOf, isEnd, isMarker, titleOf } from './words.ts';

const LONGEST_SUMMARY = 1_024;

const fields = z
  .strictObject({
    'routing-key': secretField.describe('Integration key of a service or of global orchestration (Events API v2).'),
  })
  .meta({
    description:
      'A change event for every deploy that changed something, shown among the recent changes of an incident. PagerDuty cannot be asked what it has: what is sent again stands there again.',
    examples: [{ 'routing-key': { env: 'PAGERDUTY_ROUTING_KEY' } }],
  });

/** PagerDuty change events: https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/03-Change-Events.md */
export const pagerduty = defineSink(fields, (own, settings, deps) => {
  const url = below(urlOf(settings, deps, 'https://events.pagerduty.com'), 'v2', 'change', 'enqueue');
  const key = secretOf(settings, own['routing-key'], deps);
  return async (event, signal) => {
    if (!isMarker(event) || !isEnd(event)) return skipped('only deploys that have ended are changes');
    if (!event.changed) return skipped('nothing was changed');
    await post(deps, { url, ...asJson({ routing_key: key, ...changeOf(event) }) }, signal);
    return { kind: 'sent' };
  };
});

function changeOf(event: DeployEvent) {
  const links = [
    [event.run.url, 'Run'],
    [event.env.url, event.env.name],
  ].flatMap(([href, text]) => (typeof href === 'string' ? [{ href, text }] : []));
  return {
    payload: {
      summary: clip(titleOf(event), LONGEST_SUMMARY),
      timestamp: event.times.finished ?? event.times.started,
      source: event.stream,
      custom_details: { ...Object.fromEntries(factsOf(event)), Event: event.id },
    },
    links,
  };
}
