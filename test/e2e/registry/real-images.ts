import { gzipSync } from 'node:zlib';
import { type Descriptor, mapBounded, type RawManifest, type Registry } from '../../../shared/model/index.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { bodyFrom, OCI_INDEX, OCI_MANIFEST, raw } from '../../support/registry-world.ts';

const LAYERS = 3;
/** Two blocks of zeros end a tar, and alone they are an empty one. */
const EMPTY_TAR = 1_024;
export const SUBJECT_TYPE = 'application/vnd.in-toto+json';

/** An image that other tools take: three layers and a config that knows them. Pushed by digest. */
export async function realImage(
  client: Registry,
  repository: string,
  text: string,
  architecture = 'amd64',
): Promise<RawManifest> {
  const tars = Array.from({ length: LAYERS }, (_, at) => Buffer.alloc(EMPTY_TAR * (at + 1)));
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Labels: { text } },
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    }),
  );
  const blobs = [config, ...tars.map((it) => gzipSync(it))];
  await mapBounded(blobs, LAYERS, (it) => client.pushBlob(repository, sha256(it), bodyFrom(it)));
  const types = [
    'application/vnd.oci.image.config.v1+json',
    ...tars.map(() => 'application/vnd.oci.image.layer.v1.tar+gzip'),
  ];
  const [first, ...layers] = blobs.map(
    (it, at): Descriptor => ({ mediaType: types[at] ?? '', digest: sha256(it), size: it.length }),
  );
  const manifest = raw({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: first, layers });
  await client.pushManifest(repository, manifest);
  return manifest;
}

/** An index of two platforms, children first. */
export async function pushRelease(client: Registry, repository: string): Promise<RawManifest> {
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const { mediaType, digest, bytes } = await realImage(client, repository, 'release', architecture);
    manifests.push({ mediaType, digest, size: bytes.length, platform: { os: 'linux', architecture } });
  }
  const index = raw({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX);
  await client.pushManifest(repository, index);
  return index;
}

/** A manifest about another one. */
export async function signatureOf(
  client: Registry,
  repository: string,
  subject: RawManifest,
  text: string,
): Promise<RawManifest> {
  const payload = Buffer.from(text);
  const empty = Buffer.from('{}');
  for (const it of [payload, empty]) await client.pushBlob(repository, sha256(it), bodyFrom(it));
  const manifest = raw({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: SUBJECT_TYPE,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: empty.length },
    layers: [{ mediaType: SUBJECT_TYPE, digest: sha256(payload), size: payload.length }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
  });
  await client.pushManifest(repository, manifest);
  return manifest;
}
