import * as z from 'zod';
import { misspeltTagKind, TAG_KINDS } from '../../model/index.ts';
import { command, line, list, scalar, secretReference, span, text, variables } from './parts.ts';

const PORT = 'must be a port, 1 to 65535';

const layer = z.strictObject({
  from: line.describe(
    "File or folder that is copied, from the service's folder; with a leading `/` from the root of the repository, and then it must be under `dependencies`.",
  ),
  to: line.regex(/^\//, { error: 'must be an absolute path in the image' }).describe('Absolute path in the image.'),
});

const native = z.strictObject({
  base: line.describe('Image to build on, best with its digest, or `scratch` for none.'),
  layers: list(layer).default([]).describe('What is copied, one layer each, those that change least first.'),
  entrypoint: list(text).default([]).describe("Program and arguments that start; default: the base's."),
  cmd: list(z.string()).default([]).describe('Arguments after those of the entrypoint, which a run may replace.'),
  env: variables.default({}).describe('Environment variables of the image.'),
  ports: list(z.int().min(1, { error: PORT }).max(65_535, { error: PORT }))
    .default([])
    .describe('Ports that the program listens on, as a note for people and tools.'),
  user: scalar.describe("User, and group after a colon, that the program runs as; default: the base's.").optional(),
  workdir: line.describe("Folder that the program starts in; default: the base's.").optional(),
});

const reuseKey = z.strictObject({
  public: line.describe(
    "Path of the public key, as the default branch has it: from the service's folder or, when it is not there, from the root. A PEM file, such as cosign's `cosign.pub`.",
  ),
  private: secretReference
    .describe(
      'The private key, needed only where images are built: PKCS #8 in PEM, or as cosign writes it, with the password in `COSIGN_PASSWORD`.',
    )
    .optional(),
});

const gate = z.strictObject({
  name: line.describe('Name of the gate, as `require` of an environment has it.'),
  run: command.describe(
    "The command as a list, started in the service's folder without a shell. `{layout}` is the path of an OCI layout, `{image}` where the image can be pulled, `{digest}` its digest.",
  ),
  timeout: span.prefault('10m').describe('The longest that it may take.'),
});

const sign = z.strictObject({
  cosign: z
    .union(
      [z.literal('keyless'), secretReference, z.strictObject({ kms: line.describe('The key, as cosign names it.') })],
      {
        error: 'must be `keyless`, `{ env: NAME }` or `{ kms: … }`',
      },
    )
    .describe(
      '`keyless`: by the identity of the run, which needs `id-token: write`. `{ env: NAME }`: with the private key in that variable. `{ kms: awskms:///… }`: with a key that a service keeps.',
    ),
  args: list(text).default([]).describe('More arguments of `cosign sign`, such as `--tlog-upload=false`.'),
});

const KINDS = TAG_KINDS.map((kind) => `\`${kind}\``).join(', ');

const tag = line.superRefine((entry, context) => {
  const meant = misspeltTagKind(entry);
  if (meant === undefined) return;
  const message = `must be a kind (${KINDS}), a template or a tag, but \`${entry}\` looks like a misspelt kind`;
  context.addIssue({ code: 'custom', message, params: { remedy: `Did you mean \`${meant}\`?` } });
});

const unique = (gates: readonly { readonly name: string }[]): boolean =>
  new Set(gates.map((it) => it.name)).size === gates.length;

const shape = {
  builder: z
    .enum(['docker', 'native', 'none'])
    .describe('`docker`: a Dockerfile. `native`: copied files, no daemon. `none`: no image. Default: by what is there.')
    .optional(),
  source: line
    .describe(
      "Instead of building: what Bazel, Jib, ko or Pack has made: an OCI layout or an archive, from the service's folder, or `repository@sha256:…`.",
    )
    .optional(),
  repository: line.describe('Repository of the image; default: `<registry>/<service>`.').optional(),
  context: line.default('.').describe("Folder that the builder sees, from the service's folder."),
  dockerfile: line.default('Dockerfile').describe("Path of the Dockerfile, from the service's folder."),
  target: line.describe('Stage of the Dockerfile; default: its last.').optional(),
  'build-args': variables
    .default({})
    .describe(
      'Build arguments; they are part of what the image is known by. Variables of tags such as `{{sha}}` are filled in, and then no image is reused.',
    ),
  secrets: list(line)
    .default([])
    .describe('Ids of build secrets; `npm_token` is read from the environment variable `npm_token`, else `NPM_TOKEN`.'),
  platforms: list(
    z.string().regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/, { error: 'must be a platform such as `linux/arm64`' }),
  )
    .default([])
    .describe('Platforms of the image; default: `linux/amd64`.'),
  tags: list(tag)
    .default(['sha', 'branch', 'semver'])
    .describe(`Tags that point at the image: ${KINDS}, or templates such as \`{{semver.major}}\`.`),
  'cache-epoch': scalar
    .prefault('never')
    .describe(
      'When an unchanged service is built again all the same: `never`, `weekly`, `monthly`, or any text, whenever it changes.',
    ),
  reuse: z
    .enum(['verified', 'tag', 'off'])
    .default('verified')
    .describe(
      'Whether an image with the same content is taken instead of building: when its maker is proven, when the registry has it, or never.',
    ),
  'reuse-key': reuseKey.describe('Key pair that proves the maker of an image.').optional(),
  gates: list(gate)
    .refine(unique, { error: 'must not have two gates of one name' })
    .default([])
    .describe('Commands that must end with 0 before the image is tagged.'),
  sbom: z
    .boolean()
    .default(false)
    .describe(
      'Whether the list of its components (SPDX, made by syft where the runner has it) is attached to the image.',
    ),
  sign: sign.describe('Signs the image with cosign, before a tag points at it.').optional(),
};

const NATIVE = 'The image, for `builder: native`.';

/** How the image of one service is made, all layers merged. */
export const image = z.strictObject({ ...shape, native: native.optional() });
export type ImageOutput = z.output<typeof image>;

/** What one layer says. */
export const imageLayer = z
  .strictObject({ ...shape, native: native.partial().describe(NATIVE) })
  .partial()
  .meta({ id: 'image' });
