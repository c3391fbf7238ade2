import { isGated, type NewRelease } from '../deploy/index.ts';
import { commitTag, versionOf } from '../image/index.ts';
import type { InputValues, World } from '../io/runner/index.ts';
import {
  type Commit,
  type DeployMode,
  formatImage,
  type ImageRef,
  isCommit,
  parseImage,
  type Registry,
  type StreamReading,
  userError,
} from '../model/index.ts';
import type { Site } from './deploy-site.ts';
import { commitOf } from './house.ts';
import type { deployAction } from './interface/index.ts';

type Inputs = InputValues<typeof deployAction.inputs>;

/** Modes that take what they are about from the stream, unless an image is named. */
const FROM_THE_STREAM: ReadonlySet<DeployMode> = new Set(['rollback', 'remove', 'hold', 'release']);

/**
 * What shall be deployed: the image that is named, the one that is live in `promote-from`, or the one that the tag of the
 * commit points to. undefined where the stream says it. Throws `image-not-found`, `promotion-missing`, `input-invalid`.
 */
export async function requestedRelease(
  inputs: Inputs,
  site: Site,
  reading: (environment: string) => StreamReading,
  registry: Registry,
  world: World,
): Promise<NewRelease | undefined> {
  const { mode } = inputs;
  const named = inputs.image === undefined ? undefined : namedImage(inputs.image);
  if (FROM_THE_STREAM.has(mode) && named === undefined) return undefined;
  const promoted =
    inputs['promote-from'] === undefined ? undefined : promotedFrom(inputs['promote-from'], site, reading);
  // The image was built from the commit that it was promoted with, whatever this run's commit is.
  const commit =
    inputs.commit === undefined && promoted !== undefined
      ? promoted.commit
      : await requestedCommit(inputs, site, world);
  const image = named ?? promoted?.image ?? (await imageOfCommit(site, commit, registry));
  if (isGated(mode)) await mustExist(image, registry);
  const version = inputs.version ?? promoted?.version ?? (await versionAt(site, commit, world));
  // The target notes it too, where nothing else takes secrets out.
  return { image, commit, version: world.redact(version), by: world.run.actor, target: site.target };
}

function namedImage(text: string): ImageRef {
  const image = parseImage(text);
  if (image !== undefined) return image;
  const remedy = 'Name it by digest, `repository@sha256:…`: a tag can point elsewhere by the time it runs.';
  throw userError(
    'input-invalid',
    `The input \`image\` is no image by digest: ${JSON.stringify(text.slice(0, 200))}.`,
    { remedy },
  );
}

function promotedFrom(environment: string, site: Site, reading: (environment: string) => StreamReading) {
  if (site.home !== undefined && !site.home.service.deployments.has(environment)) {
    throw userError(
      'environment-unknown',
      `${site.service} does not go to ${environment}, so nothing can be promoted from there.`,
    );
  }
  const found = reading(environment);
  if (found.kind === 'unbelievable') {
    throw userError(
      'ledger-unbelievable',
      `The record of ${site.service} in ${environment} cannot be believed: ${found.why}.`,
    );
  }
  const live = found.kind === 'believed' ? found.state.live : null;
  if (live !== null) return live;
  throw userError(
    'promotion-missing',
    `${site.service} does not run in ${environment}, so there is nothing to promote.`,
  );
}

async function requestedCommit(inputs: Inputs, site: Site, world: World): Promise<Commit> {
  if (site.home !== undefined) return commitOf(site.home.house.checkout, inputs.commit, world);
  const commit = inputs.commit ?? world.run.sha;
  if (isCommit(commit)) return commit;
  throw userError('input-invalid', 'Without a checkout the input `commit` must be a full commit id.');
}

async function imageOfCommit(site: Site, commit: Commit, registry: Registry): Promise<ImageRef> {
  if (site.home === undefined) throw userError('input-invalid', 'Without a checkout the input `image` is needed.');
  const { repository } = site.home.service.image;
  const found = await registry.resolve(repository, commitTag(commit));
  if (found !== undefined) return { repository, digest: found.digest };
  const remedy = 'Build and push it before (build-and-tag-image), or name it with the input `image`.';
  throw userError(
    'image-not-found',
    `${repository} has no tag ${commitTag(commit)}: no image was pushed for this commit.`,
    { remedy },
  );
}

async function mustExist(image: ImageRef, registry: Registry): Promise<void> {
  if ((await registry.resolve(image.repository, image.digest)) !== undefined) return;
  throw userError('image-not-found', `The registry does not have ${formatImage(image)}.`);
}

async function versionAt(site: Site, commit: Commit, world: World): Promise<string> {
  const facts = await site.home?.house.checkout.facts(commit);
  if (site.home === undefined || facts === undefined) return commit.slice(0, 12);
  const tagsAtCommit = await site.home.house.checkout.tagsAt(commit);
  return versionOf({ service: site.service, commit, commitDate: facts.date, trigger: world.run.trigger, tagsAtCommit });
}
