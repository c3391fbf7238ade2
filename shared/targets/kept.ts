import * as z from 'zod';
import {
  type Digest,
  isDigest,
  isReasonCode,
  isRecord,
  type ReasonCode,
  type StreamState,
  type TargetSettings,
} from '../model/index.ts';

/*
 * What every target keeps for the runs that come after: the intent of a deploy and what its stream said. Written by this
 * program; the compiler holds that what is read is of the model's type.
 */

export const time = z.string();
export const count = z.number().int().nonnegative();
export const owner = z.object({
  id: z.string(),
  url: z
    .string()
    .optional()
    .transform((url) => url),
});
export const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'is no digest');
const reason = z.custom<ReasonCode>((value) => typeof value === 'string' && isReasonCode(value), 'is no reason code');
export const image = z.object({ repository: z.string(), digest });
/** Written by this program, from settings that were checked: what kind it is tells that it is one. */
const settings = z.custom<TargetSettings>((value) => isRecord(value) && typeof value['kind'] === 'string');

const release = z.object({
  image,
  commit: z.string(),
  version: z.string(),
  event: z.string(),
  since: time,
  by: z.string(),
  target: settings,
});

const check = z.object({
  name: z.string(),
  passed: z.boolean(),
  seen: z.string(),
  attempts: count,
  durationMs: z.number(),
});
const evidence = z.object({
  summary: z.string(),
  checks: z.array(check).readonly(),
  log: z.array(z.string()).readonly(),
});

const hold = z.object({
  digest: digest.nullable(),
  event: z.string(),
  since: time,
  by: z.string(),
  reason: z.string(),
});
export const stream = z.object({
  v: z.literal(1),
  environment: z.string(),
  service: z.string(),
  repository: z.string(),
  seq: count,
  live: release.nullable(),
  good: z.array(release),
  held: z.array(hold),
  // It is kept when a deploy has ended.
  in_doubt: z.null(),
  needs_human: z.object({ event: z.string(), sentence: z.string() }).nullable(),
  updated: time,
});

const steps = ['intended', 'prepared', 'applied', 'verified', 'reverting', 'reverted', 'revert-failed'] as const;
const failure = z.object({ reason, sentence: z.string(), evidence: evidence.optional().transform((it) => it) });
export const intent = z.object({
  event: z.string(),
  mode: z.enum(['deploy', 'rollback', 'remove']),
  automatic: z.boolean(),
  owner,
  sequence: count,
  release,
  previous: release.optional().transform((it) => it),
  step: z.enum(steps),
  startedAt: time,
  failure: z.exactOptional(failure),
});

/** The state of a stream as it is kept: nothing is in doubt in it. */
export const keptStream = ({ good, held, ...rest }: StreamState): z.input<typeof stream> => ({
  ...rest,
  good: [...good],
  held: [...held],
  in_doubt: null,
});
