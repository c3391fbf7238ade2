import * as z from 'zod';
import { type DeployEvent, formatIssue, type Json, OUTCOMES, parseJson, type StreamState } from '../model/index.ts';
import {
  artifact,
  checkResult,
  commit,
  evidence,
  hold,
  inDoubt,
  json,
  previous,
  release,
  text,
  time,
} from './schema-parts.ts';
import { targetSettings } from './schema-target.ts';

/** Untyped data enters the room here and nowhere else. Unknown keys are let through: a later version may add some. */
const eventSchema = z.object({
  v: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  stream: text,
  seq: z.int().positive(),
  phase: z.enum(['start', 'finish', 'both']),
  kind: z.enum(['deploy', 'rollback', 'hotfix', 'config', 'flag', 'remove', 'hold', 'release']),
  status: z.enum(['in_progress', 'success', 'failure', 'cancelled', 'unknown', 'superseded']),
  outcome: z.enum(OUTCOMES).nullable(),
  reason: text.nullable(),
  message: text.nullable(),
  service: text,
  team: text.nullable(),
  env: z.object({
    name: text,
    class: z.enum(['production', 'staging', 'development', 'preview']),
    url: text.nullable(),
  }),
  artifact: artifact.nullable(),
  version: text,
  commit: z.object({
    sha: commit,
    repo: text,
    ref: text,
    title: text.nullable(),
    date: z.exactOptional(time.nullable()),
  }),
  prev: previous.nullable(),
  actor: z.object({ login: text, type: z.enum(['user', 'bot']) }),
  strategy: z.object({ type: z.enum(['rolling', 'canary', 'blue-green']) }),
  times: z.object({ started: time, finished: time.nullable() }),
  run: z.object({
    id: text,
    attempt: z.int().positive(),
    job: text,
    url: text.nullable(),
    workflow_ref: text.nullable(),
  }),
  changed: z.boolean(),
  verify: z.object({ result: z.enum(['passed', 'failed', 'none']), checks: z.array(checkResult) }),
  evidence: evidence.nullable(),
  gates: z.object({ overridden: z.array(text) }),
  links: z.object({
    rolls_back: text.nullable(),
    remediates: text.nullable(),
    incident: text.nullable(),
    supersedes: text.nullable(),
  }),
  target: targetSettings.nullable(),
  lease: z.object({ owner: text, expires: time }).nullable(),
  hold: z.exactOptional(z.enum(['digest', 'stream', 'none'])),
  automatic_rollback: z.exactOptional(z.boolean()),
  annotations: z.record(z.string(), json),
});

const stateSchema = z.object({
  v: z.literal(1),
  environment: text,
  service: text,
  repository: text,
  seq: z.int().positive(),
  live: release.nullable(),
  good: z.array(release),
  held: z.array(hold),
  in_doubt: inDoubt.nullable(),
  needs_human: z.object({ event: text, sentence: text }).nullable(),
  updated: time,
});

/** A value, or one sentence that says why there is none. */
export type Parsed<T> = { readonly value: T } | { readonly why: string };

/** Reads the text of `event.json`. */
export const parseEvent = (source: string | undefined): Parsed<DeployEvent> => parse('event.json', eventSchema, source);

/** Reads the text of `state.json`. */
export const parseState = (source: string | undefined): Parsed<StreamState> => parse('state.json', stateSchema, source);

/** The content of `schemas/deploy-event.schema.json`: JSON Schema, draft 2020-12. */
export function eventJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(eventSchema, { io: 'input', target: 'draft-2020-12' });
  return {
    $schema,
    title: 'Slipway deploy event, version 1',
    description: 'The immutable record of one deploy. Keys may be added; a reader ignores those it does not know.',
    ...schema,
  };
}

function parse<T>(file: string, schema: z.ZodType<T>, source: string | undefined): Parsed<T> {
  if (source === undefined) return { why: `${file} is missing` };
  const data = parseJson(source);
  if (data === undefined) return { why: `${file} is not JSON` };
  const result = schema.safeParse(data);
  if (result.success) return { value: result.data };
  return { why: `${file} does not follow its schema (${formatIssue(result.error.issues[0])})` };
}

/** Proof by the compiler that schema and model say the same: adding a key to one alone does not compile. */
type Frozen<T> = [Json] extends [T] ? T : T extends Plain ? T : { readonly [K in keyof T]: Frozen<T[K]> };
type Plain = string | number | boolean | null | undefined;
type Same<A, B> = (<T>() => T extends Frozen<A> ? 1 : 2) extends <T>() => T extends Frozen<B> ? 1 : 2 ? true : false;
const same: { readonly event: Same<z.output<typeof eventSchema>, DeployEvent> } & {
  readonly state: Same<z.output<typeof stateSchema>, StreamState>;
} = { event: true, state: true };
void same;
