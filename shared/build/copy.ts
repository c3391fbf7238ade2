import {
  type Descriptor,
  type Digest,
  formatImage,
  type ImageRef,
  isDigest,
  isRecord,
  mapBounded,
  parseJson,
  type RawManifest,
  type Registry,
  userError,
} from '../model/index.ts';
import { isIndex, parseIndex, parseManifest } from './oci.ts';
import { borrowedBody, type PushCounts, SENT_AT_ONCE, sendBlobs } from './push.ts';

/** Bounds of what hangs together with one image: indexes in indexes, referrers of referrers. */
const DEEPEST = 8;
const MANIFESTS = 2_000;
/** What cosign appends to the tag that it makes of a digest. */
const COSIGN = ['sig', 'att', 'sbom'];

export interface Copied extends PushCounts {
  readonly image: ImageRef;
  /** Manifests and indexes, the image itself among them. */
  readonly manifests: number;
  readonly referrers: number;
}

/**
 * Copies an image to another repository, of the same registry or of another, as it is: every byte and so the digest stays.
 * Children come along, attestations among them; referrers and cosign's tags where they are asked for. Within a registry
 * blobs are mounted; between registries they stream through this process, hashed on the way. Tags are not touched.
 * Throws what registries throw; `image-not-found` when there is no such image.
 */
export async function copyImage(
  registry: Registry,
  from: ImageRef,
  to: string,
  options: { readonly referrers: boolean } = { referrers: false },
): Promise<Copied> {
  const image = await gather(registry, from.repository, from.digest);
  const about = options.referrers ? await gatherReferrers(registry, from.repository, image) : NOBODY;
  const all = [...image, ...about.manifests];
  const counts = await copyBlobs(registry, from.repository, to, all);
  await pushInOrder(registry, to, all);
  for (const { tag, manifest } of about.tags) await registry.tag(to, manifest, tag);
  return {
    ...counts,
    image: { repository: to, digest: from.digest },
    manifests: image.length,
    referrers: about.manifests.length,
  };
}

interface Related {
  /** Each after what it is made of. */
  readonly manifests: readonly RawManifest[];
  readonly tags: readonly { readonly tag: string; readonly manifest: RawManifest }[];
}
const NOBODY: Related = { manifests: [], tags: [] };

/** A manifest and all below it, children first. */
export async function gather(
  registry: Registry,
  repository: string,
  digest: Digest,
  depth = 0,
): Promise<readonly RawManifest[]> {
  const manifest = await registry.manifest(repository, digest);
  if (manifest === undefined)
    throw userError('image-not-found', `${formatImage({ repository, digest })} is not there.`);
  if (!isIndex(manifest.mediaType)) return [manifest];
  if (depth === DEEPEST) throw tooMuch(`${digest} lies ${DEEPEST} indexes deep`);
  const children = await mapBounded(parseIndex(manifest).manifests, SENT_AT_ONCE, (it) =>
    gather(registry, repository, it.digest, depth + 1),
  );
  return unique([...children.flat(), manifest]);
}

/** What is about these manifests, what is about that, and so on. */
async function gatherReferrers(
  registry: Registry,
  repository: string,
  about: readonly RawManifest[],
): Promise<Related> {
  const seen = new Set(about.map(({ digest }) => digest));
  const manifests: RawManifest[] = [];
  const tags: { tag: string; manifest: RawManifest }[] = [];
  let subjects = about;
  for (let depth = 0; subjects.length > 0; depth += 1) {
    if (depth === DEEPEST) throw tooMuch(`referrers of ${about.at(-1)?.digest} lie ${DEEPEST} deep`);
    const found = await mapBounded(subjects, SENT_AT_ONCE, (it) => relatedTo(registry, repository, it.digest));
    tags.push(...found.flatMap((it) => it.tags));
    subjects = unique(found.flatMap((it) => it.manifests)).filter(({ digest }) => !seen.has(digest));
    for (const { digest } of subjects) seen.add(digest);
    manifests.push(...subjects);
  }
  return { manifests, tags };
}

async function relatedTo(registry: Registry, repository: string, subject: Digest): Promise<Related> {
  const listed = await registry.referrers(repository, subject);
  const referrers = await Promise.all(listed.map(({ digest }) => gather(registry, repository, digest)));
  const names = COSIGN.map((suffix) => `${subject.replace(':', '-')}.${suffix}`);
  const found = await Promise.all(
    names.map(async (tag) => ({ tag, manifest: await registry.manifest(repository, tag) })),
  );
  const tags = found.flatMap(({ tag, manifest }) => (manifest === undefined ? [] : [{ tag, manifest }]));
  return { manifests: [...referrers.flat(), ...tags.map(({ manifest }) => manifest)], tags };
}

function copyBlobs(
  registry: Registry,
  from: string,
  to: string,
  manifests: readonly RawManifest[],
): Promise<PushCounts> {
  const blobs = new Map(manifests.flatMap(blobsOf).map((it) => [it.digest, it]));
  return sendBlobs(registry, to, [...blobs.values()], (blob) => ({ body: borrowedBody(registry, from, blob), from }));
}

/** What a manifest is made of. Layers that lie elsewhere (`urls`) are not in the registry either. */
export function blobsOf(manifest: RawManifest): readonly Descriptor[] {
  if (isIndex(manifest.mediaType)) return [];
  const foreign = foreignLayers(manifest);
  const { config, layers } = parseManifest(manifest);
  return [config, ...layers.filter(({ digest }) => !foreign.has(digest))];
}

function foreignLayers({ bytes }: RawManifest): ReadonlySet<Digest> {
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  const layers = isRecord(value) && Array.isArray(value['layers']) ? value['layers'] : [];
  const elsewhere = layers.flatMap((it: unknown) =>
    isRecord(it) && Array.isArray(it['urls']) && it['urls'].length > 0 ? [String(it['digest'])] : [],
  );
  return new Set(elsewhere.filter(isDigest));
}

/** One after the other where one may name the other: an index is refused before its children. */
async function pushInOrder(registry: Registry, to: string, manifests: readonly RawManifest[]): Promise<void> {
  const single = manifests.filter(({ mediaType }) => !isIndex(mediaType));
  await mapBounded(single, SENT_AT_ONCE, (it) => registry.pushManifest(to, it));
  for (const it of manifests) if (isIndex(it.mediaType)) await registry.pushManifest(to, it);
}

function unique(manifests: readonly RawManifest[]): readonly RawManifest[] {
  const all = new Map<Digest, RawManifest>();
  for (const it of manifests) if (!all.has(it.digest)) all.set(it.digest, it);
  if (all.size > MANIFESTS) throw tooMuch(`it has more than ${MANIFESTS} manifests`);
  return [...all.values()];
}

const tooMuch = (why: string): Error => userError('image-invalid', `The image cannot be copied: ${why}.`);
