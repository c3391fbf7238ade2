import { join } from 'node:path';
import { findParts, gatherImageFacts, lookUp, type Trust } from '../build/index.ts';
import {
  earlierTags,
  type ImageFacts,
  keyOf,
  keyTag,
  type Lookup,
  planImage,
  type SourceFacts,
  versionTagOf,
  volatileOf,
} from '../image/index.ts';
import type { World } from '../io/runner/index.ts';
import {
  type Commit,
  type ContentKey,
  type ImagePlan,
  problem,
  type Registry,
  type Service,
  userError,
} from '../model/index.ts';
import { type BuildInputs, coverage, pushes } from './build-inputs.ts';
import type { Laps } from './build-laps.ts';
import { findReuseKey, type ReuseKey, trustOf } from './build-trust.ts';
import { commitOf, type House } from './house.ts';

/** What is known and decided before anything is written. */
export interface Prepared {
  readonly image: ImageFacts;
  readonly source: SourceFacts;
  readonly plan: ImagePlan;
  readonly trust: Trust;
  readonly reuseKey: ReuseKey | string;
}

/** Where facts come from. */
interface PrepareSite {
  readonly house: House;
  readonly service: Service;
  readonly registry: Registry;
  readonly laps: Laps;
  readonly world: World;
}

/** Gathers the facts of an image, looks for one of the same content, and plans what is to be done. */
export async function prepare(inputs: BuildInputs, site: PrepareSite): Promise<Prepared> {
  const { house, service, registry, laps, world } = site;
  const commit = await commitOf(house.checkout, undefined, world);
  const source = await sourceFacts(house, service, commit, registry, world);
  const image = await gather(source, site);
  tellNotes(image, world);
  const key = keyOf(image);
  const push = pushes(inputs.push, world);
  const reuse = inputs.reuse ?? service.image.reuse;
  laps.next('lookup');
  const reuseKey = await findReuseKey(service, house.checkout, world);
  const trust = trustOf(reuse, reuseKey, registry, world);
  const lookup = await find(inputs, { image, source, key, trust }, site);
  const plan = planImage({ image, source, key, lookup, push, force: inputs.force, reuse });
  return { image, source, plan: inputs.push === 'part' ? asPart(plan) : plan, trust, reuseKey };
}

async function gather(source: SourceFacts, { house, service, registry, world }: PrepareSite): Promise<ImageFacts> {
  const now = world.clock.now();
  const image = await gatherImageFacts({
    root: house.checkout.root,
    service,
    covers: coverage(house.config, await house.graph(), service),
    source: `${world.run.serverUrl}/${world.run.repository}`,
    now,
    registry,
    tracked: house.checkout.tracked,
    madeFor: { source, run: world.run.id, now },
    scratch: join(world.temp, 'slipway'),
  });
  if (image !== undefined) return image;
  throw userError('config-invalid', `${service.name} has \`image.builder: none\`, so there is nothing to build.`, {
    remedy: 'Leave this step out for it, or configure a builder.',
  });
}

interface Sought {
  readonly image: ImageFacts;
  readonly source: SourceFacts;
  readonly key: ContentKey;
  readonly trust: Trust;
}

/** What is there of this content: the image, or, where nothing is to be built, its platforms. Throws `platform-missing`. */
async function find(inputs: BuildInputs, sought: Sought, { service, registry }: PrepareSite): Promise<Lookup> {
  const { image, source, key, trust } = sought;
  const reuse = inputs.reuse ?? service.image.reuse;
  const { repository } = service.image;
  const ask = reuse !== 'off' && !inputs.force && image.builder !== 'source' && volatileOf(image).length === 0;
  const earlier = earlierTags(service.image.tags, source, key);
  const lookup: Lookup = ask
    ? await lookUp(registry, { repository, key, platforms: image.platforms, earlier }, trust)
    : { kind: 'skipped' };
  if (inputs.builder !== 'none' || lookup.kind === 'found') return lookup;
  const wanted = image.platforms.map((platform) => ({ platform, key: keyOf({ ...image, platforms: [platform] }) }));
  return { kind: 'parts', parts: await findParts(registry, repository, wanted, trust) };
}

/** A part is found by its key alone: the tags are those of the whole. */
function asPart(plan: ImagePlan): ImagePlan {
  return { ...plan, tags: plan.tags.filter(({ tag }) => tag === keyTag(plan.key)) };
}

/** What people should know of the image, wherever they look. */
function tellNotes(image: ImageFacts, { log }: World): void {
  const volatile = volatileOf(image);
  if (volatile.length > 0) {
    log.notice(problem('image-volatile', `No image of ${image.service} is reused, since ${volatile.join(', and ')}.`));
  }
  if (image.builder === 'docker') for (const it of image.notes) log.warning(it);
}

async function sourceFacts(
  house: House,
  service: Service,
  commit: Commit,
  registry: Registry,
  { run }: World,
): Promise<SourceFacts> {
  const facts = await house.checkout.facts(commit);
  if (facts === undefined)
    throw userError('base-unknown', `The checkout does not have the commit ${commit} that this image is for.`);
  const source: SourceFacts = {
    service: service.name,
    commit,
    commitDate: facts.date,
    ref: run.ref,
    defaultBranch: run.defaultBranch,
    trigger: run.trigger,
    tagsAtCommit: await house.checkout.tagsAt(commit),
    published: [],
  };
  // Only a release must know which versions there are, so that `1.2` and `latest` never go backwards.
  return versionTagOf(source) === undefined
    ? source
    : { ...source, published: await registry.tags(service.image.repository) };
}
