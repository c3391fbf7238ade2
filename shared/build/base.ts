import { formatPlatform } from '../image/index.ts';
import {
  type Descriptor,
  formatImage,
  type ImageRef,
  type Platform,
  type RawManifest,
  type Registry,
  userError,
} from '../model/index.ts';
import { type Config, isIndex, ociLayerType, parseConfig, parseIndex, parseManifest, platformName } from './oci.ts';

/** What attestations are called that stand among the children. */
const ATTESTATION = 'unknown/unknown';
/** Bytes of a config that are read into memory. */
const LONGEST_CONFIG = 8 * 1024 * 1024;

/** An image to build upon, for one platform. */
export interface Base {
  readonly repository: string;
  readonly config: Config;
  /** With OCI media types. */
  readonly layers: readonly Descriptor[];
}

/** Reads the base for one platform, pinned by its digest. Throws `image-not-found`, `image-invalid`. */
export async function readBase(base: ImageRef, platform: Platform, registry: Registry): Promise<Base> {
  const top = await manifestOf(registry, base);
  const raw = isIndex(top.mediaType) ? await childFor(registry, base, top, platform) : top;
  const manifest = parseManifest(raw);
  const config = parseConfig(await readSmall(registry, base.repository, manifest.config), formatImage(base));
  mustRunOn(config, platform, base);
  return { repository: base.repository, config, layers: manifest.layers.map((layer) => ociLayer(layer, base)) };
}

async function manifestOf(registry: Registry, image: ImageRef): Promise<RawManifest> {
  const found = await registry.manifest(image.repository, image.digest);
  if (found !== undefined) return found;
  throw userError('image-not-found', `The base image ${formatImage(image)} is not in its registry.`);
}

function childFor(registry: Registry, base: ImageRef, top: RawManifest, platform: Platform): Promise<RawManifest> {
  const children = parseIndex(top).manifests.flatMap((it) =>
    it.platform === undefined ? [] : [{ ...it, name: platformName(it.platform) }],
  );
  const child = children.find(({ name }) => name === formatPlatform(platform));
  if (child !== undefined) return manifestOf(registry, { repository: base.repository, digest: child.digest });
  const names = [...new Set(children.map(({ name }) => name))].filter((name) => name !== ATTESTATION).join(', ');
  throw userError(
    'image-not-found',
    `The base image ${formatImage(base)} has no ${formatPlatform(platform)}; it has ${names}.`,
    {
      remedy: 'Take the platform out of `image.platforms`, or use another base.',
    },
  );
}

function mustRunOn(config: Config, platform: Platform, base: ImageRef): void {
  if (config.os === platform.os && config.architecture === platform.architecture) return;
  throw userError(
    'image-not-found',
    `The base image ${formatImage(base)} is for ${config.os}/${config.architecture}, not for ${formatPlatform(platform)}.`,
    { remedy: 'Take the platform out of `image.platforms`, or use another base.' },
  );
}

function ociLayer(layer: Descriptor, base: ImageRef): Descriptor {
  const mediaType = ociLayerType(layer.mediaType);
  if (mediaType !== undefined) return { ...layer, mediaType };
  throw userError(
    'image-invalid',
    `The base image ${formatImage(base)} has a layer of the kind ${layer.mediaType}, which cannot be built upon.`,
  );
}

/** Reads a config. Throws `image-invalid` for one that is too large to be one. */
export async function readSmall(registry: Registry, repository: string, blob: Descriptor): Promise<Uint8Array> {
  if (blob.size > LONGEST_CONFIG) throw userError('image-invalid', `A config of ${repository} has ${blob.size} bytes.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await registry.blob(repository, blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
