import * as z from 'zod';
import { clip, type DeployEvent } from '../../model/index.ts';
import { below, call } from './http.ts';
import { defineSink, secretField, secretOf, skipped, textField, urlOf } from './sink.ts';
import { endMs, factsOf, isEnd, isMarker, startMs, titleOf } from './words.ts';

/** The longest tag that Grafana's table takes. */
const LONGEST_TAG = 100;
const MOST_TAGS = 20;

const fields = z
  .strictObject({
    token: secretField.describe('Token of a service account that may read, create and write annotations.'),
    dashboard: textField
      .optional()
      .describe('UID of the one dashboard that shows it; default: every one that asks for its tags.'),
    panel: z.int().positive().optional().describe('Id of the panel of that dashboard.'),
    tags: z
      .array(textField)
      .max(MOST_TAGS)
      .default([])
      .describe('More tags, beside `deploy`, `service:…`, `env:…`, `version:…`.'),
  })
  .meta({
    description: 'An annotation for each deploy, a region from start to end; `url` is the root of Grafana.',
    examples: [{ url: 'https://grafana.example', token: { env: 'GRAFANA_TOKEN' } }],
  });

const found = z.array(z.object({ id: z.number() }));
const made = z.object({ id: z.number() });
const changed = z.object({ message: z.string() });

/**
 * Grafana: an annotation for each deploy, a region from start to end. It is found again by a tag that holds the event id,
 * since annotations have no id of their maker's. https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/annotations/
 */
export const grafana = defineSink(fields, ({ token, dashboard, panel, tags }, settings, deps) => {
  const annotations = below(urlOf(settings, deps), 'api', 'annotations');
  const headers = { authorization: `Bearer ${secretOf(settings, token, deps)}` };
  const place = {
    ...(dashboard === undefined ? {} : { dashboardUID: dashboard }),
    ...(panel === undefined ? {} : { panelId: panel }),
  };
  return async (event, signal) => {
    if (!isMarker(event)) return skipped('nothing was deployed');
    const query = new URLSearchParams({ tags: tagOf(event), type: 'annotation', limit: '1' });
    const [known] = await call(deps, { method: 'GET', url: `${annotations}?${query}`, headers }, found, signal);
    const json = annotationOf(event, tags);
    if (known === undefined) {
      const { id } = await call(deps, { url: annotations, headers, json: { ...place, ...json } }, made, signal);
      return { kind: 'sent', id: `annotation ${id}` };
    }
    // A start that is there already may have its end as well.
    if (!isEnd(event)) return skipped('it is there already');
    await call(deps, { method: 'PATCH', url: below(annotations, known.id), headers, json }, changed, signal);
    return { kind: 'sent', id: `annotation ${known.id}` };
  };
});

const tagOf = (event: DeployEvent): string => `slipway:${event.id}`;

function annotationOf(event: DeployEvent, more: readonly string[]) {
  const tags = ['deploy', `service:${event.service}`, `env:${event.env.name}`, `version:${event.version}`, ...more];
  return {
    time: startMs(event),
    timeEnd: endMs(event),
    text: textOf(event),
    tags: [...tags.map((it) => clip(it, LONGEST_TAG)), tagOf(event)],
  };
}

/** Grafana shows the text as HTML, cleaned by itself; here nothing but our own is. */
function textOf(event: DeployEvent): string {
  const facts = factsOf(event).map(([label, value]) => `${label}: ${escaped(value)}`);
  const link = event.run.url === null ? [] : [`<a href="${escaped(event.run.url)}">Run</a>`];
  return [`<b>${escaped(titleOf(event))}</b>`, ...facts, ...link].join('<br>');
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (it) => `&#${it.charCodeAt(0)};`);
