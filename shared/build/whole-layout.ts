import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainDisk } from '../io/disk.ts';
import { type Descriptor, type ImageRef, mapBounded, type Registry } from '../model/index.ts';
import { blobsOf, gather } from './copy.ts';
import { blobPath, type Layout, LayoutWriter } from './layout.ts';

/** Blobs that are fetched at the same time. */
const FETCHED_AT_ONCE = 4;

/**
 * Fetches an image into an OCI layout: its manifests as they are, and every blob, hashed on the way.
 *
 * @param directory where the layout goes; what is there is replaced
 * @returns the directory. Throws `image-not-found`, `image-invalid`, `disk-full`, and what registries throw
 */
export async function fetchLayout(registry: Registry, image: ImageRef, directory: string): Promise<string> {
  await LayoutWriter.write(directory, async (writer) => {
    const manifests = await gather(registry, image.repository, image.digest);
    const blobs = new Map(manifests.flatMap(blobsOf).map((it) => [it.digest, it]));
    await mapBounded([...blobs.values()], FETCHED_AT_ONCE, async (it) =>
      writer.copy(it.digest, await registry.blob(image.repository, it)),
    );
    const written: Descriptor[] = [];
    for (const it of manifests) written.push(await writer.raw(it));
    // Children come before the index that names them, so the image itself is the last.
    const top = written.at(-1);
    if (top === undefined) throw new Error('an image has a manifest');
    return { top };
  });
  return directory;
}

/** Fetches what a layout has left to the repositories that it is built upon. Gives its directory. */
export async function completeLayout(registry: Registry, layout: Layout): Promise<string> {
  const { directory, borrowed } = layout;
  const layers = new Map(layout.images.flatMap((it) => it.layers).map((it) => [it.digest, it]));
  await mapBounded([...borrowed], FETCHED_AT_ONCE, async ([digest, repository]) => {
    const blob = layers.get(digest);
    if (blob === undefined) return;
    await save(await registry.blob(repository, blob), blobPath(directory, digest));
  });
  return directory;
}

/** It is under its name only when it is whole, since whoever reads a layout takes what is there for good. */
async function save(chunks: AsyncIterable<Uint8Array>, file: string): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await pipeline(Readable.from(chunks), createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw explainDisk(error, `the image layout at ${file}`);
  }
}
