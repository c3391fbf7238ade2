import { type Descriptor, type ImageRef, parseJson, type Registry, UserError } from '../../model/index.ts';
import { parseManifest } from '../oci.ts';
import { BUNDLE_MEDIA } from './dsse.ts';

/** Bundles of one image that are looked at: whoever can write a registry can attach as many as they like. */
const MOST_BUNDLES = 64;
/** Bytes of one; with certificates and a log entry it has some ten thousand. */
const LARGEST_BUNDLE = 1024 * 1024;

/**
 * The Sigstore bundles that are attached to an image, as JSON values that nobody has checked; one after the other, so
 * that the rest is not fetched when one will do. What cannot be read is passed by: others wrote it.
 */
export async function* bundlesOf(registry: Registry, image: ImageRef): AsyncGenerator<unknown> {
  const listed = await registry.referrers(image.repository, image.digest, BUNDLE_MEDIA);
  for (const it of listed.slice(-MOST_BUNDLES)) {
    const bundle = await readBundle(registry, image.repository, it);
    if (bundle !== undefined) yield bundle;
  }
}

async function readBundle(registry: Registry, repository: string, { digest }: Descriptor): Promise<unknown> {
  try {
    const manifest = await registry.manifest(repository, digest);
    const layer = manifest && parseManifest(manifest).layers[0];
    if (layer === undefined || layer.size > LARGEST_BUNDLE) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await registry.blob(repository, layer)) chunks.push(chunk);
    return parseJson(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    if (error instanceof UserError && (error.code === 'image-invalid' || error.code === 'image-not-found'))
      return undefined;
    throw error;
  }
}
