import { isName, type StreamName } from '../model/index.ts';

/** All streams of the first version of the ledger lie below this. */
export const STREAM_PREFIX = 'refs/slipway/v1/';
/** The branch that the fold writes; it can be protected, refs under {@link STREAM_PREFIX} cannot. */
export const LEDGER_BRANCH = 'refs/heads/slipway-ledger';

/**
 * The ref of a stream: `refs/slipway/v1/<environment>/<service>`, in a ledger shared by repositories
 * `refs/slipway/v1/<environment>/<owner>/<repo>/<service>` with its last three as one encoded part.
 * Everything but `[A-Za-z0-9_-]` is percent-encoded, `.` too: git refuses names such as `x.lock` and `a..b`.
 */
export function streamRef(name: StreamName): string {
  const last = name.repository === undefined ? name.service : `${name.repository}/${name.service}`;
  return `${streamsOf(name.environment)}${encodePart(last)}`;
}

/** Reads a ref back; undefined when it is none that {@link streamRef} makes. */
export function parseStreamRef(ref: string): StreamName | undefined {
  if (!ref.startsWith(STREAM_PREFIX)) return undefined;
  const [environment = '', last = '', ...rest] = ref.slice(STREAM_PREFIX.length).split('/').map(decodePart);
  if (rest.length > 0) return undefined;
  const parts = last.split('/');
  const service = parts.at(-1) ?? '';
  const repository = parts.length === 3 ? parts.slice(0, 2).join('/') : undefined;
  const name = { environment, service, repository };
  const wellFormed = isName(environment) && isName(service) && (parts.length === 1 || parts.length === 3);
  return wellFormed && streamRef(name) === ref ? name : undefined;
}

/** The prefix of all streams of one environment. */
export const streamsOf = (environment: string): string => `${STREAM_PREFIX}${encodePart(environment)}/`;

/** The stream as events and people name it: `environment/service`. */
export const streamLabel = (name: StreamName): string => `${name.environment}/${name.service}`;

function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign: not one of ours, and the empty name is refused by the caller.
    return '';
  }
}
