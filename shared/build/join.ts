import { createHash } from 'node:crypto';
import { formatPlatform, keyTag } from '../image/index.ts';
import {
  type ContentKey,
  canonicalJson,
  type Digest,
  type ImagePart,
  type ImagePlan,
  type Json,
  mapBounded,
  type Platform,
  type RawManifest,
  type Registry,
  userError,
} from '../model/index.ts';
import { ASKED_AT_ONCE } from './inspect.ts';
import { lookUp } from './lookup.ts';
import { isIndex, MEDIA, parseIndex } from './oci.ts';
import { NOTHING_PUSHED, type Published, type PublishSteps } from './publish.ts';
import { applyTags } from './tagging.ts';
import type { Trust } from './trust/verifier.ts';

/** One platform of an image that other jobs build, and the key under which it is found by itself. */
interface WantedPart {
  readonly platform: Platform;
  readonly key: ContentKey;
}

/** Finds every platform of an image by itself. Throws `platform-missing`, naming each that is not there or not to be trusted. */
export async function findParts(
  registry: Registry,
  repository: string,
  wanted: readonly WantedPart[],
  trust: Trust,
): Promise<readonly ImagePart[]> {
  const found = await mapBounded(wanted, ASKED_AT_ONCE, async ({ platform, key }) => ({
    platform,
    lookup: await lookUp(registry, { repository, key, platforms: [platform] }, trust),
    key,
  }));
  const lacking = found.flatMap(({ platform, lookup, key }) =>
    lookup.kind === 'found' ? [] : [`${formatPlatform(platform)} (${whyLacking(lookup, key)})`],
  );
  if (lacking.length > 0) {
    throw userError(
      'platform-missing',
      `${repository} has no image of this content for ${lacking.join(', nor for ')}.`,
    );
  }
  return found.flatMap(({ platform, lookup }) => (lookup.kind === 'found' ? [{ platform, image: lookup.image }] : []));
}

function whyLacking(lookup: Awaited<ReturnType<typeof lookUp>>, key: ContentKey): string {
  if ('problem' in lookup) return lookup.problem.sentence.replace(/\.$/, '');
  return 'why' in lookup ? lookup.why.replace(/\.$/, '') : `nothing is under ${keyTag(key)}`;
}

/**
 * Makes one image of platforms that are in the registry, and publishes it as any other: by digest, what must hold before
 * a tag, the tags. Nothing is uploaded but the index. Throws what publishing throws.
 */
export async function join(
  plan: ImagePlan,
  parts: readonly ImagePart[],
  registry: Registry,
  steps: PublishSteps,
): Promise<Published> {
  const manifest = await indexOf(plan, parts, registry);
  await registry.pushManifest(plan.repository, manifest);
  const image = { repository: plan.repository, digest: manifest.digest };
  await steps.beforeTags({ image, manifest, built: undefined, maker: 'joined' });
  const tagged = await applyTags(registry, plan, manifest, steps.order);
  return { image, manifest, adopted: false, pushed: NOTHING_PUSHED, ...tagged };
}

/** The same parts give the same bytes, in whatever order they were built. */
async function indexOf(
  { annotations }: ImagePlan,
  parts: readonly ImagePart[],
  registry: Registry,
): Promise<RawManifest> {
  const manifests = await mapBounded(parts, ASKED_AT_ONCE, ({ platform, image }) =>
    entriesOf(platform, image, registry),
  );
  const document = { schemaVersion: 2, mediaType: MEDIA.index, manifests: manifests.flat(), annotations };
  const bytes = Buffer.from(canonicalJson(document));
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { mediaType: MEDIA.index, digest, bytes };
}

/** How one part is listed: itself, or, where it came with attestations, what its own index lists. */
async function entriesOf(platform: Platform, image: ImagePart['image'], registry: Registry): Promise<readonly Json[]> {
  const manifest = await registry.manifest(image.repository, image.digest);
  if (manifest === undefined)
    throw userError('image-not-found', `${image.repository}@${image.digest} is not there any more.`);
  if (!isIndex(manifest.mediaType)) {
    const { mediaType, digest, bytes } = manifest;
    return [{ mediaType, digest, size: bytes.length, platform: { ...platform } }];
  }
  return parseIndex(manifest).manifests.map(definedOnly);
}

/** Without what is undefined: this stands in a document. */
function definedOnly({ mediaType, digest, size, platform: where, annotations }: Listed): Json {
  const { os = '', architecture = '', variant } = where ?? {};
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return {
    mediaType,
    digest,
    size,
    ...(where === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

type Listed = ReturnType<typeof parseIndex>['manifests'][number];
