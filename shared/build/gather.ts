import { stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import {
  builderOf,
  type ImageFacts,
  type LayerFacts,
  type MadeFor,
  parseReference,
  platformsOf,
} from '../image/index.ts';
import {
  type ImageRef,
  type NativeSettings,
  type Registry,
  type Service,
  type TrackedFiles,
  userError,
} from '../model/index.ts';
import { listLayer } from './files.ts';
import { gatherDocker } from './gather-docker.ts';
import { gatherReadyMade } from './gather-ready-made.ts';

const SCRATCH = 'scratch';

/** Where the facts of an image are looked for. */
export interface GatherRequest {
  /** Absolute path of the work tree. */
  readonly root: string;
  readonly service: Pick<Service, 'name' | 'path' | 'image'>;
  /** Whether a path from the root is declared as a dependency: it matches `dependencies.paths`, or is of a service in the closure. */
  readonly covers: (path: string) => boolean;
  /** Address of the source repository; becomes a label. */
  readonly source: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly registry: Registry;
  /** What git knows of the files; undefined: nothing, so all are read. */
  readonly tracked?: TrackedFiles | undefined;
  /** What variables in build arguments stand for; undefined: they are left as they are. */
  readonly madeFor?: MadeFor | undefined;
  /** A folder for an image that must be unpacked before it can be looked at. */
  readonly scratch: string;
}

/**
 * Looks up everything that the bytes of a service's image are made of. undefined: `builder: none`, nothing is built.
 * Throws `context-missing`, `dockerfile-missing`, `config-invalid`, `not-yet`, and for images that it is built upon what the registry throws.
 */
export async function gatherImageFacts(request: GatherRequest): Promise<ImageFacts | undefined> {
  const { service } = request;
  const settings = service.image;
  const builder = builderOf(
    service.name,
    settings,
    await exists(join(request.root, service.path, settings.dockerfile)),
  );
  if (builder === 'none') return undefined;
  if (builder === 'source') return await gatherReadyMade(request, settings.source ?? '');
  if (builder === 'docker') return await gatherDocker(request);
  const { native } = settings;
  if (native === undefined) throw userError('config-invalid', `${service.name} has no \`image.native\`.`);
  return {
    service: service.name,
    builder: 'native',
    settings,
    native,
    layers: await gatherLayers(request, native),
    base: await gatherBase(native.base, request.registry),
    platforms: platformsOf(settings.platforms),
    source: request.source,
    now: request.now,
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function gatherLayers(request: GatherRequest, native: NativeSettings): Promise<readonly LayerFacts[]> {
  const layers: LayerFacts[] = [];
  for (const { from, to } of native.layers) layers.push(await gatherLayer(request, from, to));
  return layers;
}

async function gatherLayer(request: GatherRequest, from: string, to: string): Promise<LayerFacts> {
  const { name } = request.service;
  const path = pathFromRoot(request.service, from);
  const source = join(request.root, path);
  const files = await listLayer(source, path, request.tracked?.format ?? 'sha1');
  if (files === undefined) {
    throw userError('context-missing', `${name} copies \`from: ${from}\` into its image, but ${path} is not there.`);
  }
  const single = files.length === 1 && files[0]?.path === '' && files[0].mode !== '040000';
  for (const file of files) mustBeDeclared(request, from, file.path === '' ? path : posix.join(path, file.path));
  return { to: placeOf(name, to, single ? basename(source) : undefined), source, files };
}

/** A `from` as a path from the repository's root: with `/` in front it is one, else it is from the service's folder. */
function pathFromRoot({ name, path }: GatherRequest['service'], from: string): string {
  const joined = from.startsWith('/') ? from.slice(1) : posix.join(path, from);
  const normal = posix.normalize(joined).replace(/\/$/, '');
  if (normal === '..' || normal.startsWith('../')) {
    throw userError('config-invalid', `${name} copies \`from: ${from}\`, which leaves the repository.`, {
      remedy: 'Copy it into the repository in an earlier step.',
    });
  }
  return normal === '.' ? '' : normal;
}

/** What lies outside of the service's folder must be known as a dependency, or a change to it would not build the service. */
function mustBeDeclared({ service, covers }: GatherRequest, from: string, path: string): void {
  if (service.path === '' || path === service.path || path.startsWith(`${service.path}/`) || covers(path)) return;
  throw userError(
    'config-invalid',
    `${service.name} copies \`from: ${from}\` into its image, but ${path} is not among its dependencies: a change there would not build it.`,
    { remedy: `Add it to \`dependencies.paths\` of ${service.name}, or its service to \`dependencies.services\`.` },
  );
}

/** Where a layer goes. A single file goes to that very path, or into it when it ends with `/`. */
function placeOf(service: string, to: string, file: string | undefined): string {
  const place = posix.normalize(file !== undefined && to.endsWith('/') ? `${to}${file}` : to);
  if (to.startsWith('/') && (place !== '/' || file === undefined))
    return place === '/' ? place : place.replace(/\/$/, '');
  throw userError(
    'config-invalid',
    `${service} copies a layer \`to: ${to}\`, which is no absolute path of the image.`,
    {
      remedy: 'Write it like /app.',
    },
  );
}

async function gatherBase(text: string, registry: Registry): Promise<ImageRef | undefined> {
  if (text === SCRATCH) return undefined;
  const { repository, tag, digest } = parseReference(text);
  const found = digest ?? (await registry.resolve(repository, tag ?? 'latest'))?.digest;
  if (found === undefined) throw userError('image-not-found', `The base image ${text} is not in its registry.`);
  return { repository, digest: found };
}
