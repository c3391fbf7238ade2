import {
  type Clock,
  type Fetch,
  openRedactor,
  type Random,
  type Registry,
  type RegistryTraffic,
} from '../../model/index.ts';
import { Authenticator } from './auth.ts';
import { Blobs } from './blobs.ts';
import { type Credentials, DockerConfig } from './docker-config.ts';
import { keptOpen } from './keep-alive.ts';
import { Manifests } from './manifests.ts';
import { Referrers } from './referrers.ts';
import { Retrier } from './retry.ts';
import { Session } from './session.ts';
import { listTags } from './tags.ts';
import { Transport } from './transport.ts';

/*
 * The door to registries: a client of the OCI distribution specification 1.1 that needs no daemon and no other program.
 * Credentials are Docker's own, every byte is hashed, what fails in passing is repeated within bounds, and what counts
 * after a failure is what the registry then has.
 */

/** Opens the client; nothing is sent before it is asked for something. One serves all registries of a run. */
export function openRegistry(options: {
  /** DOCKER_CONFIG, HOME, and PATH for credential helpers. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who we are to a host that Docker's configuration knows no login for. */
  readonly otherwise?: ((host: string) => Credentials | undefined) | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  /** Is told each note once: warnings of registries, trouble with credentials. */
  readonly warn?: (line: string) => void;
  /** Is told every secret as soon as it is read: passwords, identity tokens, tokens of a registry. */
  readonly learned?: (secret: string) => void;
}): Registry {
  const traffic: RegistryTraffic = { requests: 0, uploads: 0, uploadedBytes: 0, retries: 0 };
  const { redact, learn } = openRedactor([]);
  const warn = (line: string): void => options.warn?.(redact(line));
  const transport = new Transport(keptOpen(options.fetch), traffic, warn);
  const retrier = new Retrier(options.clock, options.random, traffic);
  const auth = new Authenticator({
    config: loginsOf(new DockerConfig(options.env, warn), options.otherwise),
    transport,
    retrier,
    clock: options.clock,
    learned: (secret) => {
      learn(secret);
      options.learned?.(secret);
    },
    redact,
  });
  const session = new Session(transport, auth, retrier, redact);
  const manifests = new Manifests(session);
  const referrers = new Referrers(session, manifests);
  const blobs = new Blobs(session, traffic);
  return {
    resolve: (repository, reference) => manifests.resolve(repository, reference),
    manifest: (repository, reference) => manifests.manifest(repository, reference),
    hasBlob: (repository, digest) => blobs.has(repository, digest),
    blob: (repository, blob) => blobs.read(repository, blob),
    pushBlob: (repository, digest, body, from) => blobs.push(repository, digest, body, from),
    pushManifest: (repository, manifest) => referrers.push(repository, manifest),
    tag: (repository, manifest, tag) => manifests.tag(repository, manifest, tag),
    tags: (repository) => listTags(session, repository),
    referrers: (repository, subject, artifactType) => referrers.list(repository, subject, artifactType),
    traffic,
  };
}

const loginsOf = (config: DockerConfig, otherwise: (host: string) => Credentials | undefined = () => undefined) => ({
  credentials: async (host: string) => (await config.credentials(host)) ?? otherwise(host),
});
