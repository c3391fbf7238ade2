import * as z from 'zod';
import { formatIssue, isDigest, parseJson, type RawManifest, userError } from '../model/index.ts';

/*
 * The documents of the OCI image specification 1.1, and Docker's of the same shape, as far as they are needed here.
 * Keys that are not named are kept: configs carry more than the specification knows.
 */

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

/** The same bytes under the names of Docker and of OCI. */
const LAYERS: Readonly<Record<string, string>> = {
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': MEDIA.layer,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.oci.image.layer.v1.tar': 'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip': MEDIA.layer,
  'application/vnd.oci.image.layer.v1.tar+zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
};

/** The OCI name of a layer's media type; undefined for layers that lie elsewhere or are no layers. */
export const ociLayerType = (mediaType: string): string | undefined => LAYERS[mediaType];

const digest = z.string().refine(isDigest);
const annotations = z.record(z.string(), z.string()).optional();
const descriptor = z.object({
  mediaType: z.string(),
  digest,
  size: z.number().int().nonnegative(),
});
const platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() });

const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor), annotations });
const indexSchema = z.object({
  manifests: z.array(descriptor.extend({ platform: platform.optional(), annotations })),
  annotations,
});
const strings = z.array(z.string()).nullish();
const configSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  config: z
    .looseObject({
      Env: strings,
      Entrypoint: strings,
      Cmd: strings,
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  rootfs: z.looseObject({ diff_ids: z.array(z.string()) }),
  history: z.array(z.unknown()).nullish(),
});

/** A platform as an index lists it. */
export type ListedPlatform = z.infer<typeof platform>;
type Manifest = z.infer<typeof manifestSchema>;
type Index = z.infer<typeof indexSchema>;
export type Config = z.infer<typeof configSchema>;

/** `os/architecture[/variant]` of a child; attestations stand among them as `unknown/unknown`. */
export function platformName(it: ListedPlatform): string {
  const name = [it.os, it.architecture, it.variant].filter((part) => part !== undefined && part !== '').join('/');
  return name.replace(/^(.+\/arm64)\/v8$/, '$1');
}

export const isIndex = (mediaType: string): boolean => mediaType === MEDIA.index || mediaType === MEDIA.dockerList;

/** Reads a manifest. Throws `image-invalid`. */
export const parseManifest = (it: RawManifest): Manifest =>
  parse(manifestSchema, it.bytes, `The manifest ${it.digest}`);
/** Reads an index or Docker's manifest list. Throws `image-invalid`. */
export const parseIndex = (it: RawManifest): Index => parse(indexSchema, it.bytes, `The index ${it.digest}`);
/** Reads the config of an image. Throws `image-invalid`. */
export const parseConfig = (bytes: Uint8Array, of: string): Config => parse(configSchema, bytes, `The config of ${of}`);

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  const result = schema.safeParse(parseJson(new TextDecoder().decode(bytes)));
  if (result.success) return result.data;
  throw userError('image-invalid', `${what} cannot be read (${formatIssue(result.error.issues[0])}).`);
}
