import type { BuilderKind, ImageSettings } from './config.ts';
import type { Commit, Digest, ImageRef, ServiceName } from './names.ts';
import { nearest } from './nearest.ts';

/** Hash of everything that determines an image, and the parts it was made from, so that a miss can be explained. */
export interface ContentKey {
  /** 64 hex digits. */
  readonly value: string;
  /** Part name → hash of that part, such as `files`, `base`, `settings`. */
  readonly parts: Readonly<Record<string, string>>;
}

/** What is to be done about the image of one service. The fourth of the nine values. */
export interface ImagePlan {
  readonly service: ServiceName;
  readonly repository: string;
  /** `source`: another program has made the image. */
  readonly builder: BuilderKind | 'source';
  readonly settings: ImageSettings;
  readonly key: ContentKey;
  readonly version: string;
  readonly commit: Commit;
  readonly decision: ImageDecision;
  readonly push: boolean;
  readonly tags: readonly TagPlan[];
  /** Labels of the image's config: only what is the same for every commit with this content. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
}

export type ImageDecision =
  | { readonly kind: 'reuse'; readonly image: ImageRef; readonly why: string }
  /** Its platforms are there, each by itself: they become one image. */
  | { readonly kind: 'join'; readonly parts: readonly ImagePart[]; readonly why: string }
  | { readonly kind: 'build'; readonly why: string; readonly forced: boolean };

/** An image of one platform that is a part of another one. */
export interface ImagePart {
  readonly platform: Platform;
  readonly image: ImageRef;
}

export interface TagPlan {
  readonly tag: string;
  /** A fixed tag is written once; another digest under it is a conflict. A moving tag follows the branch. */
  readonly kind: 'fixed' | 'moving';
  /** Of a moving tag that follows releases: the one that it is for. */
  readonly release?: ReleaseLine;
}

/** A release, and those that share a moving tag with it: the greatest has the tag. */
export interface ReleaseLine {
  /** Semantic version without `v`. */
  readonly version: string;
  /** Parts of the version that the tag says; releases that have them in common share it. */
  readonly same: readonly ('major' | 'minor')[];
}

/** The words of `tags` that are short for a template; what each makes stands in image/tag-kinds. */
export const TAG_KINDS = ['sha', 'branch', 'semver', 'date'] as const;
export type TagKindName = (typeof TAG_KINDS)[number];

/** The kind that was meant by an entry of `tags` which is neither one nor a template, but looks like one misspelt. */
export function misspeltTagKind(entry: string): TagKindName | undefined {
  if (entry.includes('{{') || TAG_KINDS.some((kind) => kind === entry)) return undefined;
  return nearest(entry, TAG_KINDS);
}

/** Platform of a manifest, as OCI writes it. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** OCI content descriptor (image-spec, descriptor.md). Sizes are bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  /** Of a referrer: what it is. */
  readonly artifactType?: string;
}
