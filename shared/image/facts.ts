import type {
  BuilderKind,
  Commit,
  ImageRef,
  ImageSettings,
  NativeSettings,
  Platform,
  ServiceName,
  Trigger,
} from '../model/index.ts';

/** A file, link or folder as the builder sees it, by git's words for modes. */
export interface FileFact {
  /** From the layer's root, `/` between parts; `''` where the layer is a single file. */
  readonly path: string;
  /** Folders only where they are empty: others come with what is in them. */
  readonly mode: '100644' | '100755' | '120000' | '040000';
  /** sha256 of the bytes on disk, of a link its text, of a folder nothing; hex. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/** One layer of a native image: where it goes, and what is in it. */
export interface LayerFacts {
  /** Absolute path within the image. */
  readonly to: string;
  /** Absolute path on this machine that it is read from; not part of the key. */
  readonly source: string;
  /** Sorted by path. */
  readonly files: readonly FileFact[];
}

/** All of which the bytes of an image are made. */
export interface ImageFacts {
  readonly service: ServiceName;
  readonly builder: BuilderKind;
  readonly settings: ImageSettings;
  readonly native: NativeSettings;
  readonly layers: readonly LayerFacts[];
  /** The image to build upon, as it was found: its digest is part of the key. undefined: from scratch. */
  readonly base: ImageRef | undefined;
  /** Sorted by their text, each once. */
  readonly platforms: readonly Platform[];
  /** Address of the source repository, such as `https://github.com/acme/shop`. */
  readonly source: string | undefined;
  /** Milliseconds since 1970: the epoch of `cache-epoch` is read from it. */
  readonly now: number;
}

/** The commit and run that an image is made for: names and tags come from it, never bytes. */
export interface SourceFacts {
  readonly service: ServiceName;
  readonly commit: Commit;
  /** Committer date, ISO 8601. */
  readonly commitDate: string;
  /** Full ref of the run, such as `refs/heads/main`. */
  readonly ref: string;
  readonly defaultBranch: string;
  readonly trigger: Trigger;
  /** Names of git tags at the commit. */
  readonly tagsAtCommit: readonly string[];
  /** Tags that the repository has in the registry, where a release must know which versions there are. */
  readonly published: readonly string[];
}
