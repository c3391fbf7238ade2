import { keyTag, platformsOf } from '../image/index.ts';
import {
  formatImage,
  type ImagePlan,
  type ImageRef,
  type RawManifest,
  type Registry,
  userError,
} from '../model/index.ts';
import { inspect } from './inspect.ts';
import { type Layout, readManifest } from './layout.ts';
import type { CommitOrder } from './moving.ts';
import { type PushCounts, pushLayout } from './push.ts';
import { applyTags, type Tagged } from './tagging.ts';

/** An image that is whole and in the registry by digest, and may get the tags of a plan. */
export interface Candidate {
  readonly image: ImageRef;
  readonly manifest: RawManifest;
  /** What this run has built. */
  readonly built: Layout | undefined;
  /** Who made it: this run, this run of images of others, or an earlier one. */
  readonly maker: 'this-run' | 'joined' | 'earlier';
}

/** What stands between an image in the registry and its tags. */
export interface PublishSteps {
  /** Whether an image that another run has published under the same key may be taken. */
  readonly accepts: (image: ImageRef) => Promise<boolean>;
  /** Throws where the image must get no tag. */
  readonly beforeTags: (candidate: Candidate) => Promise<void>;
  readonly order: CommitOrder;
}

/** An image that is in the registry, under its tags. */
export interface Published extends Tagged {
  readonly image: ImageRef;
  readonly manifest: RawManifest;
  /** Another run had published the same content in the meantime: this is its image. */
  readonly adopted: boolean;
  readonly pushed: PushCounts;
}

/** Of an image that is there already. */
export const NOTHING_PUSHED: PushCounts = { present: 0, mounted: 0, uploaded: 0, uploadedBytes: 0 };

/**
 * Publishes what was built: everything by digest, then what must hold before a tag, then the tag of its key, then the
 * other tags. When another run has published the same content while this one built, and that image may be taken, it is
 * and this one is dropped: the first writer wins. Registries have no compare-and-set, so two runs at the very same moment
 * both write, and each reports the digest that it wrote.
 */
export async function publish(
  plan: ImagePlan,
  layout: Layout,
  registry: Registry,
  steps: PublishSteps,
): Promise<Published> {
  const pushed = await pushLayout(registry, plan.repository, layout);
  const ours = await readManifest(layout, layout.top);
  const winner = await winnerOf(plan, ours, registry, steps);
  const manifest = winner ?? ours;
  const image = { repository: plan.repository, digest: manifest.digest };
  await steps.beforeTags(
    winner === undefined
      ? { image, manifest, built: layout, maker: 'this-run' }
      : { image, manifest, built: undefined, maker: 'earlier' },
  );
  const tagged = await applyTags(registry, plan, manifest, steps.order);
  return { image, manifest, adopted: winner !== undefined, pushed, ...tagged };
}

async function winnerOf(
  plan: ImagePlan,
  ours: RawManifest,
  registry: Registry,
  { accepts }: PublishSteps,
): Promise<RawManifest | undefined> {
  const forced = plan.decision.kind === 'build' && plan.decision.forced;
  if (forced || plan.settings.reuse === 'off') return undefined;
  const there = await registry.resolve(plan.repository, keyTag(plan.key));
  if (there === undefined || there.digest === ours.digest) return undefined;
  const found = await inspectPlanned(plan, there.digest, registry);
  if (found.kind !== 'whole') return undefined;
  const image = { repository: plan.repository, digest: there.digest };
  return (await accepts(image)) ? found.manifest : undefined;
}

/**
 * Gives an image of the same content the tags of this run. Nothing is uploaded. It is read back once more: time has passed
 * since it was found. Throws `image-not-found`, `image-invalid`.
 */
export async function reuse(
  plan: ImagePlan,
  image: ImageRef,
  registry: Registry,
  steps: PublishSteps,
): Promise<Published> {
  const found = await inspectPlanned(plan, image.digest, registry);
  if (found.kind === 'missing') throw userError('image-not-found', `${formatImage(image)} is not there any more.`);
  if (found.kind === 'unusable') {
    throw userError('image-invalid', `${formatImage(image)} cannot be used: ${found.why}`, {
      remedy: 'Build it anew with the input `force`.',
    });
  }
  const { manifest } = found;
  await steps.beforeTags({ image, manifest, built: undefined, maker: 'earlier' });
  const tagged = await applyTags(registry, plan, manifest, steps.order);
  return { image, manifest, adopted: false, pushed: NOTHING_PUSHED, ...tagged };
}

const inspectPlanned = (plan: ImagePlan, digest: string, registry: Registry) =>
  inspect(registry, plan.repository, digest, { key: plan.key, platforms: platformsOf(plan.settings.platforms) });
