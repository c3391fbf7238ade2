import type { ContentKey, ImageRef } from '../../model/index.ts';

/** Whether the maker of an image is known. */
export type Proof =
  /** `by`: what proves it, such as `the key .slipway/reuse.pub`; undefined where no proof is asked for. */
  | { readonly kind: 'proven'; readonly by: string | undefined }
  /** `why`: a sentence. */
  | { readonly kind: 'unproven'; readonly why: string };

/** One way to know the maker of an image. A new one is a file beside this with a function that opens it. */
export interface Verifier {
  /** Looks for the proof that lies beside an image. Throws what registries throw. */
  prove(image: ImageRef, key: ContentKey): Promise<Proof>;
}

/** Whose images of the same content are taken. */
export type Trust =
  /** Of whoever can write the registry. */
  | { readonly kind: 'anyone' }
  /** Of those that a verifier knows. `why`: a clause with a full stop that says why there is none. */
  | { readonly kind: 'proven'; readonly verifiers: readonly Verifier[]; readonly why: string };

/** Asks one verifier after the other, until one knows the maker. */
export async function prove(trust: Trust, image: ImageRef, key: ContentKey): Promise<Proof> {
  if (trust.kind === 'anyone') return { kind: 'proven', by: undefined };
  const why: string[] = [];
  for (const verifier of trust.verifiers) {
    const proof = await verifier.prove(image, key);
    if (proof.kind === 'proven') return proof;
    why.push(proof.why);
  }
  return { kind: 'unproven', why: why.join(' ') };
}
