import * as z from 'zod';
import { MAX_FOLDER_DEPTH } from '../limits.ts';
import { deployLayer } from './deploy.ts';
import { environment } from './environment.ts';
import { imageLayer } from './image.ts';
import { address, line, list, name, patterns, secretReference, section } from './parts.ts';
import { service } from './service.ts';
import { sinks } from './sinks.ts';

const graph = z.strictObject({
  import: list(z.enum(['npm', 'go', 'cargo', 'maven', 'gradle', 'dotnet', 'python']))
    .describe(
      [
        'Ecosystems whose manifests dependencies are read from; default: whatever is found. `[]`: none.',
        '`npm`: package.json of npm, pnpm, yarn, bun and lerna workspaces, with what tsconfig.json takes from elsewhere; `go`: go.mod and go.work, with the imports of modules that one go.work uses;',
        '`cargo`: Cargo.toml, the configuration of Cargo and paths in build.rs; `maven`: pom.xml; `gradle`: scripts; `dotnet`: project files and all that they import;',
        '`python`: pyproject.toml (uv, poetry, PDM), setup.py, setup.cfg, Pipfile and requirements files. The package in the folder of a service is that service;',
        'packages that are no service, manifests that govern (a parent, the file of a workspace), and paths that lead out of a package are inputs of every service that uses them, at any distance.',
        'Where several files may be the true one (a lock file that is left over beside another, settings in several folders, a link and its target), all count; what cannot be known makes a service depend on every package of that ecosystem, with a warning.',
        'A lock file above a service selects it when something is resolved otherwise for it: package-lock.json (version 2 and 3), pnpm-lock.yaml (6 and 9) and yarn.lock are compared entry by entry,',
        'others count as a whole. A package that holds several services is an input by its manifest only: name what they share with `dependencies.paths`.',
      ].join(' '),
    )
    .optional(),
});

const ledger = z
  .strictObject({
    remote: address.describe('Name of a git remote, or a URL; default: `origin`.').optional(),
    repository: z
      .string()
      .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, { error: 'must be `owner/repository`' })
      .describe('A repository that keeps the ledger of several repositories, instead of `remote`.')
      .optional(),
    token: secretReference.describe("Token for it; default: the action's own.").optional(),
  })
  .refine((it) => it.remote === undefined || it.repository === undefined, {
    error: 'must not have both `remote` and `repository`',
  });

/** Where services are found when slipway.yml does not say it. */
export const DEFAULT_SERVICES: readonly string[] = ['**/slipway.service.yml'];

const SERVICES = [
  'Folders of services, or their files slipway.service.yml, as patterns from the root of the repository with `*`, `?` and `**`;',
  '`!` takes out again. A folder found by `*`, `?` or `**` is a service if it has a slipway.service.yml or a Dockerfile, and else is passed over;',
  'a folder that a pattern names letter by letter always is one. Unlike other patterns, one without a slash names a folder of the root.',
  `\`**\` goes ${MAX_FOLDER_DEPTH} folders deep; \`.git\` and \`node_modules\` are never entered. Default: every slipway.service.yml.`,
].join(' ');

/** The content of slipway.yml. */
export const slipway = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  registry: line
    .describe(
      'Where images are kept: the image of a service is `<registry>/<service>`. Default: ghcr.io/<owner>/<repository>, which with `service` is the image itself.',
    )
    .optional(),
  services: patterns.describe(SERVICES).optional(),
  service: section(service)
    .describe('The one service of a repository that is one: its folder is the root. Instead of `services`.')
    .optional(),
  'shared-paths': patterns
    .default([])
    .describe('Files whose change selects every service, from the root of the repository.'),
  graph: graph.prefault({}).describe('Where dependencies between services are read from, beside what services say.'),
  environments: z
    .record(name, section(environment))
    .default({})
    .describe('Where services are deployed to. `after` makes the order in which an image is promoted.'),
  image: section(imageLayer).describe('Defaults of `image` for every service.').optional(),
  deploy: section(deployLayer).describe('Defaults of `deploy` for every service.').optional(),
  sinks: sinks.default([]).describe('Systems that deploy events are sent to.'),
  ledger: ledger.prefault({}).describe('Where what was deployed is recorded.'),
});
export type SlipwayOutput = z.output<typeof slipway>;
