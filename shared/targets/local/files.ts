import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { isErrno } from '../../io/disk.ts';
import type { ProcessIdentity } from '../../io/processes.ts';
import { writeWhole } from '../../io/write-whole.ts';
import { type Intent, userError } from '../../model/index.ts';
import { count, digest, image, intent, owner, stream, time } from '../kept.ts';

/*
 * The files of the target, version 1, all in its `directory`. None holds a secret: environments of processes are not kept.
 *
 *   state.json       what shall run: renaming it into place is the commit point of a deploy
 *   intent.json      what a deploy is about to do, and how far it came
 *   lease.json       who may write
 *   stream.json      what the stream of the ledger said when a deploy had last ended
 *   lock/            guards the three against each other (mutex.ts)
 *   images/<hex>/    unpacked images: `rootfs`, and `image.json` with what the image says about running it
 *   processes/       `<id>.pid` (identity, written by the process itself) and `<id>.log` of each process
 */

const identity = z.object({ pid: count, start: z.string(), host: z.string() });

/** One started release: its process is found by `processes/<id>.pid`. */
const instance = z.object({
  id: z.string(),
  image,
  commit: z.string(),
  version: z.string(),
  event: z.string(),
  port: z.number().int().min(1).max(65_535),
  url: z.string(),
  /** For people; null until it is started. */
  pid: count.nullable(),
  /** ISO 8601 UTC. */
  since: time,
});
export type Instance = z.infer<typeof instance>;

const state = z.object({
  v: z.literal(1),
  /** Of the lease that wrote it. */
  sequence: count,
  /** What shall run. */
  live: instance.nullable(),
  /** What settled last: the same, but while a deploy is under way. */
  settled: instance.nullable(),
  /** Digests whose unpacked images are kept for going back, newest first. */
  kept: z.array(digest),
});
export type State = z.infer<typeof state>;

const lease = z.object({
  v: z.literal(1),
  sequence: count,
  owner,
  process: identity,
  since: time,
  /** Milliseconds since 1970, by this machine's clock. */
  renewed: z.number(),
  released: z.boolean(),
});
export type LeaseFile = z.infer<typeof lease>;

const intentFile = z.object({ v: z.literal(1), intent: intent.nullable() });

export const { read: readState, write: writeState } = fileOf(state);
export const { read: readLease, write: writeLease } = fileOf(lease);
export const { read: readStream, write: writeStream } = fileOf(stream);
const { read: readIntentFile, write: writeIntentFile } = fileOf(intentFile);

export async function readIntent(path: string): Promise<Intent | undefined> {
  return (await readIntentFile(path))?.intent ?? undefined;
}
export const writeIntent = (path: string, it: Intent | undefined): Promise<void> =>
  writeIntentFile(path, { v: 1, intent: it ?? null });

/** What an image says about running it. */
const imageFile = z.object({
  v: z.literal(1),
  env: z.array(z.string()),
  entrypoint: z.array(z.string()),
  cmd: z.array(z.string()),
  workdir: z.string(),
});
export type ImageFile = z.infer<typeof imageFile>;
export const { read: readImage, write: writeImage } = fileOf(imageFile);

export const parseIdentity = (path: string, text: string): ProcessIdentity => parse(path, identity, text);

/** A file of one form. The compiler holds that what is written can be read back, and what is read is of the model's type. */
function fileOf<Schema extends z.ZodType>(schema: Schema) {
  return {
    read: (path: string): Promise<z.output<Schema> | undefined> => readJson(path, schema),
    write: (path: string, it: z.input<Schema>): Promise<void> => writeWhole(path, `${JSON.stringify(it, null, 2)}\n`),
  };
}

/** undefined when there is no such file. A file that cannot be read is never taken for one that is not there. */
async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
  try {
    return parse(path, schema, await readFile(path, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parse<Schema extends z.ZodType>(path: string, schema: Schema, text: string): z.output<Schema> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw userError('target-state-invalid', `${path} is not JSON.`, { cause: error });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const place = first?.path.join('.') || 'its root';
  throw userError('target-state-invalid', `${path} is not as it was written, at ${place}: ${first?.message}.`);
}
