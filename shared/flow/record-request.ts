import type { InputValues } from '../io/runner/index.ts';
import { type EventKind, type EventLinks, type ImageRef, parseImage, userError } from '../model/index.ts';
import type { recordAction } from './interface/index.ts';

export type RecordInputs = InputValues<typeof recordAction.inputs>;
export type ForeignStatus = 'success' | 'failure' | 'cancelled';

/** What a step tells of a deploy that another tool makes; what is undefined is found out. */
export interface RecordRequest {
  readonly service: string;
  readonly environment: string;
  readonly status: ForeignStatus;
  readonly image: ImageRef | undefined;
  readonly version: string | undefined;
  /** Any name of a commit that git knows. */
  readonly commit: string | undefined;
  readonly kind: EventKind | undefined;
  /** ISO 8601, UTC. */
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
  readonly links: Partial<EventLinks>;
}

/** Reads the inputs. Throws `input-invalid`. */
export function requestOf(inputs: RecordInputs, env: NodeJS.ProcessEnv): RecordRequest {
  return {
    service: required(inputs.service, 'service'),
    environment: required(inputs.environment, 'environment'),
    status: inputs.status ?? jobStatus(env),
    image: imageIn(inputs.image),
    version: inputs.version,
    commit: inputs.commit,
    kind: inputs.kind,
    startedAt: timeIn(inputs['started-at'], 'started-at'),
    finishedAt: timeIn(inputs['finished-at'], 'finished-at'),
    links: {
      ...(inputs.remediates === undefined ? {} : { remediates: inputs.remediates }),
      ...(inputs.incident === undefined ? {} : { incident: inputs.incident }),
    },
  };
}

/** How the job stands, by the input of that name, which `action.yml` fills in. */
export function jobStatus(env: NodeJS.ProcessEnv): ForeignStatus {
  const status = env['INPUT_JOB-STATUS'];
  return status === 'failure' || status === 'cancelled' ? status : 'success';
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw userError('input-invalid', `The input \`${name}\` is needed when there is no \`event\`.`);
}

function imageIn(text: string | undefined): ImageRef | undefined {
  const image = text === undefined ? undefined : parseImage(text);
  if (text === undefined || image !== undefined) return image;
  throw userError('input-invalid', 'The input `image` is no image by digest (`repository@sha256:…`).');
}

function timeIn(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms) && /^\d{4}-\d{2}-\d{2}T/.test(text)) return new Date(ms).toISOString();
  throw userError('input-invalid', `The input \`${name}\` is no ISO 8601 time: ${JSON.stringify(text.slice(0, 60))}.`);
}
