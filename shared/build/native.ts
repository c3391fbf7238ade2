import type { NativeFacts } from '../image/index.ts';
import type { Descriptor, Digest, ImagePlan, Platform, Registry } from '../model/index.ts';
import { type Base, readBase } from './base.ts';
import { fetchBorrowed } from './borrowed.ts';
import type { Builder } from './builder.ts';
import { imageConfig } from './config.ts';
import { writeLayer } from './layer.ts';
import { type Layout, type LayoutImage, LayoutWriter } from './layout.ts';
import { MEDIA } from './oci.ts';

interface OwnLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly to: string;
}

/** Builds images of folders upon a base. */
export const native: Builder<'native'> = {
  build: (facts, { plan, directory }, { registry }) =>
    buildNative(facts, plan, { registry, directory, complete: !plan.push }),
};

/**
 * Builds an image without a daemon: the layers of the base by reference, then one layer for each folder of ours. The
 * same facts give the same digest on every machine with the same zlib. One platform makes a manifest, several an index.
 *
 * @param options.directory where the layout goes; what is there is replaced when the new one is whole
 * @param options.complete whether layers of the base are fetched into the layout; without, they are taken from their
 *   registry when it is pushed
 */
export function buildNative(
  facts: NativeFacts,
  plan: Pick<ImagePlan, 'labels' | 'annotations'>,
  options: { readonly registry: Registry; readonly directory: string; readonly complete: boolean },
): Promise<Layout> {
  return LayoutWriter.write(options.directory, async (writer) => {
    const own = await writeLayers(facts, writer);
    const built: (LayoutImage & { readonly platform: Platform })[] = [];
    const borrowed = new Map<Digest, string>();
    for (const platform of facts.platforms) {
      const base = facts.base && (await readBase(facts.base, platform, options.registry));
      built.push({ ...(await writeImage(facts, plan, { platform, base, own }, writer)), platform });
      for (const layer of base?.layers ?? []) borrowed.set(layer.digest, base?.repository ?? '');
    }
    // What we make ourselves is here, even when the base has it too.
    for (const { descriptor } of own) borrowed.delete(descriptor.digest);
    const layers = built.flatMap((it) => it.layers);
    if (options.complete) await fetchBorrowed(layers, borrowed, options.registry, writer);
    return { directory: options.directory, top: await writeTop(plan, built, writer), images: built, borrowed };
  });
}

async function writeLayers(facts: NativeFacts, writer: LayoutWriter): Promise<readonly OwnLayer[]> {
  const own: OwnLayer[] = [];
  for (const layer of facts.layers) {
    const file = writer.newFile();
    const { digest, size, diffId } = await writeLayer(layer, file);
    await writer.keep(file, digest);
    own.push({ descriptor: { mediaType: MEDIA.layer, digest, size }, diffId, to: layer.to });
  }
  return own;
}

async function writeImage(
  facts: NativeFacts,
  plan: Pick<ImagePlan, 'labels' | 'annotations'>,
  parts: { readonly platform: Platform; readonly base: Base | undefined; readonly own: readonly OwnLayer[] },
  writer: LayoutWriter,
): Promise<LayoutImage> {
  const { platform, base, own } = parts;
  const config = await writer.json(
    imageConfig({ native: facts.native, platform, labels: plan.labels, base, layers: own }),
    MEDIA.config,
  );
  const layers = [...(base?.layers ?? []), ...own.map(({ descriptor }) => descriptor)];
  const { annotations } = plan;
  const document = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers, annotations };
  return { manifest: await writer.json(document, MEDIA.manifest), config, layers };
}

function writeTop(
  plan: Pick<ImagePlan, 'annotations'>,
  built: readonly (LayoutImage & { readonly platform: Platform })[],
  writer: LayoutWriter,
): Promise<Descriptor> {
  const [first, second] = built;
  if (first !== undefined && second === undefined) return Promise.resolve(first.manifest);
  const manifests = built.map(({ manifest, platform }) => ({ ...manifest, platform }));
  const document = { schemaVersion: 2, mediaType: MEDIA.index, manifests, annotations: plan.annotations };
  return writer.json(document, MEDIA.index);
}
