import * as z from 'zod';
import { KEY_ANNOTATION } from '../../image/index.ts';
import { type ContentKey, type Digest, parseJson } from '../../model/index.ts';

/** in-toto attestation framework, statement.md. */
const STATEMENT = 'https://in-toto.io/Statement/v1';
/** What cosign says by `sign`: the signer vouches for the image. */
export const VOUCHED = 'https://sigstore.dev/cosign/sign/v1';
/** What a run says of what it has built (SLSA provenance 1.0). */
export const PROVENANCE = 'https://slsa.dev/provenance/v1';

const statementSchema = z.object({
  _type: z.literal(STATEMENT),
  subject: z.array(
    z.object({
      digest: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  predicateType: z.string(),
});

/**
 * The statement that an image is the one of a content key. It names no repository: what was built is the same wherever
 * it lies.
 */
export function vouchFor(digest: Digest, key: ContentKey): string {
  return JSON.stringify({
    _type: STATEMENT,
    subject: [{ digest: { sha256: hex(digest) }, annotations: { [KEY_ANNOTATION]: key.value } }],
    predicateType: VOUCHED,
    predicate: {},
  });
}

/**
 * Whether a statement, whose signature is good, vouches for an image of a content key. One without a key vouches for the
 * digest, and with it for the key that the image itself carries.
 *
 * @param predicates what it may say of the image; anything else, such as the result of a scan, is no word for it
 */
export function vouchesFor(
  statement: string,
  digest: Digest,
  key: ContentKey,
  predicates: readonly string[] = [VOUCHED],
): boolean {
  const parsed = statementSchema.safeParse(parseJson(statement));
  if (!parsed.success || !predicates.includes(parsed.data.predicateType)) return false;
  return parsed.data.subject.some(({ digest: named, annotations }) => {
    const about = annotations?.[KEY_ANNOTATION] ?? key.value;
    return named['sha256'] === hex(digest) && about === key.value;
  });
}

const hex = (digest: Digest): string => digest.replace('sha256:', '');
