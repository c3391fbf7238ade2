import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../shared/build/index.ts';
import { pushLayout } from '../../shared/build/push.ts';
import type { Around, RegistryRequest } from '../../shared/demo/registry.ts';
import { type Descriptor, type RawManifest, type Registry, UserError } from '../../shared/model/index.ts';
import { bearerAuth, compose, type Fault, faulty, sha256 } from './registry-faults.ts';
import { OCI_MANIFEST, raw, skippingClock, startWorld, type World } from './registry-world.ts';

/*
 * A registry in a storm: everything that goes wrong with registries, at places that a seed chooses, while an image of
 * three layers is pushed by digest, tagged and read back. What a run may end as stands in `judge`.
 */

/** How a run of a seed ended. */
export interface Ending {
  readonly seed: number;
  /** `late`: the tagging failed when the registry had done it, and nothing that was asked afterwards got through. */
  readonly kind: 'good' | 'error' | 'late';
  /** The code of the error. */
  readonly code: string | undefined;
  readonly faults: number;
}

export interface Storm {
  /** Throws, with the seed in its message, when a run ends as none may. */
  run(seed: number): Promise<Ending>;
  close(): Promise<void>;
}

const BYTES_OF_LAYERS = [70_000, 9_000, 300];
/** A run is calm, rough, or wild. */
const SHARES: readonly [number, ...number[]] = [0.03, 0.15, 0.5];
const RETRY_AFTER: readonly [string, ...string[]] = [
  '0',
  '1',
  '255',
  '256',
  '3600',
  'Fri, 02 Jan 2026 12:00:00 GMT',
  'soon',
  '-1',
  '',
];
const PAGE = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
const IMMUTABLE = '{"errors":[{"code":"TAG_INVALID","message":"the repository is immutable"}]}';

/** Numbers from 0 up to 1 that a seed gives (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(random: () => number, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

/** One of everything that goes wrong. */
function faultFor(request: RegistryRequest, random: () => number): Fault {
  const anywhere: readonly [Fault, ...Fault[]] = [
    'reset',
    'lost',
    { status: 429, headers: { 'Retry-After': pick(random, RETRY_AFTER) } },
    { status: pick(random, [408, 500, 502, 503, 504]), body: PAGE },
    {
      status: pick(random, [400, 403, 404, 405, 409, 412, 418]),
      body: pick(random, [PAGE, '', '{"errors":[{"code":"UNKNOWN"}]}']),
    },
    { status: 401 },
    { status: 200, headers: { 'Content-Type': 'text/html' }, body: PAGE },
    { cutReplyAfter: Math.floor(random() * 300) },
    { change: { 'Docker-Content-Digest': pick(random, ['', sha256('other')]) } },
    { change: { 'Content-Type': pick(random, ['', 'text/html']) } },
    { change: { 'Content-Length': undefined } },
    { change: { 'Docker-Content-Digest': undefined } },
    { change: { 'Content-Type': undefined } },
    { status: 307, headers: { Location: `${request.path}?${request.query}&again=1` } },
  ];
  const whileSending: readonly Fault[] = [
    { cutRequestAfter: Math.floor(random() * 80_000) },
    { keep: 1 + Math.floor(random() * 80_000) },
    { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' },
    { status: 413, body: PAGE },
    { status: 400, body: IMMUTABLE },
    { change: { Location: undefined } },
    { status: 201 },
  ];
  const sends = request.method !== 'GET' && request.method !== 'HEAD';
  return pick(random, sends ? [...anywhere, ...whileSending] : anywhere);
}

/** Starts the registry; odd seeds are run with tokens that are short-lived. */
export async function startStorm(): Promise<Storm> {
  let strike: (request: RegistryRequest) => Fault | undefined = () => undefined;
  let tokens = false;
  const clock = skippingClock();
  const bearer = bearerAuth({ now: clock.now, expiresIn: 5, allow: (_as, scopes) => scopes });
  const login: Around = (request, answer) => (tokens ? bearer.around(request, answer) : answer());
  const world = await startWorld({
    around: compose(
      faulty((request) => strike(request)),
      login,
    ),
    clock,
  });
  const folder = await mkdtemp(join(tmpdir(), 'slipway-storm-'));
  const { layout, manifest } = await imageIn(folder);
  return {
    async run(seed) {
      const share = pick(dice(seed), SHARES);
      const times = new Map<string, number>();
      let faults = 0;
      tokens = seed % 2 === 1;
      // By what is asked and how often it was, not by the order of requests, which differs from run to run.
      strike = (request) => {
        const what = nameOf(request);
        times.set(what, (times.get(what) ?? 0) + 1);
        const random = dice(numberOf(`${seed} ${what} ${times.get(what)}`));
        if (random() >= share) return undefined;
        faults += 1;
        return faultFor(request, random);
      };
      const repository = world.at(`seed-${seed}`);
      const client = world.open({ random: dice(seed + 1) });
      const phase = await pushTagRead(client, repository, layout, manifest);
      strike = () => undefined;
      const kind = await judge(world, repository, manifest, phase).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)} (${phase.name}: ${String(phase.error)})`, { cause: error });
      });
      return { seed, kind, code: phase.error instanceof UserError ? phase.error.code : undefined, faults };
    },
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A request without the ids that a registry makes up. */
const nameOf = ({ method, path, query }: RegistryRequest): string =>
  `${method} ${path.replace(/[0-9a-f-]{36}$/, '').replace(/^\/v2\/[^/]+/, '')} ${query.get('digest') ?? ''}`;

const numberOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE(0);

interface Phase {
  readonly name: 'push' | 'tag' | 'read' | 'done';
  readonly error: unknown;
}

async function pushTagRead(
  client: Registry,
  repository: string,
  layout: Layout,
  manifest: RawManifest,
): Promise<Phase> {
  let name: Phase['name'] = 'push';
  try {
    await pushLayout(client, repository, layout);
    name = 'tag';
    await client.tag(repository, manifest, 'v1');
    name = 'read';
    const there = await client.manifest(repository, 'v1');
    if (there !== undefined && there.digest !== manifest.digest) throw new Error(`it read ${there.digest}`);
    return { name: 'done', error: undefined };
  } catch (error) {
    return { name, error };
  }
}

/** Success is the right image, whole, under its tag. Else there is a named error and no tag, or the tag is right. */
async function judge(world: World, repository: string, manifest: RawManifest, phase: Phase): Promise<Ending['kind']> {
  const calm = world.open();
  const there = await calm.resolve(repository, 'v1');
  if (there !== undefined && there.digest !== manifest.digest) throw new Error(`the tag points at ${there.digest}`);
  if (there !== undefined) await mustBeWhole(calm, repository, manifest);
  if (phase.error !== undefined && !(phase.error instanceof UserError)) throw new Error('the error has no name');
  if (phase.name === 'push' && there !== undefined) throw new Error('there is a tag before the image was whole');
  if ((phase.name === 'done' || phase.name === 'read') && there === undefined) throw new Error('there is no tag');
  if (phase.name === 'done') return 'good';
  return there === undefined || phase.name === 'read' ? 'error' : 'late';
}

async function mustBeWhole(calm: Registry, repository: string, manifest: RawManifest): Promise<void> {
  const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8'));
  for (const it of [config, ...layers]) {
    let size = 0;
    for await (const chunk of await calm.blob(repository, it)) size += chunk.length;
    if (size !== it.size) throw new Error(`${it.digest} is not whole`);
  }
}

async function imageIn(folder: string): Promise<{ layout: Layout; manifest: RawManifest }> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const keep = async (bytes: Uint8Array, mediaType: string): Promise<Descriptor> => {
    const digest = sha256(bytes);
    await writeFile(join(folder, 'blobs', digest.replace(':', '/')), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const layers = await Promise.all(
    BYTES_OF_LAYERS.map((size) => keep(Buffer.alloc(size, `${size} bytes `), 'application/vnd.oci.image.layer.v1.tar')),
  );
  const config = await keep(
    Buffer.from('{"architecture":"amd64","os":"linux"}'),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = raw({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
  const top = await keep(manifest.bytes, OCI_MANIFEST);
  const layout: Layout = { directory: folder, top, images: [{ manifest: top, config, layers }], borrowed: new Map() };
  return { layout, manifest };
}
