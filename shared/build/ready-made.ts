import type { ReadyMadeFacts } from '../image/index.ts';
import type { Descriptor, Digest } from '../model/index.ts';
import { fetchBorrowed } from './borrowed.ts';
import type { Builder, BuildJob, BuildMachine } from './builder.ts';
import { type Layout, LayoutWriter } from './layout.ts';
import type { MadeDocuments } from './made/image.ts';
import { readLayout } from './made/layout.ts';
import { readRemote } from './made/remote.ts';

/** Takes an image that another program has made, byte for byte: what has signed or scanned its digest goes on being true. */
export const readyMade: Builder<'source'> = {
  build: (facts, job, machine) =>
    'layout' in facts.from
      ? fromDisk(facts.from.layout, facts)
      : fromRegistry({ repository: facts.from.repository, digest: facts.digest }, job, machine),
};

async function fromDisk(directory: string, { service }: ReadyMadeFacts): Promise<Layout> {
  const made = await readLayout(directory, `The image of ${service}`);
  return {
    directory,
    top: descriptorOf(made.top),
    images: made.manifests.map(({ raw, config, layers }) => ({ manifest: descriptorOf(raw), config, layers })),
    borrowed: new Map(),
  };
}

/** Its blobs stay where they are until it is pushed: then they are mounted, or stream through this process. */
function fromRegistry(
  image: { readonly repository: string; readonly digest: Digest },
  { directory, plan }: BuildJob,
  { registry }: BuildMachine,
): Promise<Layout> {
  return LayoutWriter.write(directory, async (writer): Promise<Layout> => {
    const made = await readRemote(registry, image);
    const blobs = blobsOf(made);
    const borrowed = new Map(blobs.map(({ digest }) => [digest, image.repository]));
    if (!plan.push) await fetchBorrowed(blobs, borrowed, registry, writer);
    const images = [];
    for (const { raw, config, layers } of made.manifests) {
      images.push({ manifest: await writer.raw(raw), config, layers });
    }
    return { directory, top: await writer.raw(made.top), images, borrowed };
  });
}

const blobsOf = ({ manifests }: MadeDocuments): readonly Descriptor[] =>
  manifests.flatMap(({ config, layers }) => [config, ...layers]);

const descriptorOf = ({ mediaType, digest, bytes }: MadeDocuments['top']): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});
