/**
 * Services and what they depend on: the closure of their dependencies with the way to each, the circles among them, an
 * order in which to deploy, and the matcher that says whether a path belongs to a service. Pure computation, and light:
 * it loads no parser and no schemas.
 */
export { buildGraph } from './build.ts';
export { MAX_CYCLES } from './cycles.ts';
export { deployOrder } from './order.ts';
export { compilePatterns, literalFolder } from './patterns.ts';
