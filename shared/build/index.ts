/**
 * Makes images and puts them into registries: facts of the files and the base are gathered, a builder makes an OCI
 * layout of them, and one push path publishes it by digest with the tags last; an image of the same content is only
 * tagged. There are two builders: the native one, which needs no daemon, and buildx for Dockerfiles.
 */
export { buildImage } from './build-image.ts';
export type { BuildJob, BuildMachine, LayerCache } from './builder.ts';
export { contentsOf, type PlatformContent } from './contents.ts';
export { copyImage } from './copy.ts';
export { type GateMachine, type GateResult, type GateSubject, mustPass, runGates } from './gates.ts';
export { gatherImageFacts } from './gather.ts';
export { inspect } from './inspect.ts';
export { findParts, join } from './join.ts';
export { type Layout, readManifest } from './layout.ts';
export { lookUp } from './lookup.ts';
export type { CommitOrder } from './moving.ts';
export { buildNative } from './native.ts';
export { type Candidate, type Published, type PublishSteps, publish, reuse } from './publish.ts';
export { attestationVerifier } from './trust/attestation.ts';
export { signWithCosign } from './trust/cosign.ts';
export { readPrivateKey, readPublicKey } from './trust/keys.ts';
export { keyVerifier, mustBePair, signImage } from './trust/reuse-key.ts';
export { attachSboms } from './trust/sbom.ts';
export { prove, type Trust, type Verifier } from './trust/verifier.ts';
export { completeLayout, fetchLayout } from './whole-layout.ts';
