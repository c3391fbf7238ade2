import { type Descriptor, mapBounded, type Registry, type ReplayableBody, UserError } from '../model/index.ts';
import { blobBody, type Layout, readManifest } from './layout.ts';

/** Blobs and manifests that are sent at the same time. */
export const SENT_AT_ONCE = 4;

/** What became of the blobs of an image. */
export interface PushCounts {
  readonly present: number;
  readonly mounted: number;
  readonly uploaded: number;
  /** Of those that were uploaded. */
  readonly uploadedBytes: number;
}

/**
 * Pushes a layout by digest: blobs, then the manifests of the platforms, then the index. No tag is touched, so that
 * nobody sees an image before it is whole.
 */
export async function pushLayout(registry: Registry, repository: string, layout: Layout): Promise<PushCounts> {
  const counts = await pushBlobs(registry, repository, layout);
  try {
    await pushManifests(registry, repository, layout);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'registry-refused') throw error;
    // A blob that was there may be gone by now (MANIFEST_BLOB_UNKNOWN): registries clean up while others push.
    await pushBlobs(registry, repository, layout);
    await pushManifests(registry, repository, layout);
  }
  return counts;
}

function pushBlobs(registry: Registry, repository: string, layout: Layout): Promise<PushCounts> {
  const blobs = new Map<string, Descriptor>();
  for (const { config, layers } of layout.images) for (const it of [...layers, config]) blobs.set(it.digest, it);
  return sendBlobs(registry, repository, [...blobs.values()], (blob) => {
    const from = layout.borrowed.get(blob.digest);
    if (from !== undefined) return { body: borrowedBody(registry, from, blob), from };
    return { body: blobBody(layout, blob), from: layout.mountable?.get(blob.digest) };
  });
}

/** Sends blobs, some at a time, and counts what became of them. */
export async function sendBlobs(
  registry: Registry,
  repository: string,
  blobs: readonly Descriptor[],
  sourceOf: (blob: Descriptor) => { readonly body: ReplayableBody; readonly from: string | undefined },
): Promise<PushCounts> {
  const results = await mapBounded(blobs, SENT_AT_ONCE, (blob) => {
    const { body, from } = sourceOf(blob);
    return registry.pushBlob(repository, blob.digest, body, from);
  });
  const count = (kind: string) => results.filter((it) => it === kind).length;
  const uploadedBytes = blobs.reduce((sum, { size }, index) => sum + (results[index] === 'uploaded' ? size : 0), 0);
  return { present: count('present'), mounted: count('mounted'), uploaded: count('uploaded'), uploadedBytes };
}

/** A blob of another repository, read from its registry while it is sent to ours, and anew when it is sent again. */
export function borrowedBody(registry: Registry, from: string, blob: Descriptor): ReplayableBody {
  return {
    size: blob.size,
    open: async function* () {
      yield* await registry.blob(from, blob);
    },
  };
}

async function pushManifests(registry: Registry, repository: string, layout: Layout): Promise<void> {
  const children = layout.images.map(({ manifest }) => manifest).filter(({ digest }) => digest !== layout.top.digest);
  await mapBounded(children, SENT_AT_ONCE, async (it) =>
    registry.pushManifest(repository, await readManifest(layout, it)),
  );
  await registry.pushManifest(repository, await readManifest(layout, layout.top));
}
