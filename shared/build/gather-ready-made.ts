import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseReference, platformsOf, type ReadyMadeFacts } from '../image/index.ts';
import { type Descriptor, formatImage, type ImageRef, parseImage } from '../model/index.ts';
import { readSmall } from './base.ts';
import type { GatherRequest } from './gather.ts';
import { LayoutWriter } from './layout.ts';
import type { MadeDocuments } from './made/image.ts';
import { withMadeImage } from './made/open.ts';
import { readRemote } from './made/remote.ts';
import { takeAsItIs } from './made/take.ts';
import { parseConfig, platformName } from './oci.ts';

/**
 * Looks at an image that another program has made: `repository@sha256:…`, or the path of an OCI layout or archive from
 * the service's folder. Of an archive an OCI layout is made, since only that tells its digest. Throws `context-missing`,
 * `image-not-found`, `image-invalid`, and what registries throw.
 */
export async function gatherReadyMade(request: GatherRequest, source: string): Promise<ReadyMadeFacts> {
  const image = parseImage(source);
  return image === undefined ? await onDisk(request, source) : await inRegistry(request, image);
}

async function inRegistry(request: GatherRequest, image: ImageRef): Promise<ReadyMadeFacts> {
  const { repository } = parseReference(formatImage(image));
  const made = await readRemote(request.registry, { ...image, repository });
  const read: ReadConfig = (config) => readSmall(request.registry, repository, config);
  return factsOf(request, made, { from: { repository }, platforms: await platformsIn(made, read) });
}

/** An archive is unpacked next to where images are built, so that it need not be unpacked once more. */
async function onDisk(request: GatherRequest, source: string): Promise<ReadyMadeFacts> {
  const { root, service, scratch } = request;
  const layout = join(scratch, `ready-made-${service.name}`);
  const { facts } = await LayoutWriter.write(layout, async (writer) => {
    const place = { path: resolve(root, service.path, source), shown: source, scratch: await writer.scratch() };
    return await withMadeImage(place, async (made) => {
      const { top } = await takeAsItIs(made, writer);
      const platforms = await platformsIn(made, ({ digest }) => readFile(made.pathOf(digest)));
      return { top, facts: factsOf(request, made, { from: { layout }, platforms }) };
    });
  });
  return facts;
}

type ReadConfig = (config: Descriptor) => Promise<Uint8Array>;

/** As the index lists them, or as the config of the only one says. */
async function platformsIn({ manifests, shown }: MadeDocuments, read: ReadConfig): Promise<readonly string[]> {
  const images = manifests.filter(({ attestation }) => !attestation);
  return await Promise.all(
    images.map(async ({ platform, config }) => platformName(platform ?? parseConfig(await read(config), shown))),
  );
}

function factsOf(
  { service, source, now }: GatherRequest,
  { top }: MadeDocuments,
  found: { readonly from: ReadyMadeFacts['from']; readonly platforms: readonly string[] },
): ReadyMadeFacts {
  return {
    builder: 'source',
    service: service.name,
    settings: service.image,
    base: undefined,
    platforms: platformsOf(found.platforms),
    source,
    now,
    digest: top.digest,
    from: found.from,
  };
}
