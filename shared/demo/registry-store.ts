import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isErrno } from '../io/disk.ts';
import { type Digest, isDigest } from '../model/index.ts';

/**
 * What the registry of the demonstration keeps, as files: bytes once under `blobs/` by digest, and for each repository
 * which blobs and manifests it has and where its tags point. A folder of it can be opened again.
 */
export class RegistryStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Path of the bytes of a digest. */
  bytes(digest: Digest): string {
    return join(this.#root, 'blobs', digest.replace(':', '/'));
  }

  read(digest: Digest): AsyncIterable<Uint8Array> {
    return createReadStream(this.bytes(digest));
  }

  /** Size of a blob that the repository has; undefined when it does not. */
  async blob(repository: string, digest: Digest): Promise<number | undefined> {
    const known = await this.#text(repository, '_blobs', digest);
    return known === undefined ? undefined : (await stat(this.bytes(digest))).size;
  }

  async linkBlob(repository: string, digest: Digest): Promise<void> {
    await this.#write(repository, '_blobs', digest, '');
  }

  unlinkBlob(repository: string, digest: Digest): Promise<boolean> {
    return this.#remove(repository, '_blobs', digest);
  }

  async manifest(
    repository: string,
    reference: string,
  ): Promise<{ readonly digest: Digest; readonly mediaType: string; readonly size: number } | undefined> {
    const digest = isDigest(reference) ? reference : await this.#text(repository, '_tags', reference);
    if (digest === undefined || !isDigest(digest)) return undefined;
    const mediaType = await this.#text(repository, '_manifests', digest);
    return mediaType === undefined ? undefined : { digest, mediaType, size: (await stat(this.bytes(digest))).size };
  }

  /** Keeps a manifest, and points the tag at it when there is one. */
  async putManifest(
    repository: string,
    manifest: { readonly digest: Digest; readonly mediaType: string; readonly bytes: Uint8Array },
    tag: string | undefined,
  ): Promise<void> {
    await this.#place(this.bytes(manifest.digest), manifest.bytes);
    await this.#write(repository, '_manifests', manifest.digest, manifest.mediaType);
    if (tag !== undefined) await this.#write(repository, '_tags', tag, manifest.digest);
  }

  /** Takes a manifest away, and every tag that points at it. */
  async deleteManifest(repository: string, digest: Digest): Promise<boolean> {
    for (const tag of await this.tags(repository)) {
      if ((await this.#text(repository, '_tags', tag)) === digest) await this.#remove(repository, '_tags', tag);
    }
    return this.#remove(repository, '_manifests', digest);
  }

  /** Sorted; empty when there is no such repository. */
  async tags(repository: string): Promise<readonly string[]> {
    try {
      return (await readdir(this.#path(repository, '_tags', ''))).filter((name) => !name.includes('~')).sort();
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async startUpload(): Promise<string> {
    const id = randomUUID();
    await this.#place(this.#upload(id), new Uint8Array());
    return id;
  }

  /** Bytes that an upload has so far; undefined when there is no such upload. */
  async uploaded(id: string): Promise<number | undefined> {
    try {
      return (await stat(this.#upload(id))).size;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async append(id: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await pipeline(chunks, createWriteStream(this.#upload(id), { flags: 'a' }));
  }

  /** Ends an upload: the repository has the blob if its bytes have this digest, else everything is thrown away. */
  async finish(repository: string, id: string, digest: Digest): Promise<boolean> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.#upload(id)), hash);
    const right = digest === `sha256:${hash.digest('hex')}`;
    if (right) {
      await mkdir(join(this.#root, 'blobs', 'sha256'), { recursive: true });
      await rename(this.#upload(id), this.bytes(digest));
      await this.linkBlob(repository, digest);
    } else await this.abort(id);
    return right;
  }

  async abort(id: string): Promise<void> {
    await rm(this.#upload(id), { force: true });
  }

  #upload(id: string): string {
    return join(this.#root, 'uploads', id);
  }

  #path(repository: string, kind: string, name: string): string {
    return join(this.#root, 'repositories', repository, kind, name);
  }

  async #text(repository: string, kind: string, name: string): Promise<string | undefined> {
    try {
      return await readFile(this.#path(repository, kind, name), 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  #write(repository: string, kind: string, name: string, text: string): Promise<void> {
    return this.#place(this.#path(repository, kind, name), Buffer.from(text));
  }

  async #remove(repository: string, kind: string, name: string): Promise<boolean> {
    const there = (await this.#text(repository, kind, name)) !== undefined;
    await rm(this.#path(repository, kind, name), { force: true });
    return there;
  }

  /** Whole or not at all. */
  async #place(path: string, bytes: Uint8Array): Promise<void> {
    const half = `${path}~${randomUUID()}`;
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(half, bytes);
    await rename(half, path);
  }
}
