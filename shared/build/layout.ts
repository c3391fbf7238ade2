import { createHash } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explainDisk, isErrno } from '../io/disk.ts';
import { canonicalJson, type Descriptor, type Digest, type RawManifest, type ReplayableBody } from '../model/index.ts';

/** One image of a layout, for one platform. */
export interface LayoutImage {
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An OCI image layout on disk (image-spec, image-layout.md). */
export interface Layout {
  readonly directory: string;
  /** The manifest, or the index where there are several platforms: its digest is the image. */
  readonly top: Descriptor;
  readonly images: readonly LayoutImage[];
  /** Layers of the base that the folder does not hold, and the repository that has them. */
  readonly borrowed: ReadonlyMap<Digest, string>;
  /** Layers that the folder holds, and another repository has too: its registry can take them from there. */
  readonly mountable?: ReadonlyMap<Digest, string>;
}

const SCRATCH = 'scratch';

async function digestOf(file: string): Promise<Digest | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
  return `sha256:${hash.digest('hex')}`;
}

export const blobPath = (directory: string, digest: Digest): string =>
  join(directory, 'blobs', digest.replace(':', '/'));

/** Bytes of a blob of a layout, as they are pushed. */
export function blobBody({ directory }: Layout, blob: Descriptor): ReplayableBody {
  return { size: blob.size, open: () => createReadStream(blobPath(directory, blob.digest)) };
}

/** A manifest or index of a layout. */
export async function readManifest({ directory }: Layout, it: Descriptor): Promise<RawManifest> {
  return { mediaType: it.mediaType, digest: it.digest, bytes: await readFile(blobPath(directory, it.digest)) };
}

/** Fills a layout beside its place. It is moved there when it is whole; what is half is taken away. */
export class LayoutWriter {
  readonly #directory: string;
  readonly #partial: string;
  #files = 0;

  private constructor(directory: string, partial: string) {
    this.#directory = directory;
    this.#partial = partial;
  }

  /** Writes a layout to `directory`, in the place of what was there. Throws `disk-full`. */
  static async write<T extends { readonly top: Descriptor }>(
    directory: string,
    fill: (writer: LayoutWriter) => Promise<T>,
  ): Promise<T> {
    await mkdir(dirname(directory), { recursive: true });
    const writer = new LayoutWriter(directory, await mkdtemp(`${directory}.partial-`));
    try {
      await mkdir(join(writer.#partial, 'blobs', 'sha256'), { recursive: true });
      const result = await fill(writer);
      await writer.#finish(result.top);
      return result;
    } catch (error) {
      throw explainDisk(error, `the image layout ${directory}`);
    } finally {
      await rm(writer.#partial, { recursive: true, force: true });
    }
  }

  /** A path for a file that {@link keep} moves to its place once its digest is known. */
  newFile(): string {
    this.#files += 1;
    return join(this.#partial, `file-${this.#files}`);
  }

  /** A folder beside the blobs that is gone when the layout is whole. */
  async scratch(): Promise<string> {
    const folder = join(this.#partial, SCRATCH);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async keep(file: string, digest: Digest): Promise<void> {
    await rename(file, blobPath(this.#partial, digest));
  }

  /** A document as canonical JSON. */
  async json(value: Readonly<Record<string, unknown>>, mediaType: string): Promise<Descriptor> {
    const bytes = Buffer.from(canonicalJson(value));
    const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await writeFile(blobPath(this.#partial, digest), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Bytes from elsewhere, which are checked there. */
  async copy(digest: Digest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = this.newFile();
    await pipeline(Readable.from(chunks), createWriteStream(file, { flags: 'wx' }));
    await this.keep(file, digest);
  }

  /** A document with the bytes that it has. */
  async raw({ mediaType, digest, bytes }: RawManifest): Promise<Descriptor> {
    await writeFile(blobPath(this.#partial, digest), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Takes a file that another program has written; false when it is not there, or is not what the digest is of. */
  async adopt(digest: Digest, file: string, way: 'move' | 'copy'): Promise<boolean> {
    if ((await digestOf(file)) !== digest) return false;
    const place = blobPath(this.#partial, digest);
    await (way === 'move' ? rename(file, place) : copyFile(file, place, constants.COPYFILE_FICLONE));
    return true;
  }

  async #finish(top: Descriptor): Promise<void> {
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [top] };
    await writeFile(join(this.#partial, 'index.json'), canonicalJson(index));
    await writeFile(join(this.#partial, 'oci-layout'), canonicalJson({ imageLayoutVersion: '1.0.0' }));
    await rm(join(this.#partial, SCRATCH), { recursive: true, force: true });
    await rm(this.#directory, { recursive: true, force: true });
    await rename(this.#partial, this.#directory);
  }
}
