import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from '../io/disk.ts';
import { extractTar } from '../io/tar.ts';
import { type Descriptor, type Digest, isRecord, parseJson, type RawManifest, userError } from '../model/index.ts';
import { isIndex, layoutIndex, parseIndex, parseManifest, platformName } from './oci.ts';

/*
 * Images that lie on disk and that another program has made: an OCI layout as a folder or as a tar archive
 * (image-spec, image-layout.md).
 */

/** Bytes of one manifest or index that are read into memory; registries take no more (distribution-spec, 4 MiB). */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const ATTESTATION = 'unknown/unknown';

/** One manifest of an image, read and checked. */
export interface MadeManifest {
  /** As the index lists it: with its platform, where there is one. */
  readonly descriptor: Descriptor;
  readonly raw: RawManifest;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** Whether it says something about another manifest instead of being an image (BuildKit's provenance and SBOM). */
  readonly attestation: boolean;
}

/** An image as another program has left it. */
export interface MadeImage {
  readonly top: RawManifest;
  /** The top itself where it is no index. */
  readonly manifests: readonly MadeManifest[];
  /** Absolute path of the bytes of a blob. */
  readonly pathOf: (digest: Digest) => string;
}

/**
 * Reads the one image of an OCI layout. Its manifests are checked against their digests; its other blobs are when they
 * are taken.
 *
 * @param shown the layout as the configuration has it, for errors
 * Throws `image-invalid`.
 */
export async function readLayout(directory: string, shown: string): Promise<MadeImage> {
  const pathOf = (digest: Digest) => join(directory, 'blobs', digest.replace(':', '/'));
  const index = layoutIndex(await readFile(join(directory, 'index.json')), shown);
  const digests = new Set(index.map(({ digest }) => digest));
  const [only] = index;
  if (only === undefined || digests.size !== 1) throw invalid(shown, `holds ${digests.size} images, not one`);
  const top = await readRaw(pathOf, only, shown);
  const listed = isIndex(top.mediaType) ? parseIndex(top).manifests : [{ ...only, mediaType: top.mediaType }];
  const manifests: MadeManifest[] = [];
  for (const it of listed) manifests.push(await readMade(pathOf, it, shown));
  return { top, manifests, pathOf };
}

type Listed = ReturnType<typeof parseIndex>['manifests'][number];

async function readMade(pathOf: MadeImage['pathOf'], listed: Listed, shown: string): Promise<MadeManifest> {
  if (isIndex(listed.mediaType)) throw invalid(shown, `has an index within its index, ${listed.digest}`);
  const raw = await readRaw(pathOf, listed, shown);
  const { config, layers } = parseManifest(raw);
  const attestation = listed.platform !== undefined && platformName(listed.platform) === ATTESTATION;
  return { descriptor: descriptorOf(listed), raw, config, layers, attestation };
}

/** Without what is undefined: this stands in documents. */
function descriptorOf({ mediaType, digest, size, platform, annotations }: Listed): Descriptor {
  const { os = '', architecture = '', variant } = platform ?? {};
  const where = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform: where }),
  };
}

async function readRaw(
  pathOf: MadeImage['pathOf'],
  it: Pick<Descriptor, 'digest' | 'size' | 'mediaType'>,
  shown: string,
): Promise<RawManifest> {
  if (it.size > LARGEST_MANIFEST) throw invalid(shown, `has a manifest of ${it.size} bytes`);
  const bytes = await readFile(pathOf(it.digest)).catch((thrown: unknown) => {
    throw isErrno(thrown, 'ENOENT') ? invalid(shown, `lacks ${it.digest}`) : thrown;
  });
  const digest = sha256(bytes);
  if (digest !== it.digest) throw invalid(shown, `has other bytes under ${it.digest}`);
  return { mediaType: mediaTypeOf(bytes) ?? it.mediaType, digest, bytes };
}

/** What a document says that it is; the index of a layout may be less exact. */
function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  return isRecord(value) && typeof value['mediaType'] === 'string' ? value['mediaType'] : undefined;
}
