import { type EarlierImage, keyTag, type Lookup, readParts } from '../image/index.ts';
import { formatRepository, parseRepository, type Registry, UserError } from '../model/index.ts';
import { annotationsIn, inspect, type Wanted } from './inspect.ts';

/** Tags that are asked for an earlier image: it only explains why one is built. */
const MOST_TRIED = 4;

/**
 * Asks the registry for an image of this content, and reads it back whole. What goes wrong is told, not thrown: whether
 * to build then is decided with everything else.
 *
 * @param wanted.earlier tags of images of the service, one of which tells what has changed when there is none
 */
export async function lookUp(
  registry: Registry,
  wanted: Wanted & { readonly repository: string; readonly earlier?: readonly string[] },
): Promise<Lookup> {
  const repository = formatRepository(parseRepository(wanted.repository));
  try {
    const found = await inspect(registry, repository, keyTag(wanted.key), wanted);
    if (found.kind === 'whole') return { kind: 'found', image: { repository, digest: found.manifest.digest } };
    if (found.kind === 'unusable') return found;
    return { kind: 'missing', earlier: await findEarlier(registry, repository, wanted.earlier ?? []) };
  } catch (error) {
    const [problem] = error instanceof UserError ? error.problems : [];
    if (problem === undefined) throw error;
    if (problem.code === 'image-invalid') return { kind: 'unusable', why: problem.sentence };
    return { kind: problem.code === 'registry-denied' ? 'denied' : 'failed', problem };
  }
}

/** The first that carries the parts of its key. Whatever is wrong with one is no reason to do anything but build. */
async function findEarlier(
  registry: Registry,
  repository: string,
  tags: readonly string[],
): Promise<EarlierImage | undefined> {
  for (const tag of tags.slice(0, MOST_TRIED)) {
    const parts = await partsUnder(registry, repository, tag);
    if (parts !== undefined) return { tag, parts };
  }
  return undefined;
}

async function partsUnder(registry: Registry, repository: string, tag: string) {
  const manifest = await registry.manifest(repository, tag);
  try {
    return manifest === undefined ? undefined : readParts(annotationsIn(manifest));
  } catch (error) {
    if (error instanceof UserError && error.code === 'image-invalid') return undefined;
    throw error;
  }
}
