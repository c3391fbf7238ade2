import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { hashOf } from './keys.ts';

/*
 * Signed statements as Sigstore packs them: an envelope (DSSE 1.0, secure-systems-lab/dsse) within a bundle
 * (sigstore/protobuf-specs, sigstore_bundle.proto), as JSON. It is what `cosign sign` writes and `cosign verify` reads.
 */

export const BUNDLE_MEDIA = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const STATEMENT_MEDIA = 'application/vnd.in-toto+json';
/** Signatures of one envelope that are looked at. */
const MOST_SIGNATURES = 8;

const bundleSchema = z.object({
  mediaType: z.string().startsWith('application/vnd.dev.sigstore.bundle'),
  dsseEnvelope: z.object({
    payload: z.base64(),
    payloadType: z.literal(STATEMENT_MEDIA),
    signatures: z
      .array(z.object({ sig: z.base64() }))
      .min(1)
      .max(MOST_SIGNATURES),
  }),
});

/** Signs a statement with a private key; gives the bundle, JSON in UTF-8. */
export function signStatement(statement: string, key: KeyObject): Buffer {
  const payload = Buffer.from(statement);
  const signature = sign(hashOf(key), preAuthentication(payload), key);
  const bundle = {
    mediaType: BUNDLE_MEDIA,
    verificationMaterial: { publicKey: { hint: hintOf(key) } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: STATEMENT_MEDIA,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
  return Buffer.from(JSON.stringify(bundle));
}

/** The statement of a bundle that a key has signed; undefined when it is none, or is signed by another. */
export function verifiedStatement(bundle: unknown, key: KeyObject): string | undefined {
  const parsed = bundleSchema.safeParse(bundle);
  if (!parsed.success) return undefined;
  const { payload, signatures } = parsed.data.dsseEnvelope;
  const bytes = Buffer.from(payload, 'base64');
  const signed = preAuthentication(bytes);
  const good = signatures.some(({ sig }) => verify(hashOf(key), signed, key, Buffer.from(sig, 'base64')));
  return good ? bytes.toString('utf8') : undefined;
}

/** What is signed: the type too, so that no bytes can be taken for something else (DSSE protocol.md, PAE). */
function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${STATEMENT_MEDIA.length} ${STATEMENT_MEDIA} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** By which a key is found again: the hash of its public half, as cosign names it. */
function hintOf(key: KeyObject): string {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('base64');
}
