import { isRecord, type Registry } from '../../model/index.ts';
import { bundlesOf } from './bundles.ts';
import { isOfBranch } from './run-identity.ts';
import { PROVENANCE, VOUCHED, vouchesFor } from './statement.ts';
import type { Verifier } from './verifier.ts';

/** Whose runs are believed. */
interface TrustedRuns {
  /** Address of the repository. */
  readonly repository: string;
  readonly branch: string;
}

/**
 * Knows images by what a run of the default branch has attested with its identity: provenance of `actions/attest` that was
 * pushed to the registry, or a keyless signature of cosign.
 *
 * @param trustedRoot the authorities and logs that are believed, as JSON; default: those of Sigstore's public instance
 */
export function attestationVerifier(
  registry: Registry,
  { repository, branch }: TrustedRuns,
  trustedRoot?: unknown,
): Verifier {
  return {
    async prove(image, contentKey) {
      for await (const bundle of bundlesOf(registry, image)) {
        // What a key has signed has no certificate, and needs none of the library.
        if (!hasCertificate(bundle)) continue;
        const { verifyBundle } = await import('./sigstore.ts');
        const attested = verifyBundle(bundle, trustedRoot);
        if (attested === undefined || !isOfBranch(attested.run, repository, branch)) continue;
        if (vouchesFor(attested.statement, image.digest, contentKey, [PROVENANCE, VOUCHED]))
          return { kind: 'proven', by: `an attestation of a run of ${branch}` };
      }
      return { kind: 'unproven', why: `${image.digest} has no attestation of a run of ${branch}.` };
    },
  };
}

function hasCertificate(bundle: unknown): boolean {
  const material = isRecord(bundle) ? bundle['verificationMaterial'] : undefined;
  return (
    isRecord(material) && (material['certificate'] !== undefined || material['x509CertificateChain'] !== undefined)
  );
}
