import { createPublicKey, type KeyObject } from 'node:crypto';
import { type ContentKey, type Digest, type ImageRef, type Registry, userError } from '../../model/index.ts';
import { bundlesOf } from './bundles.ts';
import { BUNDLE_MEDIA, signStatement, verifiedStatement } from './dsse.ts';
import { attach } from './referrer.ts';
import { VOUCHED, vouchesFor, vouchFor } from './statement.ts';
import type { Verifier } from './verifier.ts';

/** How cosign lists what lies in a bundle. */
const CONTENT = 'dev.sigstore.bundle.content';
const PREDICATE = 'dev.sigstore.bundle.predicateType';

/**
 * Knows images by the signature of a key: one of ours, or of `cosign sign --key`.
 *
 * @param shown the path of the public key, for people
 */
export function keyVerifier(registry: Registry, key: KeyObject, shown: string): Verifier {
  return {
    async prove(image, contentKey) {
      for await (const bundle of bundlesOf(registry, image)) {
        const statement = verifiedStatement(bundle, key);
        if (statement !== undefined && vouchesFor(statement, image.digest, contentKey))
          return { kind: 'proven', by: `the key ${shown}` };
      }
      return { kind: 'unproven', why: `${image.digest} has no signature of the key ${shown}.` };
    },
  };
}

/** Signs the statement that an image is the one of a content key, and attaches it. Gives the digest of what was attached. */
export function signImage(
  registry: Registry,
  image: ImageRef,
  contentKey: ContentKey,
  key: KeyObject,
): Promise<Digest> {
  return attach(registry, image, {
    mediaType: BUNDLE_MEDIA,
    bytes: signStatement(vouchFor(image.digest, contentKey), key),
    annotations: { [CONTENT]: 'dsse-envelope', [PREDICATE]: VOUCHED },
  });
}

/** Throws `config-invalid` when a private key is not the other half of a public one: nothing that it signs would be taken. */
export function mustBePair(privateKey: KeyObject, publicKey: KeyObject, shown: string): void {
  if (createPublicKey(privateKey).equals(publicKey)) return;
  throw userError('config-invalid', `The private key of \`image.reuse-key\` is not the other half of ${shown}.`, {
    remedy: 'Give the private key that belongs to it, or commit the public key of the one you give.',
  });
}
