import { join } from 'node:path';
import {
  type BuildJob,
  buildImage,
  type GateResult,
  gatherImageFacts,
  lookUp,
  type Published,
  publish,
  reuse,
} from '../build/index.ts';
import { compilePatterns } from '../graph/index.ts';
import {
  earlierTags,
  formatPlatform,
  type ImageFacts,
  keyOf,
  parsePlatform,
  planImage,
  type SourceFacts,
  versionTagOf,
  volatileOf,
} from '../image/index.ts';
import type { ActionFlow, ActionResult, InputValues, World } from '../io/runner/index.ts';
import {
  type Commit,
  type Config,
  type Digest,
  formatImage,
  type Graph,
  type ImagePlan,
  type ImageRef,
  problem,
  type Registry,
  type Service,
  UserError,
  userError,
} from '../model/index.ts';
import { gateFailed, gateReport } from './build-gates.ts';
import { commitOrder } from './build-order.ts';
import { buildSummary, describeImagePlan } from './build-report.ts';
import { BuildSteps } from './build-steps.ts';
import { findReuseKey, findSigningKey, trustOf } from './build-trust.ts';
import { commitOf, type House, openHouse, serviceNamed } from './house.ts';
import type { buildAction } from './interface/index.ts';
import { registryOf } from './registry.ts';

type Inputs = InputValues<typeof buildAction.inputs>;
type Result = ActionResult<keyof typeof buildAction.outputs>;

/** Builds the image of one service once, or finds that it is there; pushes by digest, tags last. */
export const buildFlow: ActionFlow<typeof buildAction.inputs, keyof typeof buildAction.outputs> = { main };

/** What one run made. */
export interface Built extends Made {
  readonly plan: ImagePlan;
  readonly gates: readonly GateResult[];
  /** What was attached to the image as its signature. */
  readonly signature: Digest | undefined;
  readonly durationMs: number;
}

interface Made {
  /** undefined when nothing was pushed or reused. */
  readonly published: Published | undefined;
  readonly layout: string | undefined;
  /** The image under its digest; in the registry only when it was published or reused. */
  readonly image: ImageRef;
}

async function main(inputs: Inputs, world: World): Promise<Result> {
  const started = world.clock.now();
  const house = await openHouse(inputs.config, world);
  const configured = serviceNamed(house.config, inputs.service);
  for (const platform of inputs.platforms) parsePlatform(platform);
  const service = withInputs(configured, house.config, inputs);
  const registry = registryOf(world);
  const commit = await commitOf(house.checkout, undefined, world);
  const source = await sourceFacts(house, service, commit, registry, world);
  const image = await gatherImageFacts({
    root: house.checkout.root,
    service,
    covers: coverage(house.config, await house.graph(), service),
    source: `${world.run.serverUrl}/${world.run.repository}`,
    now: started,
    registry,
    tracked: house.checkout.tracked,
    madeFor: { source, run: world.run.id, now: started },
    scratch: join(world.temp, 'slipway'),
  });
  if (image === undefined) throw nothingToBuild(service);
  tellNotes(image, world);
  const key = keyOf(image);
  const push = pushes(inputs.push, world);
  const reuseAs = inputs.reuse ?? service.image.reuse;
  const ask = reuseAs !== 'off' && !inputs.force && image.builder !== 'source' && volatileOf(image).length === 0;
  const earlier = earlierTags(service.image.tags, source, key);
  const place = { repository: service.image.repository, key, platforms: image.platforms, earlier };
  const reuseKey = await findReuseKey(service, house.checkout, world);
  const trust = trustOf(reuseAs, reuseKey, registry);
  const lookup = ask ? await lookUp(registry, place, trust) : ({ kind: 'skipped' } as const);
  const plan = planImage({ image, source, key, lookup, push, force: inputs.force, reuse: reuseAs });
  world.log.group(`Plan for ${service.name}`, describeImagePlan(plan));
  const job = { plan, root: house.checkout.root, directory: layoutOf(plan, world), date: source.commitDate };
  const signs = push && inputs.push !== 'preview' && reuseAs !== 'off' && image.builder !== 'source';
  const signingKey = signs ? await findSigningKey(service.image, reuseKey, world) : undefined;
  const cwd = join(house.checkout.root, service.path);
  const steps = new BuildSteps(
    { plan, registry, trust, signingKey, cwd, order: commitOrder(source, house.checkout) },
    world,
  );
  try {
    const made = await carryOut(image, { ...job, cache: inputs.cache }, steps, registry, world);
    const built: Built = {
      ...made,
      plan,
      gates: steps.gates,
      signature: steps.signature,
      durationMs: world.clock.now() - started,
    };
    return resultOf(built, registry, image.platforms.map(formatPlatform));
  } catch (thrown) {
    if (thrown instanceof UserError && thrown.code === 'gate-failed') return gateFailed(plan, steps, thrown);
    throw thrown;
  }
}

/** What people should know of the image, wherever they look. */
function tellNotes(image: ImageFacts, { log }: World): void {
  const volatile = volatileOf(image);
  if (volatile.length > 0) {
    log.notice(problem('image-volatile', `No image of ${image.service} is reused, since ${volatile.join(', and ')}.`));
  }
  if (image.builder === 'docker') for (const it of image.notes) log.warning(it);
}

async function carryOut(
  image: ImageFacts,
  job: BuildJob,
  steps: BuildSteps,
  registry: Registry,
  world: World,
): Promise<Made> {
  const { plan } = job;
  if (plan.decision.kind === 'reuse') {
    if (plan.push) return made(await reuse(plan, plan.decision.image, registry, steps), undefined);
    // Without the right to push nothing is tagged, but the image is known all the same.
    await steps.withoutTags(plan.decision.image, undefined);
    return { published: undefined, layout: undefined, image: plan.decision.image };
  }
  const { env, log, learn, signal } = world;
  const layout = await buildImage(image, job, { registry, env, log, learn, signal });
  if (plan.push) return made(await publish(plan, layout, registry, steps), layout.directory);
  const unpushed = { repository: plan.repository, digest: layout.top.digest };
  await steps.withoutTags(unpushed, layout.directory);
  return { published: undefined, layout: layout.directory, image: unpushed };
}

const made = (published: Published, layout: string | undefined): Made => ({
  published,
  layout,
  image: published.image,
});

const layoutOf = (plan: ImagePlan, world: World): string => join(world.temp, 'slipway', `layout-${plan.service}`);

function resultOf(built: Built, registry: Registry, platforms: readonly string[]): Result {
  const { plan, published } = built;
  const reused = plan.decision.kind === 'reuse' || published?.adopted === true;
  const status = reused ? 'reused' : plan.decision.kind === 'build' && plan.decision.forced ? 'forced' : 'built';
  // An image that was not pushed has no place that it could be pulled from.
  const image = published === undefined && !reused ? '' : formatImage(built.image);
  const tags = published?.tags ?? [];
  return {
    ok: true,
    status,
    reason: undefined,
    sentence: `${plan.service} ${plan.version}: ${status}, ${image || `${built.image.digest}, not pushed`}`,
    outputs: {
      image,
      digest: built.image.digest,
      tags: JSON.stringify(tags),
      reused: String(reused),
      'content-key': plan.key.value,
      version: plan.version,
      layout: built.layout ?? '',
    },
    summary: buildSummary(built, status, platforms, registry.traffic),
    report: {
      service: plan.service,
      builder: plan.builder,
      image,
      digest: built.image.digest,
      tags,
      reused,
      'content-key': plan.key.value,
      'key-parts': plan.key.parts,
      version: plan.version,
      why: plan.decision.why,
      'duration-ms': built.durationMs,
      uploads: registry.traffic.uploads,
      'uploaded-bytes': registry.traffic.uploadedBytes,
      requests: registry.traffic.requests,
      retries: registry.traffic.retries,
      signature: built.signature ?? null,
      ...(built.gates.length === 0 ? {} : { gates: built.gates.map(gateReport) }),
    },
  };
}

/** The inputs of the action go before the configuration. */
function withInputs(service: Service, config: Config, inputs: Inputs): Service {
  const { image } = service;
  const repository = under(inputs.registry, config.registry, image.repository);
  return {
    ...service,
    image: {
      ...image,
      repository: inputs.push === 'preview' ? `${repository}/preview` : repository,
      platforms: inputs.platforms.length > 0 ? inputs.platforms : image.platforms,
      tags: inputs.tags.length > 0 ? inputs.tags : image.tags,
      builder: inputs.builder ?? image.builder,
    },
  };
}

/** The same image below another prefix; the repository of a single service is the prefix itself. */
function under(prefix: string | undefined, configured: string, repository: string): string {
  if (prefix === undefined) return repository;
  return repository === configured ? prefix : `${prefix}/${repository.slice(repository.lastIndexOf('/') + 1)}`;
}

/** `auto` pushes for the default branch and for tags: what others may build from or deploy. */
function pushes(push: Inputs['push'], { run }: World): boolean {
  if (push !== 'auto') return push !== 'never';
  return run.trigger.kind === 'tag' || run.ref === `refs/heads/${run.defaultBranch}`;
}

/** What the image may take from outside of the service's folder: declared and imported paths, and services it depends on. */
function coverage(config: Config, graph: Graph, service: Service): (path: string) => boolean {
  const declared = compilePatterns(service.dependencies.paths);
  const shared = compilePatterns(config.sharedPaths);
  const built = service.buildFiles === undefined ? [] : [compilePatterns(service.buildFiles)];
  const closure = [...(graph.nodes.get(service.name)?.closure.keys() ?? [])];
  const folders = closure.flatMap((name) => {
    const path = graph.nodes.get(name)?.service.path;
    return path === undefined ? [] : [`${path}/`];
  });
  const imported = [service.name, ...closure].flatMap((name) => graph.nodes.get(name)?.imported.inputs ?? []);
  const tests = [declared, shared, ...built, ...imported.map(({ rules }) => compilePatterns(rules))];
  return (path) => tests.some((takes) => takes(path)) || folders.some((folder) => path.startsWith(folder));
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

function nothingToBuild(service: Service): Error {
  return userError('config-invalid', `${service.name} has \`image.builder: none\`, so there is nothing to build.`, {
    remedy: 'Leave this step out for it, or configure a builder.',
  });
}
