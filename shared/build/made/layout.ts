import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../io/disk.ts';
import { type Descriptor, type Digest, isRecord, parseJson, type RawManifest } from '../../model/index.ts';
import { isIndex, parseIndex } from '../oci.ts';
import { type MadeImage, type MadeManifest, madeManifest, unusable } from './image.ts';

/** Bytes of one manifest or index that are read into memory; registries take no more (distribution-spec, 4 MiB). */
const LARGEST_MANIFEST = 4 * 1024 * 1024;

/**
 * Reads the one image of an OCI layout (image-spec, image-layout.md). Manifests are checked against their digests here,
 * the other blobs when they are taken. Throws `image-invalid`.
 *
 * @param shown the layout as people know it, for errors
 */
export async function readLayout(directory: string, shown: string): Promise<MadeImage> {
  const place: Place = { pathOf: (digest) => join(directory, 'blobs', digest.replace(':', '/')), shown };
  const bytes = await readFile(join(directory, 'index.json'));
  const { manifests } = parseIndex({ mediaType: '', digest: sha256(bytes), bytes });
  const [only] = manifests;
  const count = new Set(manifests.map(({ digest }) => digest)).size;
  if (only === undefined || count !== 1) throw unusable(shown, `holds ${count} images, not one`);
  const top = await readRaw(only, place);
  const listed = isIndex(top.mediaType) ? parseIndex(top).manifests : [{ ...only, mediaType: top.mediaType }];
  const read: MadeManifest[] = [];
  for (const it of listed) read.push(await readMade(it, place));
  return { top, manifests: read, pathOf: place.pathOf, shown };
}

type Place = Pick<MadeImage, 'pathOf' | 'shown'>;
type Listed = ReturnType<typeof parseIndex>['manifests'][number];

async function readMade(listed: Listed, place: Place): Promise<MadeManifest> {
  if (isIndex(listed.mediaType)) throw unusable(place.shown, `has an index within its index, ${listed.digest}`);
  return madeManifest(await readRaw(listed, place), listed.platform);
}

async function readRaw(it: Descriptor | Listed, { pathOf, shown }: Place): Promise<RawManifest> {
  if (it.size > LARGEST_MANIFEST) throw unusable(shown, `has a manifest of ${it.size} bytes`);
  const bytes = await readFile(pathOf(it.digest)).catch((thrown: unknown) => {
    throw isErrno(thrown, 'ENOENT') ? unusable(shown, `lacks its ${it.digest}`) : thrown;
  });
  if (sha256(bytes) !== it.digest) throw unusable(shown, `has other bytes under ${it.digest}`);
  return { mediaType: mediaTypeOf(bytes) ?? it.mediaType, digest: it.digest, bytes };
}

/** What a document says that it is; the index of a layout may be less exact. */
function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  return isRecord(value) && typeof value['mediaType'] === 'string' ? value['mediaType'] : undefined;
}

const sha256 = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
