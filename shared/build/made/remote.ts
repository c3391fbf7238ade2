import {
  formatImage,
  type ImageRef,
  mapBounded,
  type RawManifest,
  type Registry,
  userError,
} from '../../model/index.ts';
import { isIndex, parseIndex } from '../oci.ts';
import { SENT_AT_ONCE } from '../push.ts';
import { type MadeDocuments, madeManifest, unusable } from './image.ts';

/** Reads the documents of an image in a registry. Throws `image-not-found`, `image-invalid`, and what registries throw. */
export async function readRemote(registry: Registry, image: ImageRef): Promise<MadeDocuments> {
  const shown = formatImage(image);
  const read = async (digest: ImageRef['digest']): Promise<RawManifest> => {
    const found = await registry.manifest(image.repository, digest);
    if (found !== undefined) return found;
    throw userError('image-not-found', `${formatImage({ ...image, digest })} is not in its registry.`);
  };
  const top = await read(image.digest);
  if (!isIndex(top.mediaType)) return { top, manifests: [madeManifest(top)], shown };
  const listed = parseIndex(top).manifests;
  const nested = listed.find(({ mediaType }) => isIndex(mediaType));
  if (nested !== undefined) throw unusable(shown, `has an index within its index, ${nested.digest}`);
  const manifests = await mapBounded(listed, SENT_AT_ONCE, async ({ digest, platform }) =>
    madeManifest(await read(digest), platform),
  );
  return { top, manifests, shown };
}
