import { keyTag } from '../image/index.ts';
import {
  type Digest,
  type ImagePlan,
  type RawManifest,
  type Registry,
  short,
  UserError,
  userError,
} from '../model/index.ts';
import { keyAnnotation } from './inspect.ts';
import { type CommitOrder, moveTags } from './moving.ts';

/** A tag that another digest keeps. */
export interface LeftTag {
  readonly tag: string;
  readonly digest: Digest;
  /** Why it is no conflict, as a sentence. */
  readonly why: string;
}

export interface Tagged {
  /** Tags that point at the image now, in the order of the plan. */
  readonly tags: readonly string[];
  readonly left: readonly LeftTag[];
}

/**
 * Points the tags of a plan at an image that is there: the key first, then the others that are written once, one after
 * the other, then those that move, none of them backwards. Throws `tag-conflict` where a tag that is written once has
 * another digest for no reason that is known.
 */
export async function applyTags(
  registry: Registry,
  plan: ImagePlan,
  manifest: RawManifest,
  order: CommitOrder,
): Promise<Tagged> {
  const left: LeftTag[] = [];
  for (const { tag } of plan.tags.filter(({ kind }) => kind === 'fixed')) {
    const kept =
      tag === keyTag(plan.key)
        ? await setKeyTag(registry, plan, manifest, tag)
        : await setFixed(registry, plan, manifest, tag);
    if (kept !== undefined) left.push(kept);
  }
  left.push(...(await moveTags(registry, plan, manifest, order)));
  const kept = new Set(left.map(({ tag }) => tag));
  return { tags: plan.tags.map(({ tag }) => tag).filter((tag) => !kept.has(tag)), left };
}

/** The key's tag follows the newest build: it only spares the next one. Where tags are immutable, it stays with the first. */
async function setKeyTag(
  registry: Registry,
  plan: ImagePlan,
  manifest: RawManifest,
  tag: string,
): Promise<LeftTag | undefined> {
  try {
    await registry.tag(plan.repository, manifest, tag);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'tag-conflict') throw error;
    const there = await registry.resolve(plan.repository, tag);
    if (there === undefined) throw error;
    return { tag, digest: there.digest, why: 'The registry does not move it.' };
  }
}

async function setFixed(
  registry: Registry,
  plan: ImagePlan,
  manifest: RawManifest,
  tag: string,
): Promise<LeftTag | undefined> {
  const there = await registry.manifest(plan.repository, tag);
  if (there === undefined || there.digest === manifest.digest) {
    await registry.tag(plan.repository, manifest, tag);
    return undefined;
  }
  const why = whyLeft(plan, there, tag);
  if (why !== undefined) return { tag, digest: there.digest, why };
  throw userError(
    'tag-conflict',
    `The tag ${plan.repository}:${tag} points at ${there.digest} already, and is not moved to ${manifest.digest}.`,
  );
}

/**
 * The same content may be built again: two builds of a Dockerfile seldom come to the same bytes, and an image that is not
 * proven, or that another run has just made, is not taken. A commit may be built again with other content: by force, or
 * because its epoch or its base is another one by now. Either way the tag stays with the first image, and the run hands its
 * digest on by output. A version that is other content is a conflict.
 */
function whyLeft(plan: ImagePlan, there: RawManifest, tag: string): string | undefined {
  if (plan.decision.kind === 'build' && plan.decision.forced) return 'The build was forced.';
  if (keyAnnotation(there) === plan.key.value) return 'It was built before, from the same content.';
  return tag.includes(short(plan.commit)) ? 'The commit was built before, with another content key.' : undefined;
}
