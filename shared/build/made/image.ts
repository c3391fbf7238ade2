import { type Descriptor, type Digest, type Platform, type RawManifest, userError } from '../../model/index.ts';

/*
 * Images that lie on disk and that another program has made.
 */

/** One manifest of such an image. */
export interface MadeManifest {
  readonly raw: RawManifest;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** As an index lists it. */
  readonly platform?: Platform;
  /** Whether it says something about another manifest instead of being an image, as BuildKit's provenance and SBOM do. */
  readonly attestation: boolean;
}

/** An image as another program has left it. */
export interface MadeImage {
  readonly top: RawManifest;
  /** The top itself, where it is no index. */
  readonly manifests: readonly MadeManifest[];
  /** Absolute path of the bytes of a blob. */
  readonly pathOf: (digest: Digest) => string;
  /** What people call it, for errors. */
  readonly shown: string;
}

/** The error for an image of another program's that cannot be taken. `why` is a clause, such as `holds two images`. */
export const unusable = (shown: string, why: string): Error =>
  userError('image-invalid', `${shown} ${why}.`, { remedy: REMEDY });

const REMEDY = 'Let its tool write one image, as an OCI layout, an OCI archive or by `docker save`.';
