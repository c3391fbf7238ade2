import * as z from 'zod';
import type { Json } from '../model/index.ts';
import { targetSettings } from './schema-target.ts';

/*
 * The parts that events and states share. Texts have no length here but a very generous one: a writer cuts (bound.ts),
 * a reader only keeps nonsense out.
 */

const LONGEST_TEXT = 16_384;

export const text = z.string().max(LONGEST_TEXT);
/** ISO 8601 in UTC, with a `Z`. */
export const time = z.iso.datetime();
export const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const digest = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)]);
export const json: z.ZodType<Json> = z.json();

export const artifact = z.object({ name: text, digest, purl: text });
export const previous = z.object({ event_id: text, version: text, commit, digest: digest.nullable() });

export const checkResult = z.object({
  name: text,
  passed: z.boolean(),
  seen: text,
  attempts: z.int().nonnegative(),
  durationMs: z.number().nonnegative(),
});

export const evidence = z.object({ summary: text, checks: z.array(checkResult), log: z.array(text) });

export const release = z.object({
  image: z.object({ repository: text, digest }),
  commit,
  version: text,
  event: text,
  since: time,
  by: text,
  target: targetSettings,
});

export const hold = z.object({ digest: digest.nullable(), event: text, since: time, by: text, reason: text });

export const inDoubt = z.object({
  event: text,
  mode: z.exactOptional(z.enum(['deploy', 'rollback', 'remove'])),
  automatic: z.exactOptional(z.boolean()),
  release,
  started: time,
  owner: text,
  expires: z.exactOptional(time),
});
