import type { Descriptor, Digest, Platform } from '../../model/index.ts';
import { isRecord, parseJson } from '../../model/index.ts';
import type { Layout, LayoutImage, LayoutWriter } from '../layout.ts';
import { MEDIA, ociLayerType } from '../oci.ts';
import { type MadeImage, type MadeManifest, unusable } from './image.ts';

type Taken = Pick<Layout, 'top' | 'images'>;

/** How blobs come into the layout: those of a folder of our own are moved there. */
type Way = 'move' | 'copy';

/** Takes an image as it is, byte for byte: its digest is what its maker has signed or named. */
export async function takeAsItIs(made: MadeImage, writer: LayoutWriter): Promise<Taken> {
  await takeBlobs(made, made.manifests, 'copy', writer);
  const images: LayoutImage[] = [];
  for (const { raw, config, layers } of made.manifests) {
    images.push({ manifest: await writer.raw(raw), config, layers });
  }
  return { top: await writer.raw(made.top), images };
}

/**
 * Takes the images of a build and puts our annotations on them. Attestations among them are left out: they change with
 * every build, and so would the digest. One platform makes a manifest, several an index; media types are those of OCI.
 */
export async function takeAnnotated(
  made: MadeImage,
  annotations: Readonly<Record<string, string>>,
  writer: LayoutWriter,
): Promise<Taken> {
  const wanted = made.manifests.filter(({ attestation }) => !attestation);
  await takeBlobs(made, wanted, 'move', writer);
  const built: (LayoutImage & { readonly platform: Platform | undefined })[] = [];
  for (const it of wanted) built.push({ ...(await annotate(it, annotations, made, writer)), platform: it.platform });
  const [first, second] = built;
  if (first === undefined) throw unusable(made.shown, 'holds no image');
  const top = second === undefined ? first.manifest : await writeIndex(built, annotations, writer);
  return { top, images: built.map(({ manifest, config, layers }) => ({ manifest, config, layers })) };
}

async function annotate(
  { raw, config, layers }: MadeManifest,
  annotations: Readonly<Record<string, string>>,
  { shown }: MadeImage,
  writer: LayoutWriter,
): Promise<LayoutImage> {
  const given = parseJson(Buffer.from(raw.bytes).toString('utf8'));
  const theirs = isRecord(given) && isRecord(given['annotations']) ? given['annotations'] : {};
  const image = {
    config: { mediaType: MEDIA.config, digest: config.digest, size: config.size },
    layers: layers.map((layer) => ociLayer(layer, shown)),
  };
  const document = { schemaVersion: 2, mediaType: MEDIA.manifest, ...image };
  const manifest = await writer.json({ ...document, annotations: { ...theirs, ...annotations } }, MEDIA.manifest);
  return { manifest, ...image };
}

function ociLayer({ mediaType: given, digest, size }: Descriptor, shown: string): Descriptor {
  const mediaType = ociLayerType(given);
  if (mediaType === undefined) throw unusable(shown, `has a layer of the kind ${given}`);
  return { mediaType, digest, size };
}

function writeIndex(
  built: readonly { readonly manifest: Descriptor; readonly platform: Platform | undefined }[],
  annotations: Readonly<Record<string, string>>,
  writer: LayoutWriter,
): Promise<Descriptor> {
  const manifests = built.map(({ manifest, platform }) => ({ ...manifest, platform }));
  return writer.json({ schemaVersion: 2, mediaType: MEDIA.index, manifests, annotations }, MEDIA.index);
}

async function takeBlobs(
  made: MadeImage,
  manifests: readonly MadeManifest[],
  way: Way,
  writer: LayoutWriter,
): Promise<void> {
  const blobs = new Map<Digest, Descriptor>();
  for (const { config, layers } of manifests) for (const it of [config, ...layers]) blobs.set(it.digest, it);
  for (const blob of blobs.values()) {
    const same = await writer.adopt(blob.digest, made.pathOf(blob.digest), way);
    if (!same) throw unusable(made.shown, `lacks its ${blob.digest}, or has other bytes under it`);
  }
}
