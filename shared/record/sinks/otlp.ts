import { createHash } from 'node:crypto';
import * as z from 'zod';
import { clip, type DeployEvent } from '../../model/index.ts';
import { asJson, below, post } from './http.ts';
import { attributesOf, resourceOf } from './otlp-attributes.ts';
import { defineSink, secretField, secretOf, skipped, urlOf } from './sink.ts';
import { endMs, isEnd, isMarker, startMs, titleOf } from './words.ts';

const MOST_HEADERS = 20;
const LONGEST_BODY_TEXT = 1_000;
/** Numbers of the protocol: opentelemetry/proto/logs/v1 and trace/v1. */
const SEVERITY = {
  info: { severityNumber: 9, severityText: 'INFO' },
  error: { severityNumber: 17, severityText: 'ERROR' },
};
const SPAN_KIND_INTERNAL = 1;
const STATUS = { ok: 1, error: 2 };

const headerName = z.string().regex(/^[A-Za-z0-9-]+$/, { error: 'must be the name of a header' });
const fields = z
  .strictObject({
    headers: z
      .record(headerName, secretField)
      .refine((it) => Object.keys(it).length <= MOST_HEADERS, { error: `must have at most ${MOST_HEADERS} headers` })
      .default({})
      .describe('Headers of every request, such as `authorization`; their values are in environment variables.'),
    signals: z
      .array(z.enum(['logs', 'traces']))
      .min(1)
      .default(['logs', 'traces'])
      .describe('A log record for start and end, a span for the whole deploy, or both.'),
  })
  .meta({
    description:
      "OpenTelemetry over HTTP, in JSON: log records and a span, with the semantic conventions for CI/CD and deployments; `url` is the endpoint, below which `/v1/logs` and `/v1/traces` are. Ids are made of the event's.",
    examples: [{ url: 'https://otel.example:4318', headers: { authorization: { env: 'OTLP_AUTHORIZATION' } } }],
  });

/**
 * OpenTelemetry over HTTP, in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp. Names are those of the semantic
 * conventions for CI/CD, deployments, VCS and services (https://opentelemetry.io/docs/specs/semconv/). Ids of trace and
 * span are made of the event's, and a log record says its own (`log.record.uid`): what comes again can be told.
 */
export const otlp = defineSink(fields, ({ headers, signals }, settings, deps) => {
  const base = urlOf(settings, deps);
  const secrets = Object.entries(headers).map(([name, it]) => [name.toLowerCase(), secretOf(settings, it, deps)]);
  return async (event, signal) => {
    if (!isMarker(event)) return skipped('nothing was deployed');
    const bodies = [
      ...(signals.includes('logs') ? [['logs', logsOf(event)] as const] : []),
      // A span is sent when it has ended.
      ...(signals.includes('traces') && isEnd(event) ? [['traces', tracesOf(event)] as const] : []),
    ];
    if (bodies.length === 0) return skipped('a span is sent when it has ended');
    for (const [name, body] of bodies) {
      await post(deps, { url: below(base, 'v1', name), ...asJson(body, Object.fromEntries(secrets)) }, signal);
    }
    return { kind: 'sent', id: traceId(event) };
  };
});

const hex = (length: number, ...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);

const traceId = (event: DeployEvent): string => hex(32, event.id, event.run.attempt);
const spanId = (event: DeployEvent): string => hex(16, event.id, event.run.attempt, 'deploy');
const scope = { name: 'slipway' };
/** 64-bit numbers are texts in the JSON of Protocol Buffers. */
const nanos = (ms: number): string => `${ms}000000`;

function logsOf(event: DeployEvent) {
  const at = nanos(isEnd(event) ? endMs(event) : startMs(event));
  const record = {
    timeUnixNano: at,
    observedTimeUnixNano: at,
    ...(event.status === 'failure' ? SEVERITY.error : SEVERITY.info),
    eventName: isEnd(event) ? 'deployment.finished' : 'deployment.started',
    body: { stringValue: clip(titleOf(event), LONGEST_BODY_TEXT) },
    attributes: attributesOf(event, { 'log.record.uid': hex(32, event.id, event.run.attempt, event.status) }),
    traceId: traceId(event),
    spanId: spanId(event),
  };
  return { resourceLogs: [{ resource: resourceOf(event), scopeLogs: [{ scope, logRecords: [record] }] }] };
}

function tracesOf(event: DeployEvent) {
  const failed = event.status === 'failure';
  const span = {
    traceId: traceId(event),
    spanId: spanId(event),
    name: `deploy ${event.service}`,
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: nanos(startMs(event)),
    endTimeUnixNano: nanos(endMs(event)),
    attributes: attributesOf(event, {}),
    status: failed
      ? { code: STATUS.error, message: clip(event.message ?? titleOf(event), LONGEST_BODY_TEXT) }
      : { code: STATUS.ok },
  };
  return { resourceSpans: [{ resource: resourceOf(event), scopeSpans: [{ scope, spans: [span] }] }] };
}
