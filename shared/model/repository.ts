import { userError } from './problem.ts';

/** A repository of a registry, its parts checked and in lower case. */
export interface Repository {
  /** Host and port, such as `ghcr.io` or `127.0.0.1:5000`. */
  readonly host: string;
  /** Path within the registry, such as `acme/shop/checkout`. */
  readonly path: string;
}

/** Clients of the field refuse longer ones (distribution-spec, "Pulling manifests"). */
const LONGEST_REPOSITORY = 255;
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/;
/** `<name>` of distribution-spec 1.1. */
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HUB = 'docker.io';

/**
 * Reads `host[:port]/path` without tag or digest. A name without a host is one of Docker Hub, as in Dockerfiles
 * (`node` is `docker.io/library/node`). Upper case becomes lower: `github.repository` has it, registries do not.
 * Throws `config-invalid`.
 */
export function parseRepository(text: string): Repository {
  const repository = split(text.trim().toLowerCase());
  const wrong = faultOf(repository);
  if (wrong !== undefined) {
    throw userError('config-invalid', `\`${text}\` is no repository of a registry: ${wrong}.`, {
      remedy: 'Write it like ghcr.io/owner/name.',
    });
  }
  return repository;
}

/** `host/path`: the form that repositories have everywhere else. */
export const formatRepository = ({ host, path }: Repository): string => `${host}/${path}`;

function split(text: string): Repository {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const hosted = /[.:]/.test(first) || first === 'localhost';
  const host = hosted ? first.replace(/^(?:index|registry-1)\.docker\.io$/, HUB) : HUB;
  const path = hosted ? text.slice(slash + 1) : text;
  return { host, path: host === HUB && !path.includes('/') ? `library/${path}` : path };
}

function faultOf(repository: Repository): string | undefined {
  if (!HOST.test(repository.host)) return `\`${repository.host}\` is no host`;
  if (!PATH.test(repository.path)) {
    return `\`${repository.path}\` may hold lower case letters, digits and single \`.\`, \`_\`, \`-\` between them`;
  }
  const { length } = formatRepository(repository);
  return length > LONGEST_REPOSITORY ? `it has ${length} characters, more than ${LONGEST_REPOSITORY}` : undefined;
}
