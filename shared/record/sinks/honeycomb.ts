import * as z from 'zod';
import { clip, type DeployEvent } from '../../model/index.ts';
import { below, call } from './http.ts';
import { defineSink, secretField, secretOf, skipped, textField, urlOf } from './sink.ts';
import { endMs, isEnd, isMarker, startMs, titleOf } from './words.ts';

const LONGEST_TITLE = 400;

const fields = z
  .strictObject({
    token: secretField.describe('Configuration key with the permission to manage markers.'),
    dataset: textField.default('__all__').describe('Slug of the dataset; `__all__` is the environment of the key.'),
    type: textField.default('deploy').describe('Type of the markers, which gives their colour.'),
  })
  .meta({
    description: 'A marker for each deploy, from start to end.',
    examples: [{ token: { env: 'HONEYCOMB_KEY' } }],
  });

const marker = z.object({ id: z.string(), message: z.string().optional(), end_time: z.number().optional() });

/**
 * Honeycomb markers: https://docs.honeycomb.io/api/tag/Markers/. A marker has no id of its maker's: ours stands at the end of
 * its message, by which it is found again.
 */
export const honeycomb = defineSink(fields, ({ token, dataset, type }, settings, deps) => {
  const url = below(urlOf(settings, deps, 'https://api.honeycomb.io'), '1', 'markers', dataset);
  const headers = { 'x-honeycomb-team': secretOf(settings, token, deps) };
  return async (event, signal) => {
    if (!isMarker(event)) return skipped('nothing was deployed');
    const known = await call(deps, { method: 'GET', url, headers }, z.array(marker), signal);
    const found = known.find((it) => it.message?.endsWith(tagOf(event)));
    if (found !== undefined && !isEnd(event)) return skipped('it is there already');
    const place =
      found === undefined
        ? ({ method: 'POST', url } as const)
        : ({ method: 'PUT', url: below(url, found.id) } as const);
    const { id } = await call(deps, { ...place, headers, json: markerOf(event, type) }, marker, signal);
    return { kind: 'sent', id: `marker ${id}` };
  };
});

const tagOf = (event: DeployEvent): string => ` [${event.id}]`;

const markerOf = (event: DeployEvent, type: string) => ({
  type,
  message: clip(titleOf(event), LONGEST_TITLE) + tagOf(event),
  start_time: Math.floor(startMs(event) / 1_000),
  ...(isEnd(event) ? { end_time: Math.ceil(endMs(event) / 1_000) } : {}),
  ...(event.run.url === null ? {} : { url: event.run.url }),
});
