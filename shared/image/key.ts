import { createHash } from 'node:crypto';
import { type BuilderKind, type ContentKey, canonicalJson } from '../model/index.ts';
import { epochOf } from './epoch.ts';
import type { ImageFacts } from './facts.ts';
import { labelsOf } from './labels.ts';
import { formatPlatform } from './platform.ts';

/** Grows when the same inputs make another image: then everything is built once more. */
const SCHEMA = 1;
/** Hex digits of the key in a tag: 160 bits, as a commit has. */
const TAG_DIGITS = 40;

/**
 * The content key of the parts of an image: sha256 over canonical JSON of the schema, the builder and the hash of each
 * part. Equal declared inputs give equal keys; what is not in a part does not count.
 */
export function contentKey(builder: BuilderKind, parts: Readonly<Record<string, unknown>>): ContentKey {
  const hashes = Object.fromEntries(
    Object.keys(parts)
      .sort()
      .map((name) => [name, sha256(canonicalJson(parts[name] ?? null))]),
  );
  return { value: sha256(canonicalJson({ schema: SCHEMA, builder, parts: hashes })), parts: hashes };
}

/**
 * The key of an image. In it is what its bytes are made of: files with their place, mode and content, the base by its
 * digest, the settings that reach its config, platforms, labels, and the epoch. Not in it: where the files lay, the
 * repository and its tags, commit, date and run.
 */
export function keyOf(facts: ImageFacts): ContentKey {
  const { native } = facts;
  return contentKey(facts.builder, {
    base: facts.base?.digest ?? 'scratch',
    config: {
      entrypoint: native.entrypoint,
      cmd: native.cmd,
      env: native.env,
      ports: [...new Set(native.ports)].sort((a, b) => a - b),
      user: native.user ?? null,
      workdir: native.workdir ?? null,
    },
    epoch: epochOf(facts.settings.cacheEpoch, facts.now),
    files: facts.layers.map(({ to, files }) => ({ to, files: files.map((it) => [it.path, it.mode, it.hash]) })),
    labels: labelsOf(facts),
    platforms: facts.platforms.map(formatPlatform),
  });
}

/** The tag under which an image of this key is found. */
export const keyTag = (key: ContentKey): string => `key-${key.value.slice(0, TAG_DIGITS)}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
