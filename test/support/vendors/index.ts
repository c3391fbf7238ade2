import { datadog } from './datadog.ts';
import { devlake } from './devlake.ts';
import { dynatrace } from './dynatrace.ts';
import { grafana } from './grafana.ts';
import { honeycomb } from './honeycomb.ts';
import { newRelic } from './new-relic.ts';
import { otlp } from './otlp.ts';
import { pagerduty } from './pagerduty.ts';
import { pushgateway } from './pushgateway.ts';
import { sentry } from './sentry.ts';
import { slack, slackWebhook } from './slack.ts';
import { teams } from './teams.ts';
import type { Vendor } from './vendor.ts';

/** What stands in for the systems that sinks send to, by a name for tests. */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  datadog,
  devlake,
  dynatrace,
  grafana,
  honeycomb,
  'new-relic': newRelic,
  otlp,
  pagerduty,
  pushgateway,
  sentry,
  slack,
  'slack, incoming webhook': slackWebhook,
  teams,
};

export { type FakeVendor, type Fault, startVendor, type Vendor } from './vendor.ts';
