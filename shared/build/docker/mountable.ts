import type { DockerFacts } from '../../image/index.ts';
import { type Digest, type ImageRef, messageOf, parseRepository, UserError } from '../../model/index.ts';
import type { BuildMachine } from '../builder.ts';
import { readRemote } from '../made/remote.ts';

/** Images whose layers are looked up; an image stands upon one or two. */
const MOST_IMAGES = 8;

/**
 * Layers of what an image is built upon that lie in another repository of the registry that it goes to: they are mounted
 * there instead of sent. It only spares time, so where a registry does not tell, nothing is mounted.
 *
 * @param repository where the image goes to
 */
export async function mountableLayers(
  { base, pins }: DockerFacts,
  repository: string,
  { registry, log }: BuildMachine,
): Promise<ReadonlyMap<Digest, string>> {
  const { host } = parseRepository(repository);
  const near = (image: ImageRef) => image.repository !== repository && parseRepository(image.repository).host === host;
  const images = [...(base === undefined ? [] : [base]), ...pins.map(({ image }) => image)].filter(near);
  const found = new Map<Digest, string>();
  for (const image of images.slice(0, MOST_IMAGES)) {
    try {
      const { manifests } = await readRemote(registry, image);
      for (const { layers } of manifests) for (const { digest } of layers) found.set(digest, image.repository);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.debug(`No layers are mounted from ${image.repository}: ${messageOf(error)}`);
    }
  }
  return found;
}
