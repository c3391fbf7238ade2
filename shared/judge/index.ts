/**
 * The judge: looks at a running image from outside and says what it saw. Probes now; metrics are understood by the
 * configuration, and refused here until they can be judged.
 */
export { verifyHttp } from './http.ts';
export { verifierOf } from './verifier.ts';
