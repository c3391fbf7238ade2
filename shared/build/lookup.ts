import { keyTag, type Lookup } from '../image/index.ts';
import { formatRepository, parseRepository, type Registry, UserError } from '../model/index.ts';
import { inspect, type Wanted } from './inspect.ts';

/**
 * Asks the registry for an image of this content, and reads it back whole. What goes wrong is told, not thrown: whether
 * to build then is decided with everything else.
 */
export async function lookUp(registry: Registry, wanted: Wanted & { readonly repository: string }): Promise<Lookup> {
  const repository = formatRepository(parseRepository(wanted.repository));
  try {
    const found = await inspect(registry, repository, keyTag(wanted.key), wanted);
    return found.kind === 'whole' ? { kind: 'found', image: { repository, digest: found.manifest.digest } } : found;
  } catch (error) {
    const [problem] = error instanceof UserError ? error.problems : [];
    if (problem === undefined) throw error;
    if (problem.code === 'image-invalid') return { kind: 'unusable', why: problem.sentence };
    return { kind: problem.code === 'registry-denied' ? 'denied' : 'failed', problem };
  }
}
