import type { Descriptor, Digest, Registry } from '../model/index.ts';
import type { LayoutWriter } from './layout.ts';

/** Fetches blobs that a layout only names into it, and takes them out of those that are borrowed. */
export async function fetchBorrowed(
  blobs: readonly Descriptor[],
  borrowed: Map<Digest, string>,
  registry: Registry,
  writer: LayoutWriter,
): Promise<void> {
  for (const blob of blobs) {
    const repository = borrowed.get(blob.digest);
    if (repository === undefined) continue;
    await writer.copy(blob.digest, await registry.blob(repository, blob));
    borrowed.delete(blob.digest);
  }
}
