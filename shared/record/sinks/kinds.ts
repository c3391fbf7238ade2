import type { SinkKind } from './sink.ts';

/**
 * The sinks there are, each loaded when the configuration has one of it. A new one is a file beside these that exports what
 * `defineSink` gives, and its line here: the checks of its fields, time limits, retries, results and `required` come from
 * sink.ts and project.ts.
 */
export const KINDS: Readonly<Record<string, () => Promise<SinkKind>>> = {
  datadog: async () => (await import('./datadog.ts')).datadog,
  github: async () => (await import('./github.ts')).github,
  grafana: async () => (await import('./grafana.ts')).grafana,
  otlp: async () => (await import('./otlp.ts')).otlp,
  slack: async () => (await import('./slack.ts')).slack,
  webhook: async () => (await import('./webhook.ts')).webhook,
};
