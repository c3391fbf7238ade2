import { type Build, type NeededImage, needsOf, type Pin, parseReference, platformsOf } from '../image/index.ts';
import {
  type ImageRef,
  type ImageSettings,
  mapBounded,
  type Platform,
  type Registry,
  UserError,
  userError,
} from '../model/index.ts';
import type { ReadFile } from './gather-docker.ts';
import { ASKED_AT_ONCE } from './inspect.ts';

/** What an image of a Dockerfile is built upon and read by, as it was found in registries. */
export interface Foundation {
  readonly frontend: Pin | undefined;
  readonly pins: readonly Pin[];
  readonly base: ImageRef | undefined;
  readonly volatile: readonly string[];
}

/** Readers whose language is the one that is read here; mirrors keep the end of the name. */
const DOCKERFILE = /(?:^|\/)docker\/dockerfile(?:-upstream)?$/;
/** A build argument of this name goes before `# syntax=`. */
const SYNTAX = 'BUILDKIT_SYNTAX';

/** Whether the Dockerfile is read by what it is read here as. undefined: the builder's own reader. */
export const isKnownFrontend = (frontend: Pin | undefined): boolean =>
  frontend === undefined || DOCKERFILE.test(frontend.image.repository);

/**
 * Looks up every image that a Dockerfile needs, and the one that reads it. Throws `config-invalid` for a name that is
 * none, `image-not-found` for one that no registry has.
 */
export async function findFoundation(
  file: ReadFile,
  args: Readonly<Record<string, string>>,
  settings: ImageSettings,
  registry: Registry,
): Promise<Foundation> {
  const syntax = args[SYNTAX] ?? file.parsed.syntax;
  const at = { file: file.path, line: 1 };
  const frontend = syntax === undefined ? undefined : pinOf(await find({ text: syntax, at }, registry));
  if (!isKnownFrontend(frontend)) return { frontend, pins: [], base: undefined, volatile: [OTHER_LANGUAGE] };
  const { images, base } = needsOf(file.parsed, buildOf(args, settings), file.path);
  const found = await mapBounded(images, ASKED_AT_ONCE, (it) => find(it, registry));
  const texts = images.map(({ text }) => text);
  return {
    frontend,
    pins: unique(found.filter(({ fixed }) => !fixed)),
    base: base === undefined ? undefined : found[texts.indexOf(base)]?.image,
    volatile: [],
  };
}

const OTHER_LANGUAGE =
  'what `# syntax=` names reads the Dockerfile in its own way, so what it builds upon is not known';

const buildOf = (buildArgs: Readonly<Record<string, string>>, { target, platforms }: ImageSettings): Build => ({
  buildArgs,
  target,
  platforms: platformsOf(platforms),
  builder: thisMachine(),
});

/** Docker's names of architectures (containerd/platforms); `process.arch` has others for these. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
const thisMachine = (): Platform => ({ os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch });

interface FoundPin extends Pin {
  /** The name has a digest already. */
  readonly fixed: boolean;
}

const pinOf = ({ reference, image }: FoundPin): Pin => ({ reference, image });

async function find({ text, at }: NeededImage, registry: Registry): Promise<FoundPin> {
  try {
    const { repository, tag, digest } = parseReference(text);
    const reference = `${repository}:${tag ?? 'latest'}`;
    const found = digest ?? (await registry.resolve(repository, tag ?? 'latest'))?.digest;
    if (found !== undefined) return { reference, image: { repository, digest: found }, fixed: digest !== undefined };
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    throw new UserError(thrown.problems.map((it) => ({ at, ...it })));
  }
  throw userError('image-not-found', `The image ${text} is not in its registry.`, {
    remedy: 'Correct its name, or push it first: an image that only this machine has cannot be built upon.',
    at,
  });
}

/** Different names may mean the same. */
function unique(found: readonly FoundPin[]): readonly Pin[] {
  const pins = new Map(found.map((it) => [it.reference, pinOf(it)]));
  return [...pins.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
}
