/**
 * The image of a service before it is made: what determines it (the content key), what it is called (version and tags),
 * what is written about it (labels and annotations), and whether one of the same content is reused or a new one built.
 * Pure: facts come in, a plan goes out.
 */
export { builderOf, refuseNotYet } from './builder.ts';
export { type DecisionFacts, decide, type Lookup } from './decide.ts';
export { type Ignore, readIgnore, type Verdict } from './dockerfile/index.ts';
export { epochOf } from './epoch.ts';
export type {
  ContextFacts,
  DockerFacts,
  DockerfileFacts,
  FileFact,
  ImageFacts,
  LayerFacts,
  LayerFile,
  NativeFacts,
  Pin,
  ReadyMadeFacts,
  SourceFacts,
} from './facts.ts';
export { contentKey, keyOf, keyTag } from './key.ts';
export { annotationsOf, KEY_ANNOTATION, labelsOf } from './labels.ts';
export { planImage } from './plan.ts';
export { formatPlatform, parsePlatform, platformsOf } from './platform.ts';
export { parseReference } from './reference.ts';
export { CACHE_TAG, commitTag, expandTags } from './tags.ts';
export { versionOf, versionTagOf } from './version.ts';
