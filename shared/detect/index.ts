/**
 * What changed: which services a run is about, and why. The base ladder says what each service is compared with, trees are
 * compared once for each distinct base, and every verdict carries its reasons. What is not known counts as changed.
 * Decisions only: git is the port `Checkout`, records are handed in. Light to load: no parser and no schemas.
 */
export { type Chain, chainOf, stagesOf } from './chain.ts';
export { detect } from './detect.ts';
export { explain, reasonsFile } from './explain.ts';
export { findHead, type Head } from './head.ts';
export type { MadeOf } from './made-of.ts';
export { MAX_MATRIX_ROWS, type MatrixDefaults, rowsOf } from './matrix.ts';
export { mayNameService } from './old-config.ts';
export type { DetectInput, DetectRequest, ReadImports, ReadStream } from './request.ts';
