import { type DockerFacts, formatPlatform } from '../../image/index.ts';
import { formatImage } from '../../model/index.ts';
import type { CacheArguments } from './cache.ts';
import { fields } from './fields.ts';
import type { BuildSecret } from './secrets.ts';

/** How the image comes out of the builder. */
export type Output =
  /** An OCI layout as a folder; `rewrite` sets the times in its layers to the date of the commit. */
  | { readonly kind: 'layout'; readonly directory: string; readonly rewrite: boolean }
  /** Into the store of the Docker engine, under a name, to be saved from there. */
  | { readonly kind: 'engine'; readonly name: string };

/** All that the command line of one build says. */
export interface BuildCommand {
  readonly facts: DockerFacts;
  readonly labels: Readonly<Record<string, string>>;
  /** Path of the Dockerfile; the file that says what is left out lies beside it. */
  readonly dockerfile: string;
  readonly secrets: readonly BuildSecret[];
  readonly cache: CacheArguments;
  /** Nothing of earlier builds is taken. */
  readonly fresh: boolean;
  readonly output: Output;
  /** A name in the store of the engine that no registry has and nobody else uses, should the image have to go there. */
  readonly engineName: string;
}

/** Arguments of `docker buildx`. No secret is among them: they name the variables. */
export function buildArguments(command: BuildCommand): readonly string[] {
  const { facts, labels, dockerfile, secrets, cache, fresh } = command;
  const { target, context, dockerfile: file, pins } = facts;
  const frontend = file.frontend === undefined ? {} : { BUILDKIT_SYNTAX: formatImage(file.frontend.image) };
  return [
    'build',
    '--progress=plain',
    `--file=${dockerfile}`,
    `--platform=${facts.platforms.map(formatPlatform).join(',')}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...pairs('--build-arg', { ...facts.buildArgs, ...frontend }),
    ...pairs('--label', labels),
    ...secrets.map(({ id, variable }) => `--secret=${fields({ id, env: variable })}`),
    ...pins.map(({ reference, image }) => `--build-context=${reference}=docker-image://${formatImage(image)}`),
    ...cache.from.map((it) => `--cache-from=${it}`),
    ...cache.to.map((it) => `--cache-to=${it}`),
    ...(fresh ? ['--no-cache'] : []),
    ...outputArguments(command.output),
    context.source,
  ];
}

const pairs = (flag: string, of: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(of).map(([name, value]) => `${flag}=${name}=${value}`);

function outputArguments(output: Output): readonly string[] {
  if (output.kind === 'engine') return ['--load', `--tag=${output.name}`];
  const { directory, rewrite } = output;
  const times: Readonly<Record<string, string>> = rewrite ? { 'rewrite-timestamp': 'true' } : {};
  return [`--output=${fields({ type: 'oci', tar: 'false', dest: directory, ...times })}`];
}

/** Variables of the runner that only actions see, and that hold or lead to its own secrets. */
const PRIVATE = /^(?:INPUT_|STATE_|ACTIONS_)/;
/** Those of them that the cache of Actions is reached by (docker/buildx, util/buildflags/cache.go). */
const FOR_CACHE = new Set([
  'ACTIONS_CACHE_URL',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_SERVICE_V2',
]);

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a build: the user's, without what belongs to the action; the date that stands for all times; and no
 * additions of buildx that would make every commit or build another image.
 *
 * @param options.date ISO 8601
 */
export function buildEnvironment(
  env: Env,
  options: { readonly date: string; readonly cache: boolean; readonly secrets: readonly BuildSecret[] },
): Env {
  const given = new Set(options.secrets.map(({ variable }) => variable));
  const kept = Object.entries(env).filter(
    ([name]) => !PRIVATE.test(name) || given.has(name) || (options.cache && FOR_CACHE.has(name)),
  );
  return {
    ...Object.fromEntries(kept),
    SOURCE_DATE_EPOCH: String(Math.floor(Date.parse(options.date) / 1_000)),
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    BUILDX_GIT_LABELS: undefined,
    NO_COLOR: '1',
  };
}
