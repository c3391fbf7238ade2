/** Hex id of a git commit: 40 digits (SHA-1) or 64 (SHA-256). */
export type Commit = string;
/** Content digest as OCI writes it. */
export type Digest = `sha256:${string}`;
export type ServiceName = string;
export type EnvironmentName = string;

/** One immutable image: the identity that travels from build to every environment; a tag only points at one. The fifth of the nine values. */
export interface ImageRef {
  /** Host and path, such as `ghcr.io/acme/shop/checkout`. */
  readonly repository: string;
  readonly digest: Digest;
}

export const isDigest = (text: string): text is Digest => /^sha256:[0-9a-f]{64}$/.test(text);
export const isCommit = (text: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** The rule for names of services and environments: they become parts of refs, tags, folders and labels. */
export const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;
export const isName = (text: string): boolean => NAME.test(text);

/** `repository@sha256:…` */
export function formatImage(image: ImageRef): string {
  return `${image.repository}@${image.digest}`;
}

/** Reads `repository[:tag]@sha256:…`; undefined when it is not a digest reference. */
export function parseImage(text: string): ImageRef | undefined {
  const at = text.lastIndexOf('@');
  if (at < 1) return undefined;
  const digest = text.slice(at + 1);
  const repository = text.slice(0, at).replace(/:[^:/]+$/, '');
  return isDigest(digest) ? { repository, digest } : undefined;
}

/** The first digits of a digest or commit, enough for people. */
export const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** What stands before the version in a tag: `checkout/v` of `checkout/v1.2.3-rc.1`; undefined when there is no version. */
export function tagPrefix(tag: string): string | undefined {
  const full = /^(.*?)\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?$/.exec(tag);
  return (full ?? /^(.*?)\d+(?:\.\d+)*$/.exec(tag))?.[1];
}
