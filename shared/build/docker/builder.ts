import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type DockerFacts, epochOf, formatPlatform } from '../../image/index.ts';
import { problem, userError } from '../../model/index.ts';
import type { Builder, BuildJob, BuildMachine } from '../builder.ts';
import { type Layout, LayoutWriter } from '../layout.ts';
import type { MadeImage } from '../made/image.ts';
import { withMadeImage } from '../made/open.ts';
import { takeAnnotated } from '../made/take.ts';
import { platformName } from '../oci.ts';
import { type BuildRun, runBuild } from './build.ts';
import { cacheArguments } from './cache.ts';
import { type BuildCommand, buildEnvironment } from './command.ts';
import { mountableLayers } from './mountable.ts';
import { findSecrets } from './secrets.ts';
import { mustBeUnchanged } from './unchanged.ts';

/**
 * Builds Dockerfiles with buildx, on whatever builder the user has chosen. The image comes back as files and goes the way
 * of all others: the builder pushes nothing.
 */
export const docker: Builder<'docker'> = {
  build: (facts, job, machine) =>
    LayoutWriter.write(job.directory, async (writer): Promise<Layout> => {
      const scratch = await writer.scratch();
      const command = await commandFor(facts, job, machine, scratch);
      for (const { variable } of command.secrets) machine.learn(machine.env[variable] ?? '');
      const path = await runBuild(command, runOf(command, job, machine, scratch), machine);
      await mustBeUnchanged(facts);
      const made = { path, shown: `What the builder made of ${facts.service}`, scratch };
      const taken = await withMadeImage(made, (image) => {
        mustHavePlatforms(image, facts);
        return takeAnnotated(image, job.plan.annotations, writer);
      });
      const mountable = job.plan.push ? await mountableLayers(facts, job.plan.repository, machine) : new Map();
      return { directory: job.directory, ...taken, borrowed: new Map(), mountable };
    }),
};

/** Buildx leaves it out without a word. */
const NO_ACTIONS_CACHE = problem(
  'builder-limited',
  'Layers are not kept: `cache: actions` needs the cache of GitHub Actions, which this runner does not offer.',
  { remedy: 'Use `cache: registry`.' },
);

async function commandFor(
  facts: DockerFacts,
  { plan, cache }: BuildJob,
  { env, log }: BuildMachine,
  scratch: string,
): Promise<BuildCommand> {
  const secrets = findSecrets(facts.service, facts.secrets, env);
  if (cache === 'actions' && (env['ACTIONS_RUNTIME_TOKEN'] ?? '') === '') log.notice(NO_ACTIONS_CACHE);
  const { cacheEpoch } = facts.settings;
  return {
    facts,
    labels: plan.labels,
    dockerfile: await writeDockerfile(facts, scratch),
    secrets,
    cache: cacheArguments({
      kind: cache,
      service: facts.service,
      repository: plan.repository,
      epoch: epochOf(cacheEpoch, facts.now),
      write: plan.push,
    }),
    fresh: plan.decision.kind === 'build' && plan.decision.forced,
    output: { kind: 'layout', directory: join(scratch, 'image'), rewrite: true },
    engineName: `slipway.invalid/${plan.key.value}:build`,
  };
}

/** What was hashed is what is built: both files as they were read, and not what is at their paths by now. */
async function writeDockerfile({ dockerfile, context }: DockerFacts, scratch: string): Promise<string> {
  const folder = join(scratch, 'dockerfile');
  await mkdir(folder);
  const file = join(folder, 'Dockerfile');
  await writeFile(file, dockerfile.text);
  await writeFile(`${file}.dockerignore`, context.ignore);
  return file;
}

function runOf({ facts, secrets }: BuildCommand, job: BuildJob, { env }: BuildMachine, scratch: string): BuildRun {
  return {
    service: facts.service,
    scratch,
    dockerfile: relative(job.root, facts.dockerfile.source).split(sep).join('/'),
    env: buildEnvironment(env, { date: job.date, cache: job.cache === 'actions', secrets }),
  };
}

/** A builder that leaves a platform out must not go unseen: the key promises it. */
function mustHavePlatforms({ manifests }: MadeImage, { platforms, service }: DockerFacts): void {
  const images = manifests.filter(({ attestation }) => !attestation);
  if (images.length === 1 && platforms.length === 1) return;
  const has = new Set(images.map(({ platform }) => platform && platformName(platform)));
  const lacking = platforms.map(formatPlatform).filter((name) => !has.has(name));
  if (lacking.length === 0 && images.length === platforms.length) return;
  throw userError('build-failed', `The builder made ${images.length} images of ${service}, without ${lacking}.`);
}
