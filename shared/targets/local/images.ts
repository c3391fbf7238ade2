import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { extractTar } from '../../io/tar.ts';
import {
  type Digest,
  type ImageRef,
  isDigest,
  type Random,
  type Registry,
  short,
  userError,
} from '../../model/index.ts';
import { type Fetched, fetchImage, layerOf } from './fetch-image.ts';
import { type ImageFile, readImage, writeImage } from './files.ts';

/** An unpacked image, ready to run. */
export interface Unpacked {
  /** Folder that is `/` of the image. */
  readonly root: string;
  readonly config: ImageFile;
}

const TEMPORARY = '.unpacking-';

export interface ImagesDeps {
  readonly registry: Registry;
  readonly random: Random;
  /** Machine that images are chosen for. */
  readonly machine: { readonly platform: string; readonly arch: string };
}

/** The unpacked images of a target: a folder for each digest, which is there whole or not at all. */
export class Images {
  readonly #folder: string;
  readonly #deps: ImagesDeps;

  constructor(folder: string, deps: ImagesDeps) {
    this.#folder = folder;
    this.#deps = deps;
  }

  async list(): Promise<readonly Digest[]> {
    return (await this.#names()).map((name) => `sha256:${name}`).filter(isDigest);
  }

  async find(digest: Digest): Promise<Unpacked | undefined> {
    const folder = this.#of(digest);
    const config = await readImage(join(folder, 'image.json'));
    return config === undefined ? undefined : { root: join(folder, 'rootfs'), config };
  }

  /**
   * Pulls and unpacks an image unless it is there. `publish` is called with the one rename that makes it visible.
   * Throws `image-not-found`, `image-invalid`, `disk-full`, and what the registry throws.
   */
  async prepare(
    image: ImageRef,
    publish: (act: () => Promise<void>) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if ((await this.find(image.digest)) !== undefined) return;
    await this.#clearHalf();
    const half = join(this.#folder, TEMPORARY + this.#deps.random().toString(36).slice(2));
    try {
      await this.#unpack(image, await fetchImage(image, this.#deps), half, signal);
      await publish(() => rename(half, this.#of(image.digest)));
    } finally {
      await rm(half, { recursive: true, force: true });
    }
  }

  /** Takes away what is not to be kept. */
  async keep(digests: readonly Digest[]): Promise<void> {
    for (const digest of await this.list()) {
      if (!digests.includes(digest)) await rm(this.#of(digest), { recursive: true, force: true });
    }
  }

  async #unpack(image: ImageRef, it: Fetched, folder: string, signal: AbortSignal | undefined): Promise<void> {
    const root = join(folder, 'rootfs');
    await mkdir(root, { recursive: true });
    for (const layer of it.layers) {
      if (signal?.aborted) throw userError('start-failed', `${short(image.digest)} was not unpacked in time.`);
      await extractTar(await layerOf(image, layer, this.#deps.registry, signal), root);
    }
    await writeImage(join(folder, 'image.json'), it.config);
  }

  /** What a run left that was killed while it unpacked. Only the holder of the lease comes here. */
  async #clearHalf(): Promise<void> {
    const half = (await this.#names()).filter((name) => name.startsWith(TEMPORARY));
    for (const name of half) await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  async #names(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true });
    return readdir(this.#folder);
  }

  #of(digest: Digest): string {
    return join(this.#folder, digest.slice('sha256:'.length));
  }
}
