import type {
  Commit,
  Digest,
  ImageRef,
  ImageSettings,
  NativeSettings,
  Platform,
  Problem,
  ServiceName,
  Trigger,
} from '../model/index.ts';

/** A file, link or folder as the builder sees it, by git's words for modes. */
export interface FileFact {
  /** From the layer's or context's root, `/` between parts; `''` where the layer is a single file. */
  readonly path: string;
  /** Folders only where they are empty: others come with what is in them. */
  readonly mode: '100644' | '100755' | '120000' | '040000';
  /** The id that git gives the bytes on disk as a blob, of a link its text, of a folder nothing: 40 or 64 hex digits. */
  readonly hash: string;
}

export interface LayerFile extends FileFact {
  /** Bytes; 0 of links and folders. */
  readonly size: number;
}

/** One layer of a native image: where it goes, and what is in it. */
export interface LayerFacts {
  /** Absolute path within the image. */
  readonly to: string;
  /** Absolute path on this machine that it is read from; not part of the key. */
  readonly source: string;
  /** Sorted by path. */
  readonly files: readonly LayerFile[];
}

/** All of which the bytes of an image are made, by what builds it. */
export type ImageFacts = NativeFacts | DockerFacts | ReadyMadeFacts;

interface CommonFacts {
  readonly service: ServiceName;
  readonly settings: ImageSettings;
  /** The image that this one stands upon, as it was found: its digest is part of the key. undefined: from scratch. */
  readonly base: ImageRef | undefined;
  /** Sorted by their text, each once. */
  readonly platforms: readonly Platform[];
  /** Address of the source repository, such as `https://github.com/acme/shop`. */
  readonly source: string | undefined;
  /** Milliseconds since 1970: the epoch of `cache-epoch` is read from it. */
  readonly now: number;
}

/** An image of folders upon a base. */
export interface NativeFacts extends CommonFacts {
  readonly builder: 'native';
  readonly native: NativeSettings;
  readonly layers: readonly LayerFacts[];
}

/** An image of a Dockerfile. */
export interface DockerFacts extends CommonFacts {
  readonly builder: 'docker';
  readonly dockerfile: DockerfileFacts;
  readonly context: ContextFacts;
  /** Every image of others that the build takes something from, sorted by reference, each once. */
  readonly pins: readonly Pin[];
  /** Sorted by name; what the Dockerfile is built with. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  /** Ids of secrets, sorted. Their values are nobody's business here. */
  readonly secrets: readonly string[];
  /**
   * What makes every commit or run another image, such as a build argument with the commit in it: clauses for people.
   * Then no image of before is taken, since none can be right.
   */
  readonly volatile: readonly string[];
  /** What the reader of the summary should know, such as files of the context that no change is looked for in. */
  readonly notes: readonly Problem[];
}

/** An image that another program has made (`image.source`); it is taken byte for byte. */
export interface ReadyMadeFacts extends CommonFacts {
  readonly builder: 'source';
  /** Of its manifest or index: all that it is. */
  readonly digest: Digest;
  /** Where it is: an OCI layout on this machine by its absolute path, or a repository. Not part of the key. */
  readonly from: { readonly layout: string } | { readonly repository: string };
}

/** What makes every commit or run another image: clauses; see {@link DockerFacts.volatile}. */
export const volatileOf = (facts: ImageFacts): readonly string[] => (facts.builder === 'docker' ? facts.volatile : []);

export interface DockerfileFacts {
  /** Absolute path on this machine; not part of the key. It may lie outside of the context. */
  readonly source: string;
  /** What was hashed: what is built must be this, not what is at the path by then. */
  readonly text: string;
  /** As of a {@link FileFact}. */
  readonly hash: string;
  /** What reads it: the image of `# syntax=`, to be given as build argument `BUILDKIT_SYNTAX`. undefined: the builder's own. */
  readonly frontend: Pin | undefined;
}

/** The folder that the builder gets. */
export interface ContextFacts {
  /** Absolute path on this machine; not part of the key. */
  readonly source: string;
  /** What is left of it by {@link ignore}, sorted by path. */
  readonly files: readonly FileFact[];
  /**
   * Text of the file that says what of the folder is left out, in the form of `.dockerignore`: the user's, and `.git`
   * after it. It is to be given beside the Dockerfile as `<Dockerfile>.dockerignore`, which goes before any other.
   */
  readonly ignore: string;
}

/** What a name of an image in a Dockerfile stood for when it was looked up. The build must use this, or the key would lie. */
export interface Pin {
  /** As `docker buildx build --build-context <reference>=docker-image://<image>` takes it. */
  readonly reference: string;
  readonly image: ImageRef;
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
