import type { SinkKind } from './sink.ts';

/**
 * The sinks there are, each loaded when the configuration has one of it. A new one is a file beside these that exports what
 * `defineSink` gives, and its line here: the checks of its fields, time limits, retries, results and `required` come from
 * sink.ts and project.ts.
 */
export const KINDS: Readonly<Record<string, () => Promise<SinkKind>>> = {
  datadog: async () => (await import('./datadog.ts')).datadog,
  devlake: async () => (await import('./devlake.ts')).devlake,
  dynatrace: async () => (await import('./dynatrace.ts')).dynatrace,
  github: async () => (await import('./github.ts')).github,
  grafana: async () => (await import('./grafana.ts')).grafana,
  honeycomb: async () => (await import('./honeycomb.ts')).honeycomb,
  'new-relic': async () => (await import('./new-relic.ts')).newRelic,
  otlp: async () => (await import('./otlp.ts')).otlp,
  pagerduty: async () => (await import('./pagerduty.ts')).pagerduty,
  pushgateway: async () => (await import('./pushgateway.ts')).pushgateway,
  sentry: async () => (await import('./sentry.ts')).sentry,
  slack: async () => (await import('./slack.ts')).slack,
  teams: async () => (await import('./teams.ts')).teams,
  webhook: async () => (await import('./webhook.ts')).webhook,
};
