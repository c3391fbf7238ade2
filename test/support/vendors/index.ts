import { datadog } from './datadog.ts';
import { grafana } from './grafana.ts';
import { otlp } from './otlp.ts';
import { slack, slackWebhook } from './slack.ts';
import type { Vendor } from './vendor.ts';

/** What stands in for the systems that sinks send to, by a name for tests. */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  datadog,
  grafana,
  otlp,
  slack,
  'slack, incoming webhook': slackWebhook,
};

export { type FakeVendor, type Fault, startVendor, type Vendor } from './vendor.ts';
