import { createHash } from 'node:crypto';
import { type ContentKey, canonicalJson, type ImagePlan } from '../model/index.ts';
import { isProxy } from './build-args.ts';
import { epochOf } from './epoch.ts';
import type { DockerFacts, FileFact, ImageFacts, NativeFacts } from './facts.ts';
import { labelsOf } from './labels.ts';
import { formatPlatform } from './platform.ts';

/** Grows when the same inputs make another image: then everything is built once more. */
const SCHEMA = 2;
/** Hex digits of the key in a tag: 160 bits, as a commit has. */
const TAG_DIGITS = 40;

/**
 * The content key of the parts of an image: sha256 over canonical JSON of the schema, the builder and the hash of each
 * part. Equal declared inputs give equal keys; what is not in a part does not count.
 */
export function contentKey(builder: ImagePlan['builder'], parts: Readonly<Record<string, unknown>>): ContentKey {
  const hashes = Object.fromEntries(
    Object.keys(parts)
      .sort()
      .map((name) => [name, sha256(canonicalJson(parts[name] ?? null))]),
  );
  return { value: sha256(canonicalJson({ schema: SCHEMA, builder, parts: hashes })), parts: hashes };
}

/**
 * The key of an image. In it is what its bytes are made of: files with their place, mode and content, what it is built
 * upon by digest, the settings that reach it, platforms, labels, and the epoch. Not in it: where the files lay, the
 * repository and its tags, commit, date and run, and the values of secrets.
 */
export function keyOf(facts: ImageFacts): ContentKey {
  if (facts.builder === 'source') return contentKey(facts.builder, { image: facts.digest });
  return contentKey(facts.builder, {
    ...(facts.builder === 'native' ? nativeParts(facts) : dockerParts(facts)),
    epoch: epochOf(facts.settings.cacheEpoch, facts.now),
    labels: labelsOf(facts),
    platforms: facts.platforms.map(formatPlatform),
  });
}

function nativeParts({ native, base, layers }: NativeFacts): Readonly<Record<string, unknown>> {
  return {
    base: base?.digest ?? 'scratch',
    config: {
      entrypoint: native.entrypoint,
      cmd: native.cmd,
      env: native.env,
      ports: [...new Set(native.ports)].sort((a, b) => a - b),
      user: native.user ?? null,
      workdir: native.workdir ?? null,
    },
    files: layers.map(({ to, files }) => ({ to, files: listing(files) })),
  };
}

function dockerParts(facts: DockerFacts): Readonly<Record<string, unknown>> {
  const { dockerfile, context, pins, buildArgs, target, secrets } = facts;
  return {
    base: pins.map(({ reference, image }) => [reference, image.digest]),
    'build-args': Object.fromEntries(Object.entries(buildArgs).filter(([name]) => !isProxy(name))),
    dockerfile: dockerfile.hash,
    files: listing(context.files),
    frontend: dockerfile.frontend?.image.digest ?? null,
    secrets,
    target: target ?? null,
  };
}

/** As one text, since there may be very many. No path holds a NUL. */
const listing = (files: readonly FileFact[]): string =>
  files.map(({ path, mode, hash }) => `${mode} ${hash} ${path}`).join('\0');

/** The tag under which an image of this key is found. */
export const keyTag = (key: ContentKey): string => `key-${key.value.slice(0, TAG_DIGITS)}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
