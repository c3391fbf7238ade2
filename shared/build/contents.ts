import type { Digest, RawManifest } from '../model/index.ts';
import type { Layout } from './layout.ts';
import { isIndex, parseIndex, parseManifest, platformName } from './oci.ts';

/** What stands for one platform in an image. */
export interface PlatformContent {
  /** `os/architecture[/variant]`; undefined where the image does not say it. */
  readonly platform: string | undefined;
  readonly digest: Digest;
  /** Number and bytes of its layers as they are transferred; undefined where that would have to be asked. */
  readonly layers: { readonly count: number; readonly bytes: number } | undefined;
}

const ATTESTATION = 'unknown/unknown';

/** The platforms of an image, as far as its manifest and, where this run has built it, its layout tell. */
export function contentsOf(manifest: RawManifest, layout: Layout | undefined): readonly PlatformContent[] {
  if (!isIndex(manifest.mediaType)) {
    const { layers } = parseManifest(manifest);
    return [{ platform: undefined, digest: manifest.digest, layers: sumOf(layers) }];
  }
  const built = new Map(layout?.images.map((it) => [it.manifest.digest, it.layers]));
  return parseIndex(manifest).manifests.flatMap(({ digest, platform }) => {
    const name = platform && platformName(platform);
    const layers = built.get(digest);
    return name === ATTESTATION ? [] : [{ platform: name, digest, layers: layers && sumOf(layers) }];
  });
}

const sumOf = (layers: readonly { readonly size: number }[]): { readonly count: number; readonly bytes: number } => ({
  count: layers.length,
  bytes: layers.reduce((sum, { size }) => sum + size, 0),
});
