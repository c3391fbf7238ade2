import * as z from 'zod';
import { address, line, list, span, text } from './parts.ts';

const URL_START = /^(https?:\/\/|\{url\})/;

const http = z.strictObject({
  url: address
    .regex(URL_START, { error: 'must begin with `http://`, `https://` or `{url}`' })
    .describe('Address that is asked; `{url}` is the one that the target gave the new image.'),
  status: z
    .int()
    .min(100, { error: 'must be a status of HTTP, 100 to 599' })
    .max(599, { error: 'must be a status of HTTP, 100 to 599' })
    .default(200)
    .describe('Status that the answer must have.'),
  within: span.prefault('60s').describe('How long it is tried before the check counts as failed.'),
});

const provider = z.strictObject({
  kind: z.enum(['prometheus']).describe('What answers the queries.'),
  url: address
    .regex(/^(https?|kubernetes):\/\//, { error: 'must begin with `http://`, `https://` or `kubernetes://`' })
    .describe('Its address; `kubernetes://namespace/service:port` goes through the API server of the cluster.'),
});

const samples = z
  .int()
  .min(1, { error: 'must be 1 or more' })
  .default(20)
  .describe('Fewer samples than this count as no data.');
const noData = z
  .enum(['fail', 'pass', 'inconclusive'])
  .default('fail')
  .describe('What it means when there are too few samples; `inconclusive` waits and does not go on.');

const limit = z
  .strictObject({
    name: line.describe('Name of the metric, for people.'),
    query: text.describe('Query of the provider that gives one number for the new version.'),
    max: z.number().describe('The value must not be above this.').optional(),
    min: z.number().describe('The value must not be below this.').optional(),
    'on-no-data': noData,
    'min-samples': samples,
  })
  .refine((it) => it.max !== undefined || it.min !== undefined, { error: 'must have `max` or `min`' });

const comparison = z.strictObject({
  name: line.describe('Name of the metric, for people.'),
  query: text.describe('Query of the provider that gives samples for a version.'),
  direction: z
    .enum(['increase', 'decrease', 'either'])
    .default('either')
    .describe('Which way of differing from the old version is bad.'),
  critical: z.boolean().default(false).describe('This metric alone fails the deploy.'),
  'on-no-data': noData,
  'min-samples': samples,
});

const metrics = z.strictObject({
  provider: provider.describe('Where metrics are asked.').optional(),
  limits: list(limit).describe('Bounds that the new version must keep.').optional(),
  compare: list(comparison).describe('Metrics in which the new version must not be worse than the old.').optional(),
});

/** The same in every layer: all its keys are optional. */
export const verify = z.strictObject({
  http: list(http).default([]).describe('Addresses that must answer before the deploy counts as good.'),
  metrics: metrics.describe('Metrics that must be good before the deploy counts as good.').optional(),
});
