import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { isErrno } from '../../io/disk.ts';
import { decompressed } from '../../io/inflate.ts';
import { canonicalJson, type Descriptor, type Digest, mapBounded, parseJson } from '../../model/index.ts';
import { packLayer } from '../layer.ts';
import { MEDIA, parseConfig } from '../oci.ts';
import { type MadeImage, unusable } from './image.ts';

/** Layers that are compressed at the same time: as many as a small machine has processors. */
const PACKED_AT_ONCE = 2;

/** `manifest.json` of an archive of `docker save` (moby, image/tarexport). Paths are from its root. */
const contents = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) }));

/**
 * Reads the one image of an unpacked archive of `docker save`, which has no manifest: one of the OCI kind is made of it,
 * with layers compressed as ours are, so that the same archive gives the same digest on every machine. The config stays
 * byte for byte. Throws `image-invalid`.
 *
 * @param directory the unpacked archive; blobs are added to it
 */
export async function readDockerArchive(directory: string, shown: string): Promise<MadeImage> {
  const listed = contents.safeParse(parseJson(await readFile(join(directory, 'manifest.json'), 'utf8')));
  if (!listed.success) throw unusable(shown, 'has a manifest.json that is not of `docker save`');
  const [image] = listed.data;
  if (image === undefined || listed.data.length !== 1) throw unusable(shown, `holds ${listed.data.length} images`);
  const inside = (path: string) => placeOf(directory, path, shown);
  const pathOf = (digest: Digest) => join(directory, 'packed', digest.replace(':', '-'));
  await mkdir(join(directory, 'packed'));
  const config = await readConfig(inside(image.Config), pathOf, shown);
  if (config.diffIds.length !== image.Layers.length) throw unusable(shown, 'lists other layers than its config');
  const layers = await mapBounded([...image.Layers.entries()], PACKED_AT_ONCE, ([at, path]) =>
    pack(inside(path), `${directory}/packed/layer-${at}`, { pathOf, shown, diffId: config.diffIds[at] }),
  );
  return madeOf(config.descriptor, layers, pathOf, shown);
}

/** What an archive says of its own files is not believed: it may come from anywhere. */
function placeOf(directory: string, path: string, shown: string): string {
  const short = posix.normalize(path);
  if (posix.isAbsolute(short) || short === '..' || short.startsWith('../')) {
    throw unusable(shown, `names the file ${JSON.stringify(path)}, which leads out of it`);
  }
  return join(directory, short);
}

function madeOf(
  config: Descriptor,
  layers: readonly Descriptor[],
  pathOf: MadeImage['pathOf'],
  shown: string,
): MadeImage {
  const bytes = Buffer.from(canonicalJson({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }));
  const top = { mediaType: MEDIA.manifest, digest: sha256(bytes), bytes };
  return { top, manifests: [{ raw: top, config, layers, attestation: false }], pathOf, shown };
}

async function readConfig(
  file: string,
  pathOf: MadeImage['pathOf'],
  shown: string,
): Promise<{ readonly descriptor: Descriptor; readonly diffIds: readonly string[] }> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw isErrno(thrown, 'ENOENT') ? unusable(shown, 'lacks its config') : thrown;
  });
  const digest = sha256(bytes);
  await copyFile(file, pathOf(digest));
  const { diff_ids: diffIds } = parseConfig(bytes, shown).rootfs;
  return { descriptor: { mediaType: MEDIA.config, digest, size: bytes.length }, diffIds };
}

async function pack(
  file: string,
  packed: string,
  wanted: { readonly pathOf: MadeImage['pathOf']; readonly shown: string; readonly diffId: string | undefined },
): Promise<Descriptor> {
  const { pathOf, shown, diffId } = wanted;
  const there = await stat(file).catch(() => undefined);
  if (there?.isFile() !== true) throw unusable(shown, `lacks the layer ${diffId}`);
  // Some tools put compressed layers into such an archive.
  const layer = await packLayer(Readable.from(decompressed(createReadStream(file))), packed);
  if (layer.diffId !== diffId) throw unusable(shown, `has other bytes in the layer ${diffId}`);
  await rename(packed, pathOf(layer.digest));
  return { mediaType: MEDIA.layer, digest: layer.digest, size: layer.size };
}

const sha256 = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
