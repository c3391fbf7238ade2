import { type EarlierImage, keyTag, type Lookup, readParts } from '../image/index.ts';
import { formatRepository, parseRepository, type Registry, UserError } from '../model/index.ts';
import { annotationsIn, inspect, type Wanted } from './inspect.ts';
import { prove, type Trust } from './trust/verifier.ts';

/** Tags that are asked for an earlier image: it only explains why one is built. */
const MOST_TRIED = 4;

interface LookUpRequest extends Wanted {
  readonly repository: string;
  /** Tags of images of the service, one of which tells what has changed when there is none. */
  readonly earlier?: readonly string[];
}

/**
 * Asks the registry for an image of this content, reads it back whole, and looks whose it is. What goes wrong is told, not
 * thrown: whether to build then is decided with everything else.
 */
export async function lookUp(registry: Registry, wanted: LookUpRequest, trust: Trust): Promise<Lookup> {
  if (trust.kind === 'proven' && trust.verifiers.length === 0) return { kind: 'unprovable', why: trust.why };
  try {
    return await find(registry, wanted, trust);
  } catch (error) {
    const [problem] = error instanceof UserError ? error.problems : [];
    if (problem === undefined) throw error;
    if (problem.code === 'image-invalid') return { kind: 'unusable', why: problem.sentence };
    return { kind: problem.code === 'registry-denied' ? 'denied' : 'failed', problem };
  }
}

async function find(registry: Registry, wanted: LookUpRequest, trust: Trust): Promise<Lookup> {
  const repository = formatRepository(parseRepository(wanted.repository));
  const found = await inspect(registry, repository, keyTag(wanted.key), wanted);
  if (found.kind === 'unusable') return found;
  if (found.kind === 'missing')
    return { kind: 'missing', earlier: await findEarlier(registry, repository, wanted.earlier ?? []) };
  const image = { repository, digest: found.manifest.digest };
  const proof = await prove(trust, image, wanted.key);
  return proof.kind === 'proven' ? { kind: 'found', image, by: proof.by } : { kind: 'unproven', why: proof.why };
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
