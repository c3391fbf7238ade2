/**
 * What a Dockerfile and its ignore file say about what an image is made of: which files of the context the builder sees,
 * and which images of others it takes something from. Exactly as BuildKit reads them, since the key must be of that.
 */
export { type ContextUse, contextUse } from './context.ts';
export { type Ignore, readIgnore, type Verdict } from './ignore.ts';
export { type Dockerfile, parseDockerfile } from './instructions.ts';
export { type Build, type NeededImage, type Needs, needsOf } from './needs.ts';
export { readStages } from './stages.ts';
