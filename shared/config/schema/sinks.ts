import * as z from 'zod';
import { isRecord } from '../../model/index.ts';
import { holdsSecret, json, line, list, NO_SECRET, name, secretReference, span } from './parts.ts';

export const SINK_KINDS = [
  'github',
  'webhook',
  'datadog',
  'grafana',
  'otlp',
  'slack',
  'pushgateway',
  'new-relic',
  'honeycomb',
  'sentry',
  'dynatrace',
  'pagerduty',
  'teams',
  'devlake',
  'postgres',
] as const;

/** Keys whose values are secrets, wherever in a sink they stand. */
const SECRET_KEY = /(^|[-_])(token|secret|password|passwd|key|credentials?|authorization|dsn)$/i;
/** Hosts whose addresses are secrets: who knows one can post there. */
const SECRET_HOST =
  /^https:\/\/(hooks\.slack\.com|[^/]*\.webhook\.office\.com|[^/]*\.logic\.azure\.com(:\d+)?|([^/]*\.)?(powerplatform|powerautomate)\.com(:\d+)?|flow\.microsoft\.com)\//i;

const common = {
  kind: z.enum(SINK_KINDS).describe('The system that events are sent to.'),
  name: line.describe('Name of the sink, for people and for the input `sinks`; default: its kind.').optional(),
  url: z
    .union([line, secretReference], { error: 'must be an address, or `{ env: NAME }` where the address is a secret' })
    .describe('Its address, or `{ env: NAME }` where the address itself is a secret.')
    .optional(),
  environments: list(name).describe('Only events of these environments are sent; default: of all.').optional(),
  required: z.boolean().default(false).describe('Whether a step fails when this sink does not take an event.'),
  timeout: span.prefault('10s').describe('The longest that sending one event may take.'),
};

/** Fields of a kind are free here: the sink of that kind checks them itself. */
const sink = z
  .object(common)
  .catchall(json)
  .superRefine((it, context) => {
    for (const path of literalSecrets(it, [])) {
      context.addIssue({
        code: 'custom',
        path: [...path],
        message: NO_SECRET,
        params: {
          remedy: 'Keep the secret in an environment variable and write `{ env: NAME }`; then replace the secret.',
        },
      });
    }
  });
export type SinkOutput = z.output<typeof sink>;

const unique = (sinks: readonly SinkOutput[]): boolean =>
  new Set(sinks.map((it) => it.name ?? it.kind)).size === sinks.length;

export const sinks = list(sink).refine(unique, {
  error: 'must not have two sinks of one name',
  params: { remedy: 'Give each a `name`.' },
});

type Path = readonly (string | number)[];

function literalSecrets(value: unknown, path: Path): readonly Path[] {
  if (typeof value === 'string') return isSecretText(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => literalSecrets(item, [...path, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    if (SECRET_KEY.test(key)) return secretReference.safeParse(inner).success ? [] : [at];
    return literalSecrets(inner, at);
  });
}

const isSecretText = (text: string): boolean => SECRET_HOST.test(text) || holdsSecret(text);
