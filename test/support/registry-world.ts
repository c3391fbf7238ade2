import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach } from '@jest/globals';
import { type Around, type RunningRegistry, startRegistry } from '../../shared/demo/registry.ts';
import { openRegistry } from '../../shared/io/registry/index.ts';
import type { Clock, Fetch, RawManifest, Registry, ReplayableBody } from '../../shared/model/index.ts';
import { sha256 } from './registry-faults.ts';

/** A clock on which sleeping takes no time. */
export function skippingClock(
  start = Date.UTC(2026, 0, 1),
): Clock & { readonly slept: number[]; advance(ms: number): void } {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

export interface World {
  readonly server: RunningRegistry;
  readonly client: Registry;
  readonly clock: ReturnType<typeof skippingClock>;
  readonly warnings: string[];
  readonly directory: string;
  /** `host/path` of this server. */
  at(path: string): string;
  /** Another client of the same server. */
  open(options?: { env?: Record<string, string>; fetch?: Fetch; random?: () => number }): Registry;
  close(): Promise<void>;
}

/** A registry on loopback in a folder of its own, and a client of it whose clock does not wait. */
export async function startWorld(
  options: {
    around?: Around;
    env?: Record<string, string>;
    random?: () => number;
    clock?: ReturnType<typeof skippingClock>;
  } = {},
): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const server = await startRegistry({ directory, ...(options.around ? { around: options.around } : {}) });
  const clock = options.clock ?? skippingClock();
  const warnings: string[] = [];
  const open: World['open'] = (more = {}) =>
    openRegistry({
      env: more.env ?? options.env ?? {},
      fetch: more.fetch ?? globalThis.fetch,
      clock,
      random: more.random ?? options.random ?? (() => 0.5),
      warn: (line) => warnings.push(line),
    });
  const close = async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { server, client: open(), clock, warnings, directory, at: (path) => `${server.host}/${path}`, open, close };
}

export const bodyFrom = (bytes: Uint8Array, piece = 16 * 1024): ReplayableBody => ({
  size: bytes.length,
  open: () =>
    Readable.from(
      Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) => bytes.subarray(at * piece, (at + 1) * piece)),
    ),
});

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export function raw(value: object, mediaType = OCI_MANIFEST): RawManifest {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: sha256(bytes), bytes };
}

/** A small image: its blobs and its manifest. */
export function sampleImage(text: string): { blobs: readonly Buffer[]; manifest: RawManifest } {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, text }),
  );
  const layer = Buffer.from(text.repeat(1_000));
  const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const manifest = raw({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  return { blobs: [config, layer], manifest };
}

/** Pushes a whole sample image by digest. */
export async function pushSample(client: Registry, repository: string, text: string): Promise<RawManifest> {
  const { blobs, manifest } = sampleImage(text);
  for (const blob of blobs) await client.pushBlob(repository, sha256(blob), bodyFrom(blob));
  await client.pushManifest(repository, manifest);
  return manifest;
}

export const collect = (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => buffer(Readable.from(chunks));

/** Requests that the server saw, as `METHOD kind`: digests and ids left out. */
export function seen(server: RunningRegistry): string[] {
  return server.requests.map(({ method, path, status }) => {
    const short = path.replace(/sha256:[0-9a-f]{64}/, 'DIGEST').replace(/[0-9a-f-]{36}$/, 'ID');
    return `${method} ${short} ${status}`;
  });
}

/** Starts worlds that are closed after the test that they are of. */
export function worldsOfTests(): (options?: Parameters<typeof startWorld>[0]) => Promise<World> {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  return async (options = {}) => {
    const world = await startWorld(options);
    worlds.push(world);
    return world;
  };
}
