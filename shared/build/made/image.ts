import { type Descriptor, type Digest, type Platform, type RawManifest, userError } from '../../model/index.ts';
import { type ListedPlatform, parseManifest, platformName } from '../oci.ts';

/*
 * Images that another program has made.
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

/** The documents of an image that another program has made. */
export interface MadeDocuments {
  readonly top: RawManifest;
  /** The top itself, where it is no index. */
  readonly manifests: readonly MadeManifest[];
  /** What people call it, for errors. */
  readonly shown: string;
}

/** Such an image on this machine. */
export interface MadeImage extends MadeDocuments {
  /** Absolute path of the bytes of a blob. */
  readonly pathOf: (digest: Digest) => string;
}

/** What the platform of BuildKit's provenance and SBOM is called. */
const ATTESTATION = 'unknown/unknown';

/** Reads a manifest as its index lists it. Throws `image-invalid`. */
export function madeManifest(raw: RawManifest, listed?: ListedPlatform): MadeManifest {
  const { config, layers } = parseManifest(raw);
  if (listed === undefined) return { raw, config, layers, attestation: false };
  const { os, architecture, variant } = listed;
  // Without what is undefined: it stands in documents.
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return { raw, config, layers, platform, attestation: platformName(listed) === ATTESTATION };
}

/** The error for an image of another program's that cannot be taken. `why` is a clause, such as `holds two images`. */
export const unusable = (shown: string, why: string): Error =>
  userError('image-invalid', `${shown} ${why}.`, { remedy: REMEDY });

const REMEDY = 'Let its tool write one image, as an OCI layout, an OCI archive or by `docker save`.';
