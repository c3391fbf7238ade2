import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { type RunIdentity, runIdentity } from './run-identity.ts';
import { SIGSTORE_ROOT } from './sigstore-root.ts';

/** A statement whose signature, certificate and log entries are good, and the run that signed it. */
export interface AttestedStatement {
  readonly statement: string;
  readonly run: RunIdentity;
}

/**
 * Verifies a bundle as Sigstore has it: a certificate of its authority, logged, the signature logged while the certificate
 * was valid. undefined when anything about it is not so: whoever can write a registry can attach anything.
 *
 * @param trustedRoot the authorities and logs that are believed, as JSON
 */
export function verifyBundle(bundle: unknown, trustedRoot: unknown = SIGSTORE_ROOT): AttestedStatement | undefined {
  try {
    const parsed = bundleFromJSON(bundle);
    if (parsed.content.$case !== 'dsseEnvelope') return undefined;
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(trustedRoot)));
    const { identity } = verifier.verify(toSignedEntity(parsed));
    return { statement: parsed.content.dsseEnvelope.payload.toString('utf8'), run: runIdentity(identity) };
  } catch {
    // Its errors are about the bundle, which is none of ours then.
    return undefined;
  }
}
