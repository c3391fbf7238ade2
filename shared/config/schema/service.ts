import * as z from 'zod';
import { deployLayer } from './deploy.ts';
import { imageLayer } from './image.ts';
import { json, line, list, name, path, patterns, section, span, text } from './parts.ts';

/** Keys of a matrix row that Slipway itself writes. */
const OWN_KEYS = ['service', 'path', 'repository', 'team', 'runner', 'environments', 'test', 'timeout', 'builder'];

const dependencies = z.strictObject({
  services: list(name).default([]).describe('Services whose files are inputs of this one too.'),
  paths: patterns.default([]).describe('Files that are inputs of this service too, from the root of the repository.'),
});

const runnerGroup = z
  .strictObject({
    group: line.describe('Name of a group of runners.'),
    labels: z
      .union([line, list(line)], { error: 'must be a label or a list of labels' })
      .describe('Label or labels that a runner of the group must have.'),
  })
  .partial();

const runner = z.union([line, list(line), runnerGroup], {
  error: 'must be a label, a list of labels, or `{ group, labels }`',
});

const matrix = z.record(line, json).refine((it) => !OWN_KEYS.some((key) => Object.hasOwn(it, key)), {
  error: `must not have a key that Slipway writes itself: ${OWN_KEYS.join(', ')}`,
});

const test = z.strictObject({
  run: text.describe('Script of the shell that tests the service, run in its folder.'),
  timeout: span.prefault('10m').describe('The longest that it may take.'),
});

const place = z.strictObject({
  deploy: section(deployLayer).describe('What is different in this environment.').optional(),
});

const shape = {
  name: name
    .describe(
      "Name of the service; default: its folder's, and of the repository's root the repository's. Unique without regard to case.",
    )
    .optional(),
  aliases: list(name)
    .default([])
    .describe('Earlier names, so that what was recorded under them still counts after a rename.'),
  team: line.describe('Team that owns the service; carried into the matrix and the records.').optional(),
  paths: patterns
    .default(['**'])
    .describe("The service's own files, as patterns from this file's folder; in slipway.yml from the root."),
  dependencies: dependencies.prefault({}).describe('What else the service is made of.'),
  runner: runner
    .describe('Runner of its jobs: a label, labels, or `{ group, labels }`; carried into the matrix.')
    .optional(),
  matrix: matrix.default({}).describe('Free keys, carried into the matrix.'),
  test: test.describe('How it is tested, on every push and pull request.').optional(),
  image: section(imageLayer).describe('How its image is made.').optional(),
  deploy: section(deployLayer).describe('How it is deployed, in every environment.').optional(),
  environments: z
    .record(name, section(place))
    .describe('Environments that it goes to, with what is different there; default: all of slipway.yml. `{}`: none.')
    .optional(),
};

/** The content of slipway.service.yml, and of `service` in slipway.yml. */
export const service = z.strictObject(shape);
export type ServiceOutput = z.output<typeof service>;

/** A service of the input `services` of detect-changed-services, which has no folder of its own. */
export const inlineService = z.strictObject({
  ...shape,
  path: path
    .describe(
      "The service's folder, from the root of the repository; default: the folder that its first pattern names.",
    )
    .optional(),
});
