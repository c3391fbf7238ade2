import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { writeTar } from '../../shared/io/tar.ts';
import type { Digest, ImageRef, RawManifest, Registry } from '../../shared/model/index.ts';

interface ImageParts {
  /** Path without a slash at the front → content; one map for each layer. */
  readonly layers: readonly Readonly<Record<string, string>>[];
  readonly config: {
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Env?: readonly string[];
    readonly WorkingDir?: string;
  };
}

const REPOSITORY = 'registry.example/acme/shop/checkout';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** Real images in memory, behind the port of a registry: manifests, configs and layers as they are on the wire. */
export class ImageShelf {
  readonly repository = REPOSITORY;
  readonly pulled: Digest[] = [];
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #manifests = new Map<string, RawManifest>();

  async add(parts: ImageParts): Promise<ImageRef> {
    const layers = await Promise.all(parts.layers.map((files) => this.#layer(files)));
    const config = this.#blob(json({ architecture: 'any', os: 'linux', config: parts.config }));
    return this.#manifest(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers });
  }

  /** An index of images by platform, such as `linux/amd64`. */
  index(images: Readonly<Record<string, ImageRef>>): ImageRef {
    const manifests = Object.entries(images).map(([platform, { digest }]) => {
      const [os, architecture] = platform.split('/');
      return { mediaType: MANIFEST, digest, size: 1, platform: { os, architecture } };
    });
    return this.#manifest(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
  }

  forget(image: ImageRef): void {
    this.#manifests.delete(image.digest);
  }

  get registry(): Registry {
    const refuse = () => Promise.reject(new Error('This registry is only read.'));
    return {
      resolve: refuse,
      manifest: (_repository, reference) => Promise.resolve(this.#manifests.get(reference)),
      hasBlob: (_repository, digest) => Promise.resolve(this.#blobs.has(digest)),
      blob: (_repository, { digest }) => {
        this.pulled.push(digest);
        const bytes = this.#blobs.get(digest);
        return bytes === undefined ? refuse() : Promise.resolve(once(bytes));
      },
      pushBlob: refuse,
      pushManifest: refuse,
      tag: refuse,
      tags: refuse,
      referrers: refuse,
      traffic: { requests: 0, uploads: 0, uploadedBytes: 0, retries: 0 },
    };
  }

  async #layer(files: Readonly<Record<string, string>>) {
    const sink = new PassThrough();
    const entries = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content);
      const mode = content.startsWith('#!') ? 0o755 : 0o644;
      return { kind: 'file' as const, path, mode, size: bytes.length, open: () => once(bytes) };
    });
    const [bytes] = await Promise.all([buffer(sink), writeTar(entries, sink)]);
    return this.#blob(bytes);
  }

  #blob(bytes: Uint8Array) {
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType: 'application/octet-stream', digest, size: bytes.length };
  }

  #manifest(mediaType: string, content: unknown): ImageRef {
    const bytes = json(content);
    const digest = digestOf(bytes);
    this.#manifests.set(digest, { mediaType, digest, bytes });
    return { repository: REPOSITORY, digest };
  }
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
