import { formatPlatform, KEY_ANNOTATION } from '../image/index.ts';
import {
  type ContentKey,
  type Digest,
  mapBounded,
  type Platform,
  type RawManifest,
  type Registry,
  UserError,
} from '../model/index.ts';
import { isIndex, parseIndex, parseManifest, platformName } from './oci.ts';

/** Questions to the registry at the same time. */
export const ASKED_AT_ONCE = 4;

type Inspection =
  | { readonly kind: 'whole'; readonly manifest: RawManifest }
  | { readonly kind: 'missing' }
  /** A clause that says what is wrong, with a full stop. */
  | { readonly kind: 'unusable'; readonly why: string };

/** What the key of an image promises. */
export interface Wanted {
  readonly key: ContentKey;
  readonly platforms: readonly Platform[];
}

/**
 * Reads an image back and looks whether it is the one that its key promises: the whole key in its annotation, the
 * platforms, and every manifest and blob that it names there (registries answer for an index whose child was deleted).
 */
export async function inspect(
  registry: Registry,
  repository: string,
  reference: string,
  wanted: Wanted,
): Promise<Inspection> {
  const manifest = await registry.manifest(repository, reference);
  if (manifest === undefined) return { kind: 'missing' };
  try {
    const why = await faultOf(registry, repository, manifest, wanted);
    return why === undefined ? { kind: 'whole', manifest } : { kind: 'unusable', why };
  } catch (error) {
    if (error instanceof UserError && error.code === 'image-invalid')
      return { kind: 'unusable', why: error.problems[0]?.sentence ?? '' };
    throw error;
  }
}

async function faultOf(
  registry: Registry,
  repository: string,
  manifest: RawManifest,
  wanted: Wanted,
): Promise<string | undefined> {
  const annotation = keyAnnotation(manifest);
  if (annotation === undefined) return `${manifest.digest} carries no content key.`;
  if (annotation !== wanted.key.value) return `${manifest.digest} carries another content key.`;
  if (isIndex(manifest.mediaType)) return faultOfIndex(registry, repository, manifest, wanted);
  if (wanted.platforms.length !== 1) return `${manifest.digest} is for one platform.`;
  return await missingBlob(registry, repository, [manifest]);
}

async function faultOfIndex(
  registry: Registry,
  repository: string,
  index: RawManifest,
  wanted: Wanted,
): Promise<string | undefined> {
  const children = parseIndex(index).manifests;
  const has = new Set(children.map((it) => it.platform && platformName(it.platform)));
  const lacking = wanted.platforms.map(formatPlatform).find((name) => !has.has(name));
  if (lacking !== undefined) return `${index.digest} has no ${lacking}.`;
  const found = await mapBounded(children, ASKED_AT_ONCE, (it) => registry.manifest(repository, it.digest));
  const gone = children.find((_it, position) => found[position] === undefined);
  if (gone !== undefined) return `its manifest ${gone.digest} is gone.`;
  return missingBlob(
    registry,
    repository,
    found.filter((it) => it !== undefined),
  );
}

async function missingBlob(
  registry: Registry,
  repository: string,
  manifests: readonly RawManifest[],
): Promise<string | undefined> {
  const named = manifests.map(parseManifest).flatMap(({ config, layers }) => [config, ...layers]);
  const digests = [...new Set<Digest>(named.map(({ digest }) => digest))];
  const there = await mapBounded(digests, ASKED_AT_ONCE, (digest) => registry.hasBlob(repository, digest));
  const gone = digests.find((_digest, index) => there[index] === false);
  return gone === undefined ? undefined : `its blob ${gone} is gone.`;
}

/** The full content key that an image carries. */
export const keyAnnotation = (manifest: RawManifest): string | undefined => annotationsIn(manifest)?.[KEY_ANNOTATION];

/** Annotations of a manifest or index. Throws `image-invalid`. */
export const annotationsIn = (manifest: RawManifest): Readonly<Record<string, string>> | undefined =>
  (isIndex(manifest.mediaType) ? parseIndex(manifest) : parseManifest(manifest)).annotations;
