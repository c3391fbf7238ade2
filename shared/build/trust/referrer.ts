import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type Descriptor,
  type Digest,
  type ImageRef,
  type Registry,
  type ReplayableBody,
  userError,
} from '../../model/index.ts';
import { MEDIA } from '../oci.ts';

/** The config of what has none (image-spec, manifest.md: "guidance for an empty descriptor"). */
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') };

/** What is said about an image. */
export interface Remark {
  /** Media type of the bytes, and the type by which it is found among the referrers. */
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Attaches a document to an image that is in the registry: a manifest of its own whose subject the image is. Gives its digest. */
export async function attach(registry: Registry, image: ImageRef, remark: Remark): Promise<Digest> {
  const subject = await subjectOf(registry, image);
  const { repository } = image;
  const [config, layer] = await Promise.all([
    pushBytes(registry, repository, EMPTY),
    pushBytes(registry, repository, remark),
  ]);
  const { mediaType: artifactType, annotations } = remark;
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType,
    config,
    layers: [layer],
    subject,
    annotations,
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestOf(bytes);
  await registry.pushManifest(repository, { mediaType: MEDIA.manifest, digest, bytes });
  return digest;
}

async function subjectOf(registry: Registry, { repository, digest }: ImageRef): Promise<Descriptor> {
  const found = await registry.resolve(repository, digest);
  if (found === undefined) throw userError('image-not-found', `${repository}@${digest} is not there.`);
  const { mediaType, size } = found;
  return { mediaType, digest, size };
}

async function pushBytes(
  registry: Registry,
  repository: string,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Buffer },
): Promise<Descriptor> {
  const digest = digestOf(bytes);
  const body: ReplayableBody = { size: bytes.length, open: () => Readable.from([bytes]) };
  await registry.pushBlob(repository, digest, body);
  return { mediaType, digest, size: bytes.length };
}

const digestOf = (bytes: Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
