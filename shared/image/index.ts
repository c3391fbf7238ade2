/**
 * The image of a service before it is made: what determines it (the content key), what it is called (version and tags),
 * what is written about it (labels and annotations), and whether one of the same content is reused or a new one built.
 * Pure: facts come in, a plan goes out.
 */
export { type FilledArgs, fillBuildArgs, type MadeFor } from './build-args.ts';
export { builderOf } from './builder.ts';
export { type DecisionFacts, decide, type Lookup } from './decide.ts';
export {
  type Build,
  type ContextUse,
  contextUse,
  type Dockerfile,
  type Ignore,
  type NeededImage,
  needsOf,
  parseDockerfile,
  readIgnore,
  readStages,
  type Verdict,
} from './dockerfile/index.ts';
export { epochOf } from './epoch.ts';
export {
  type ContextFacts,
  type DockerFacts,
  type DockerfileFacts,
  type FileFact,
  type ImageFacts,
  type LayerFacts,
  type LayerFile,
  type NativeFacts,
  type Pin,
  type ReadyMadeFacts,
  type SourceFacts,
  volatileOf,
} from './facts.ts';
export { contentKey, keyOf, keyTag } from './key.ts';
export { annotationsOf, KEY_ANNOTATION, labelsOf } from './labels.ts';
export { type EarlierImage, explainMiss, type KeyParts, PARTS_ANNOTATION, readParts } from './parts.ts';
export { planImage } from './plan.ts';
export { formatPlatform, parsePlatform, platformsOf } from './platform.ts';
export { parseReference } from './reference.ts';
export { outrankedBy } from './releases.ts';
export { CACHE_TAG, commitTag, earlierTags, expandTags } from './tags.ts';
export { versionOf, versionTagOf } from './version.ts';
