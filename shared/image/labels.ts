import type { ContentKey } from '../model/index.ts';
import type { ImageFacts } from './facts.ts';
import { formatParts, PARTS_ANNOTATION } from './parts.ts';

/** Annotation that carries the full content key. */
export const KEY_ANNOTATION = 'io.github.slipway-actions.content-key';
/** image-spec, annotations.md. */
const OCI = 'org.opencontainers.image';

/**
 * Labels of the config: only what is the same for every commit with this content. Commit, version and date stand
 * nowhere in the image, since one image serves many commits: the tag `sha-<commit>` and the deploy event say them.
 */
export function labelsOf(facts: Pick<ImageFacts, 'service' | 'source'>): Readonly<Record<string, string>> {
  return {
    [`${OCI}.title`]: facts.service,
    // GHCR links a package to its repository by this one, which is what gives the workflow's token its rights.
    ...(facts.source === undefined ? {} : { [`${OCI}.source`]: facts.source }),
  };
}

/** Annotations of the manifest and index: the labels, the key, and what it was built upon. */
export function annotationsOf(
  facts: Pick<ImageFacts, 'service' | 'source' | 'base'>,
  key: ContentKey,
): Readonly<Record<string, string>> {
  const { base } = facts;
  return {
    ...labelsOf(facts),
    [KEY_ANNOTATION]: key.value,
    [PARTS_ANNOTATION]: formatParts(key),
    ...(base === undefined ? {} : { [`${OCI}.base.name`]: base.repository, [`${OCI}.base.digest`]: base.digest }),
  };
}
