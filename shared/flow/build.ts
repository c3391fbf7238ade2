import { join as joinPath } from 'node:path';
import {
  type BuildJob,
  buildImage,
  contentsOf,
  join,
  type Layout,
  type PlatformContent,
  type Published,
  publish,
  readManifest,
  reuse,
} from '../build/index.ts';
import { formatPlatform } from '../image/index.ts';
import type { ActionFlow, ActionResult, World } from '../io/runner/index.ts';
import { type ImagePlan, type ImageRef, type Registry, UserError } from '../model/index.ts';
import { gateFailed } from './build-gates.ts';
import { type BuildInputs, checkInputs, withInputs } from './build-inputs.ts';
import { type Lap, Laps } from './build-laps.ts';
import { commitOrder } from './build-order.ts';
import { type Prepared, prepare } from './build-plan.ts';
import { describeImagePlan } from './build-report.ts';
import { resultOf } from './build-result.ts';
import { BuildSteps, type StepOutcome } from './build-steps.ts';
import { findSigningKey } from './build-trust.ts';
import { type House, openHouse, serviceNamed } from './house.ts';
import type { buildAction } from './interface/index.ts';
import { registryOf } from './registry.ts';

type Result = ActionResult<keyof typeof buildAction.outputs>;

/** Builds the image of one service once, or finds that it is there; pushes by digest, tags last. */
export const buildFlow: ActionFlow<typeof buildAction.inputs, keyof typeof buildAction.outputs> = { main };

/** What one run made. */
export interface Built extends Made {
  readonly plan: ImagePlan;
  readonly outcome: StepOutcome;
  readonly laps: readonly Lap[];
  readonly durationMs: number;
}

interface Made {
  /** undefined when nothing was pushed or reused. */
  readonly published: Published | undefined;
  readonly layout: string | undefined;
  /** The image under its digest; in the registry only when it was published or reused. */
  readonly image: ImageRef;
  readonly contents: readonly PlatformContent[];
}

async function main(inputs: BuildInputs, world: World): Promise<Result> {
  const started = world.clock.now();
  const laps = new Laps(world.clock, 'facts');
  const house = await openHouse(inputs.config, world);
  const configured = serviceNamed(house.config, inputs.service);
  checkInputs(inputs, configured);
  const service = withInputs(configured, house.config, inputs);
  const registry = registryOf(world);
  const prepared = await prepare(inputs, { house, service, registry, laps, world });
  const { plan, image } = prepared;
  world.log.group(`Plan for ${service.name}`, describeImagePlan(plan));
  const cwd = joinPath(house.checkout.root, service.path);
  const steps = await openSteps(inputs, prepared, { house, registry, laps, cwd }, world);
  try {
    const made = await carryOut(inputs, prepared, { house, registry, laps, steps }, world);
    const end = { plan, outcome: steps.outcome, laps: laps.all, durationMs: world.clock.now() - started };
    return resultOf({ ...made, ...end }, registry.traffic, image.platforms.map(formatPlatform));
  } catch (thrown) {
    if (thrown instanceof UserError && thrown.code === 'gate-failed') return gateFailed(plan, steps.outcome, thrown);
    throw thrown;
  }
}

interface Site {
  readonly house: House;
  readonly registry: Registry;
  readonly laps: Laps;
}

async function openSteps(
  inputs: BuildInputs,
  { plan, image, trust, reuseKey, source }: Prepared,
  { house, registry, laps, cwd }: Site & { readonly cwd: string },
  world: World,
): Promise<BuildSteps> {
  // The author of a pull request has a say in everything that its run does, and a preview is of such a run as a rule.
  const signs = plan.push && inputs.push !== 'preview' && world.run.trigger.kind !== 'pull-request';
  const vouches = signs && plan.settings.reuse !== 'off' && image.builder !== 'source';
  const signingKey = vouches ? await findSigningKey(plan.settings, reuseKey, world) : undefined;
  const order = commitOrder(source, house.checkout);
  return new BuildSteps({ plan, registry, trust, signs, signingKey, cwd, order, laps }, world);
}

async function carryOut(
  inputs: BuildInputs,
  { image, plan, source }: Prepared,
  { house, registry, laps, steps }: Site & { readonly steps: BuildSteps },
  world: World,
): Promise<Made> {
  const { decision } = plan;
  if (decision.kind === 'join') return made(await join(plan, decision.parts, registry, steps), undefined);
  if (decision.kind === 'reuse') {
    if (plan.push) return made(await reuse(plan, decision.image, registry, steps), undefined);
    // Without the right to push nothing is tagged, but the image is known all the same.
    await steps.withoutTags(decision.image, undefined);
    return { published: undefined, layout: undefined, image: decision.image, contents: [] };
  }
  laps.next('build');
  const { env, log, learn, signal } = world;
  const directory = joinPath(world.temp, 'slipway', `layout-${plan.service}`);
  const job: BuildJob = { plan, root: house.checkout.root, directory, date: source.commitDate, cache: inputs.cache };
  const layout = await buildImage(image, job, { registry, env, log, learn, signal });
  laps.next('push');
  return plan.push ? made(await publish(plan, layout, registry, steps), layout) : await keep(plan, layout, steps);
}

/** An image that stays on this machine. */
async function keep(plan: ImagePlan, layout: Layout, steps: BuildSteps): Promise<Made> {
  const image = { repository: plan.repository, digest: layout.top.digest };
  await steps.withoutTags(image, layout.directory);
  const contents = contentsOf(await readManifest(layout, layout.top), layout);
  return { published: undefined, layout: layout.directory, image, contents };
}

const made = (published: Published, layout: Layout | undefined): Made => ({
  published,
  layout: layout?.directory,
  image: published.image,
  contents: contentsOf(published.manifest, published.adopted ? undefined : layout),
});
