import type { Descriptor } from './image.ts';
import type { Commit, Digest } from './names.ts';
import type { Problem } from './problem.ts';

/*
 * The ports: what rooms need of the world, handed in by `flow`. Each has its real form in `io/`; a test passes its own.
 */

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Numbers from 0 up to 1: jitter of retries, names of temporary files. */
export type Random = () => number;

export type Fetch = typeof globalThis.fetch;

/** Where an action tells people what it does. Everything is redacted and bounded on the way out. */
export interface Log {
  info(line: string): void;
  /** Shown only when the runner's debug log is on. */
  debug(line: string): void;
  /** An annotation that is good to know. */
  notice(it: Problem): void;
  warning(it: Problem): void;
  error(it: Problem): void;
  /** Lines folded under a title. */
  group(title: string, lines: readonly string[]): void;
  /** Begins a fold for lines that come as they come; what is given back ends it. */
  fold(title: string): () => void;
}

/** Files of a tree, of the disk or of a commit. Paths have `/` between their parts and start at the repository's root. */
export interface FileSource {
  /** The text of a file; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** What lies in a folder (`''` is the root), sorted by name; empty when it is not there. */
  entries(folder: string): Promise<readonly FileEntry[]>;
  /** Whether a file that was read so far lies behind a symbolic link, so that other paths than its own have a say in it. */
  readonly behindLinks?: boolean;
}

/** The files of a commit: beside one by one, they can be found by their paths and read in numbers, each in one step. */
export interface CommitFiles extends FileSource {
  /** Begins what {@link find} needs, where that helps. */
  anticipate?(): void;
  /** Paths of the regular files that a test takes, sorted. */
  find(takes: (path: string) => boolean): Promise<readonly string[]>;
  /** Texts by path; a file that is not there, or is too large to be read, is left out. */
  readAll(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Every symbolic link: path → what it says, from its own folder; empty where that cannot be had. */
  links(): Promise<ReadonlyMap<string, string>>;
}

/** What git knows of the files of a work tree without reading them. */
export interface TrackedFiles {
  readonly format: BlobFormat;
  /**
   * Files below a folder (`''` is the root) whose bytes on disk are certainly those of a blob, by path from the root. What
   * is not among them may be so too: it has to be read.
   */
  unchanged(folder: string): Promise<ReadonlyMap<string, UnchangedFile>>;
}

/** The hash that git's ids are made with: of a blob over `blob <size>`, a NUL, and the bytes. */
export type BlobFormat = 'sha1' | 'sha256';

/** A file of the work tree that is as git has it. */
export interface UnchangedFile {
  readonly mode: '100644' | '100755' | '120000';
  /** Of its blob. */
  readonly id: string;
}

export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** How one commit lies to another: `ahead` = `to` has `from` in its history. */
export type Relation = 'same' | 'ahead' | 'behind' | 'diverged' | 'unknown';

/** What came after a commit on a branch. */
export interface Succession {
  /** Newest first. */
  readonly commits: readonly Commit[];
  /** Whether the branch no longer has the commit in its history, since somebody has pushed over it. */
  readonly rewritten: boolean;
}

export interface CommitFacts {
  readonly sha: Commit;
  readonly parents: readonly Commit[];
  /** Committer date, ISO 8601 UTC. */
  readonly date: string;
  /** First line of the message: untrusted text. */
  readonly title: string;
  readonly author: string;
}

/**
 * The user's clone, or what stands in for it. Nothing here changes it or its configuration; what must be fetched goes to a
 * scratch repository. Methods throw `base-unknown` where the truth could be had only in part.
 */
export interface Checkout {
  /** Absolute path of the work tree. */
  readonly root: string;
  /** What git knows of the files on disk; undefined where there are none. */
  readonly tracked?: TrackedFiles;
  readonly shallow: boolean;
  /** Whether folders may be missing from the work tree that the commit has. */
  readonly sparse?: boolean;
  /** A name (branch, tag, `HEAD`, id) as a commit; undefined when git does not know it. */
  resolve(name: string): Promise<Commit | undefined>;
  facts(commit: Commit): Promise<CommitFacts | undefined>;
  /** Makes the tree of a commit readable, fetching it at most once; false when it cannot be had. */
  obtain(commit: Commit): Promise<boolean>;
  /** undefined when there is none, or git cannot know it because history is missing. */
  mergeBase(a: Commit, b: Commit): Promise<Commit | undefined>;
  relation(from: Commit, to: Commit): Promise<Relation>;
  /**
   * Commits that a branch of the remote has and the history of one commit has not, as the remote is now: its own line only,
   * newest first, at most `limit`. undefined when the remote has no such branch, or it cannot be had.
   *
   * @param ref full, such as `refs/heads/main`
   */
  successors(ref: string, commit: Commit, limit: number): Promise<Succession | undefined>;
  /**
   * Paths that differ between the two trees: both sides of a rename, deletes, modes and types included. A
   * submodule that has moved ends with a slash. What is missing is fetched. Throws `base-unknown` when the base cannot be
   * had, `git-failed` when the head cannot.
   */
  changed(base: Commit, head: Commit): Promise<readonly string[]>;
  /** Begins what {@link changed} will be asked, where that helps: what goes wrong is told by the answers. */
  anticipate?(bases: readonly Commit[], head: Commit): void;
  /**
   * Tracked files, of those that some pathspecs (git's words, from the root) take, which the work tree has not as `HEAD` has
   * them. What only may differ, since its time of change does, is among them. Without a work tree there are none.
   */
  uncommitted?(pathspecs: readonly string[]): Promise<readonly string[]>;
  /** Files of a commit. */
  at(commit: Commit): CommitFiles;
  /** Names of tags that point at a commit. */
  tagsAt(commit: Commit): Promise<readonly string[]>;
  /** The nearest tag with this prefix, directly followed by a digit, in the history before a commit, and its commit. */
  previousTag(prefix: string, before: Commit): Promise<{ readonly tag: string; readonly commit: Commit } | undefined>;
}

/** One commit of a stream of the ledger. */
export interface StreamCommit {
  readonly id: Commit;
  readonly parent: Commit | undefined;
  /** File name → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** The remote that keeps the ledger, seen as refs whose commits hold a few small files each. */
export interface StreamStore {
  /** For people: the URL or name of the remote, without credentials. */
  readonly name: string;
  /** Newest commit and its files of every ref under these prefixes (or exact names), in one fetch. Throws `ledger-unavailable`. */
  tips(prefixes: readonly string[]): Promise<ReadonlyMap<string, StreamCommit>>;
  /** The whole history of refs, oldest first. */
  histories(prefixes: readonly string[]): Promise<ReadonlyMap<string, readonly StreamCommit[]>>;
  /**
   * Appends one commit to a ref by compare-and-set: `parent` must be its newest commit (undefined: the ref must not be there).
   * `moved` when it is not; throws `ledger-unavailable` when the remote cannot be reached or refuses, then with a `cause` of {@link Refused}.
   */
  append(
    ref: string,
    change: StreamChange,
  ): Promise<{ readonly kind: 'appended'; readonly id: Commit } | { readonly kind: 'moved' }>;
}

export interface StreamChange {
  readonly parent: Commit | undefined;
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  /** ISO 8601 UTC. */
  readonly date: string;
}

/** A manifest or index as the registry keeps it: the bytes are what the digest is of. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Bytes that can be sent again after a failure. */
export interface ReplayableBody {
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * A registry, by the OCI distribution specification. Repositories carry their host: `ghcr.io/acme/shop/checkout`.
 * Throws `registry-denied`, `registry-unavailable`, `image-invalid`; a thing that is not there is undefined, not an error.
 */
export interface Registry {
  /** HEAD of a manifest. */
  resolve(repository: string, reference: string): Promise<Descriptor | undefined>;
  manifest(repository: string, reference: string): Promise<RawManifest | undefined>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** The bytes of a blob; the stream fails with `image-invalid` at its end when they are not those of the digest. */
  blob(repository: string, blob: Pick<Descriptor, 'digest' | 'size'>): Promise<AsyncIterable<Uint8Array>>;
  /** Uploads a blob unless it is there; tells which. `from`: another repository of the same registry to mount it from. */
  pushBlob(
    repository: string,
    digest: Digest,
    body: ReplayableBody,
    from?: string,
  ): Promise<'present' | 'mounted' | 'uploaded'>;
  /** By digest. One that has a `subject` is then among its referrers. */
  pushManifest(repository: string, manifest: RawManifest): Promise<void>;
  /** Points a tag at a manifest that is there; same digest already: nothing to do. Throws `tag-conflict` where tags are immutable. */
  tag(repository: string, manifest: RawManifest, tag: string): Promise<void>;
  /** Sorted; without the tags under which registries of old keep referrers. */
  tags(repository: string): Promise<readonly string[]>;
  /** Manifests whose `subject` is this one: signatures, attestations, SBOMs. Those of one artifact type, or all. */
  referrers(repository: string, subject: Digest, artifactType?: string): Promise<readonly Descriptor[]>;
  /** What was sent so far, for the summary. */
  readonly traffic: Readonly<RegistryTraffic>;
}

export interface RegistryTraffic {
  requests: number;
  uploads: number;
  uploadedBytes: number;
  retries: number;
}
