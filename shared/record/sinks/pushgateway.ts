import * as z from 'zod';
import type { DeployEvent } from '../../model/index.ts';
import { basic, post } from './http.ts';
import { defineSink, secretField, secretOf, sinkInvalid, skipped, textField, urlOf } from './sink.ts';
import { endMs, isEnd, isMarker, startMs } from './words.ts';

const fields = z
  .strictObject({
    job: textField.default('slipway').describe('Value of the label `job`.'),
    username: textField.optional().describe('For HTTP Basic, with `password`.'),
    password: secretField.optional().describe('For HTTP Basic, with `username`.'),
  })
  .meta({
    description:
      'Gauges of the last deploy of each service and environment: `slipway_deploy_last_finished_timestamp_seconds`, `…_last_duration_seconds`, `…_last_success` and `slipway_deploy_info`. Each group holds one deploy, which the next one replaces; for a history use `otlp` or `grafana`.',
    examples: [{ url: 'http://pushgateway.example:9091' }],
  });

/**
 * Prometheus Pushgateway: one group for each stream, replaced by PUT as a whole, so that labels of the deploy before do not
 * stay, and what is sent again changes nothing. https://github.com/prometheus/pushgateway#put-method
 */
export const pushgateway = defineSink(fields, ({ job, username, password }, settings, deps) => {
  if ((username === undefined) !== (password === undefined)) {
    throw sinkInvalid(settings, 'needs `username` and `password`, or neither');
  }
  const base = urlOf(settings, deps).replace(/\/+$/, '');
  const login =
    username === undefined || password === undefined
      ? {}
      : { authorization: basic(username, secretOf(settings, password, deps)) };
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...login };
  return async (event, signal) => {
    if (!isMarker(event) || !isEnd(event)) return skipped('only deploys that have ended are shown');
    const labels = { job, service: event.service, environment: event.env.name };
    const group = Object.entries(labels).map(([name, value]) => `/${name}${labelValue(value)}`);
    await post(
      deps,
      { method: 'PUT', url: `${base}/metrics${group.join('')}`, headers, body: metricsOf(event) },
      signal,
    );
    return { kind: 'sent' };
  };
});

/** A part of the address, in base64 where a plain one would not be read as it is. */
const labelValue = (value: string): string =>
  /^[\w-][\w.-]*$/.test(value)
    ? `/${value}`
    : `@base64/${btoa(String.fromCharCode(...new TextEncoder().encode(value)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')}`;

function metricsOf(event: DeployEvent): string {
  const info = {
    version: event.version,
    commit: event.commit.sha,
    kind: event.kind,
    outcome: event.outcome ?? event.status,
    event: event.id,
  };
  const labels = Object.entries(info).map(([name, value]) => `${name}="${escaped(value)}"`);
  return [
    ...gauge('last_finished_timestamp_seconds', 'When the last deploy ended.', endMs(event) / 1_000),
    ...gauge('last_duration_seconds', 'How long the last deploy took.', (endMs(event) - startMs(event)) / 1_000),
    ...gauge('last_success', 'Whether the last deploy went well.', event.status === 'success' ? 1 : 0),
    ...gauge('info', 'What was deployed last.', 1, `{${labels.join(',')}}`),
    '',
  ].join('\n');
}

const gauge = (name: string, help: string, value: number, labels = ''): readonly string[] => [
  `# HELP slipway_deploy_${name} ${help}`,
  `# TYPE slipway_deploy_${name} gauge`,
  `slipway_deploy_${name}${labels} ${value}`,
];

/** Label values of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
