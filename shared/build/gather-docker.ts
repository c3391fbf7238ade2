import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import {
  contextUse,
  type DockerFacts,
  type Dockerfile,
  type FileFact,
  type FilledArgs,
  fillBuildArgs,
  parseDockerfile,
  platformsOf,
  readIgnore,
  readStages,
} from '../image/index.ts';
import { type Problem, problem, type TrackedFiles, userError } from '../model/index.ts';
import { blobId } from './blob.ts';
import { listContext, statOf, WITHOUT_GIT } from './files.ts';
import type { GatherRequest } from './gather.ts';
import { type Foundation, findFoundation, isKnownFrontend } from './pins.ts';

/** Larger files are no Dockerfiles. */
const LARGEST_TEXT = 1024 * 1024;
/** Files that a note names. */
const MOST_NAMED = 5;
/** Arguments that the builder itself reads, declared or not. */
const FOR_BUILDER = /^(?:BUILDKIT_|SOURCE_DATE_EPOCH$|(?:https?|ftp|no|all)_proxy$)/i;

/**
 * Looks up all that the image of a Dockerfile is made of. Throws `context-missing`, `config-invalid`, and for the images
 * that it takes something from what the registry throws.
 */
export async function gatherDocker(request: GatherRequest): Promise<DockerFacts> {
  const { service, now } = request;
  const settings = service.image;
  const file = await readDockerfile(request);
  const args = argumentsOf(request);
  const [foundation, context] = await Promise.all([
    findFoundation(file, args.args, settings, request.registry),
    readContext(request, file),
  ]);
  const used = reaching(args, file.parsed, foundation, service.name);
  return {
    service: service.name,
    builder: 'docker',
    settings,
    base: foundation.base,
    platforms: platformsOf(settings.platforms),
    source: request.source,
    now,
    dockerfile: {
      source: file.source,
      text: file.text,
      hash: blobId(file.text, request.tracked?.format ?? 'sha1'),
      frontend: foundation.frontend,
    },
    context: { source: context.source, files: context.files, ignore: context.ignore },
    pins: foundation.pins,
    buildArgs: used.args,
    target: settings.target,
    secrets: [...new Set(settings.secrets)].sort(),
    volatile: [...used.changing, ...context.volatile, ...foundation.volatile],
    notes: [...used.notes, ...unwatched(request, context)],
  };
}

/** A Dockerfile as it was read. */
export interface ReadFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly source: string;
  readonly text: string;
  readonly parsed: Dockerfile;
}

async function readDockerfile(request: GatherRequest): Promise<ReadFile> {
  const path = pathOf(request, 'dockerfile');
  const source = join(request.root, path);
  const text = await readText(source, path);
  if (text === undefined) throw userError('dockerfile-missing', `${request.service.name} has no ${path}.`);
  return { path, source, text, parsed: parseDockerfile(text, path) };
}

async function readText(source: string, shown: string): Promise<string | undefined> {
  const found = statOf(source);
  if (found === undefined || found.isDirectory()) return undefined;
  if (found.size <= LARGEST_TEXT) return await readFile(source, 'utf8');
  throw userError('config-invalid', `${shown} has ${found.size} bytes; no more than ${LARGEST_TEXT} are read.`);
}

/** A path of the settings from the root of the repository. */
function pathOf({ service }: GatherRequest, key: 'dockerfile' | 'context'): string {
  const path = posix.normalize(posix.join(service.path, service.image[key])).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../')) {
    throw userError('config-invalid', `\`image.${key}\` of ${service.name} leads out of the repository.`);
  }
  return path === '.' ? '' : path;
}

interface Context {
  /** From the root of the repository. */
  readonly path: string;
  readonly source: string;
  readonly ignore: string;
  readonly files: readonly FileFact[];
  readonly volatile: readonly string[];
  /** Whether a file may get into the build, as far as the Dockerfile says. */
  readonly reaches: (path: string) => boolean;
}

async function readContext(request: GatherRequest, file: ReadFile): Promise<Context> {
  const { root, service, tracked } = request;
  const path = pathOf(request, 'context');
  const source = join(root, path);
  if (statOf(source)?.isDirectory() !== true) {
    throw userError('context-missing', `${service.name} is built from ${path}, which is no folder.`, {
      remedy: 'Correct `image.context`; a folder that is made by the build must be there before this step.',
    });
  }
  // Git compares files while folders are listed here.
  const known = knownFiles(tracked, path);
  const rules = await ignoreFile(request, file, path);
  const use = contextUse(file.parsed);
  const ignore = use.git ? rules.text : withoutGit(rules.text);
  const files = await listContext(source, path, {
    ignore: readIgnore(ignore, rules.shown),
    format: tracked?.format ?? 'sha1',
    known,
  });
  const volatile = use.git ? ['the Dockerfile takes `.git` into the image'] : [];
  return { path, source, ignore, files, volatile, reaches: use.reaches };
}

/** Files of a folder that git has already hashed, by their paths in it. */
function knownFiles(tracked: TrackedFiles | undefined, folder: string) {
  const prefix = folder === '' ? '' : `${folder}/`;
  const asked = tracked?.unchanged(folder).then((files) => (path: string) => files.get(prefix + path));
  // Whoever waits for it gets the error; something else may go wrong before.
  asked?.catch(() => undefined);
  return asked ?? Promise.resolve(() => undefined);
}

const withoutGit = (text: string): string => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${WITHOUT_GIT}`;

/** What of the context is left out: the file beside the Dockerfile goes before the one of the context. */
async function ignoreFile(
  { root }: GatherRequest,
  file: ReadFile,
  context: string,
): Promise<{ readonly text: string; readonly shown: string }> {
  for (const shown of [`${file.path}.dockerignore`, posix.join(context, '.dockerignore')]) {
    const text = await readText(join(root, shown), shown);
    if (text !== undefined) return { text, shown };
  }
  return { text: '', shown: '.dockerignore' };
}

function argumentsOf({ service, madeFor }: GatherRequest): FilledArgs {
  const { buildArgs } = service.image;
  return madeFor === undefined ? { args: buildArgs, volatile: {} } : fillBuildArgs(buildArgs, madeFor);
}

/** The arguments that reach the build. What the Dockerfile does not declare has no say in the image, and is told. */
function reaching(
  { args, volatile }: FilledArgs,
  parsed: Dockerfile,
  { frontend }: Foundation,
  service: string,
): {
  readonly args: Readonly<Record<string, string>>;
  readonly changing: readonly string[];
  readonly notes: readonly Problem[];
} {
  const { declared } = readStages(parsed);
  const isRead = (name: string) => !isKnownFrontend(frontend) || declared.has(name) || FOR_BUILDER.test(name);
  const kept = Object.keys(args).filter(isRead);
  const lost = Object.keys(args).filter((name) => !isRead(name));
  return {
    args: Object.fromEntries(kept.map((name) => [name, args[name] ?? ''])),
    changing: kept.flatMap((name) =>
      volatile[name] === undefined ? [] : `the build argument \`${name}\` holds ${volatile[name]}`,
    ),
    notes: lost.map((name) =>
      problem(
        'build-arg-unused',
        `The Dockerfile of ${service} declares no \`ARG ${name}\`, so its value goes nowhere.`,
      ),
    ),
  };
}

/** Files that get into the build, but are no input of the service: a change there alone would not select it. */
function unwatched({ service, covers }: GatherRequest, { path, files, reaches }: Context): readonly Problem[] {
  const own = service.path === '' ? '' : `${service.path}/`;
  const missed = files
    .filter((it) => it.mode !== '040000' && reaches(it.path))
    .map((it) => (path === '' ? it.path : `${path}/${it.path}`))
    .filter((it) => !it.startsWith(own) && !covers(it));
  if (missed.length === 0) return [];
  const named = missed.slice(0, MOST_NAMED).join(', ');
  const more = missed.length > MOST_NAMED ? ` and ${missed.length - MOST_NAMED} more` : '';
  const sentence = `${service.name} is built from ${named}${more}, which are not among its dependencies.`;
  return [problem('context-unwatched', sentence)];
}
