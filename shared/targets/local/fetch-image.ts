import * as z from 'zod';
import {
  type Descriptor,
  type Digest,
  formatImage,
  type ImageRef,
  isDigest,
  type RawManifest,
  type Registry,
  userError,
} from '../../model/index.ts';
import type { ImageFile } from './files.ts';
import type { ImagesDeps } from './images.ts';

/** Bounds of what is read whole: real configs have some kilobytes. */
const CONFIG_BYTES = 4 * 1024 * 1024;
const LAYERS = 500;

type Layer = Pick<Descriptor, 'digest' | 'size'>;

export interface Fetched {
  readonly config: ImageFile;
  /** From the lowest up. */
  readonly layers: readonly Layer[];
}

// The names are those of image-spec 1.1 (image-index.md, manifest.md, config.md); Docker's media types have the same fields.
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'is no digest');
const descriptor = z.object({ digest, size: z.number().int().nonnegative() });
const platform = z.object({ os: z.string(), architecture: z.string() });
const index = z.object({ manifests: z.array(descriptor.extend({ platform: platform.optional() })) });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor).max(LAYERS) });
const list = z.array(z.string()).nullish();
const config = z.object({
  config: z.object({ Env: list, Entrypoint: list, Cmd: list, WorkingDir: z.string().nullish() }).nullish(),
});

/** Node's names of architectures → those of images. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Reads manifest and config of an image; of an index, the image for this machine. */
export async function fetchImage(image: ImageRef, deps: ImagesDeps): Promise<Fetched> {
  const { registry } = deps;
  const top = await manifestOf(image, registry);
  const own = isIndex(top) ? await manifestOf(choose(image, top, deps.machine), registry) : top;
  const it = read(image, manifest, own.bytes);
  const { config: said } = read(image, config, await whole(image, it.config, registry));
  return {
    layers: it.layers,
    config: {
      v: 1,
      env: said?.Env ?? [],
      entrypoint: said?.Entrypoint ?? [],
      cmd: said?.Cmd ?? [],
      workdir: said?.WorkingDir || '/',
    },
  };
}

/** The bytes of a layer; the signal ends them with an error. */
export async function layerOf(
  image: ImageRef,
  layer: Layer,
  registry: Registry,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const stream = await registry.blob(image.repository, layer);
  return signal === undefined ? stream : untilAborted(stream, signal, formatImage(image));
}

async function* untilAborted(stream: AsyncIterable<Uint8Array>, signal: AbortSignal, name: string) {
  for await (const chunk of stream) {
    if (signal.aborted) throw userError('start-failed', `${name} was not pulled in time.`);
    yield chunk;
  }
}

async function manifestOf(image: ImageRef, registry: Registry): Promise<RawManifest> {
  const found = await registry.manifest(image.repository, image.digest);
  if (found === undefined) throw userError('image-not-found', `The registry does not have ${formatImage(image)}.`);
  return found;
}

const isIndex = ({ mediaType }: RawManifest): boolean => /index|manifest\.list/.test(mediaType);

/**
 * The image for this machine: of its architecture, and of its system or of Linux, since what runs here is often portable
 * (a script and its packages). An index with one image alone gives that one.
 */
function choose(image: ImageRef, top: RawManifest, machine: ImagesDeps['machine']): ImageRef {
  const architecture = ARCHITECTURES[machine.arch] ?? machine.arch;
  const real = read(image, index, top.bytes).manifests.filter((it) => it.platform?.os !== 'unknown');
  const fitting = real.filter((it) => it.platform?.architecture === architecture);
  const system = machine.platform === 'win32' ? 'windows' : machine.platform;
  const found =
    fitting.find((it) => it.platform?.os === system) ??
    fitting.find((it) => it.platform?.os === 'linux') ??
    (real.length === 1 ? real[0] : undefined);
  if (found !== undefined) return { repository: image.repository, digest: found.digest };
  const names = real.map((it) => `${it.platform?.os}/${it.platform?.architecture}`).join(', ');
  throw userError('image-invalid', `${formatImage(image)} has no image for ${system}/${architecture}, only ${names}.`, {
    remedy: 'Build it for the platform of this machine as well.',
  });
}

async function whole(image: ImageRef, it: Layer, registry: Registry): Promise<Uint8Array> {
  if (it.size > CONFIG_BYTES) {
    throw userError('image-invalid', `The config of ${formatImage(image)} has ${it.size} bytes.`);
  }
  const parts: Uint8Array[] = [];
  for await (const part of await registry.blob(image.repository, it)) parts.push(part);
  return Buffer.concat(parts);
}

function read<T>(image: ImageRef, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw userError('image-invalid', `${formatImage(image)} has a part that is not JSON.`, { cause: error });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const place = first?.path.join('.') || 'its root';
  throw userError('image-invalid', `${formatImage(image)} is not as images are, at ${place}: ${first?.message}.`);
}
