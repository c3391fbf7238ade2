import * as z from 'zod';
import { command, line, list, span } from './parts.ts';
import { strategy, strategyLayer } from './strategy.ts';
import { target, targetLayer } from './target.ts';
import { verify } from './verify.ts';

const hook = z.strictObject({
  name: line.describe('Name of the hook, for people.'),
  run: command.describe('The command as a list: program and arguments.'),
  reversible: z
    .boolean()
    .default(true)
    .describe(
      'Whether the image before works after it has run. With `false` nothing is rolled back automatically once it ran.',
    ),
});

const rollback = z.strictObject({
  automatic: z.boolean().default(true).describe('Bring the image before back when the new one fails its checks.'),
  hold: z
    .enum(['digest', 'stream', 'none'])
    .default('digest')
    .describe('What a rollback holds: the image it left, every deploy of this service there, or nothing.'),
});

const hooks = z.strictObject({
  before: list(hook).default([]).describe('Run in order before anything is changed in the target.'),
  after: list(hook).default([]).describe('Run in order after the deploy has settled.'),
});

const shape = {
  verify: verify.prefault({}).describe('What must hold before a deploy counts as good.'),
  rollback: rollback.prefault({}).describe('What happens when it does not hold.'),
  hooks: hooks.prefault({}).describe('Commands of yours around a deploy.'),
  timeout: span.prefault('10m').describe('The longest that a deploy may take, checks included.'),
};

const WHERE =
  'What runs the service. Without one it is deployed by other tools, which record it with record-deploy-event.';
const HOW = 'How traffic moves to the new image.';

/** How one service is deployed to one environment, all layers merged. */
export const deploy = z.strictObject({
  target: target.optional(),
  strategy: strategy.prefault({ kind: 'rolling' }),
  ...shape,
});
export type DeployOutput = z.output<typeof deploy>;

/** What one layer says. */
export const deployLayer = z
  .strictObject({
    target: targetLayer.describe(WHERE),
    strategy: strategyLayer.prefault({ kind: 'rolling' }).describe(HOW),
    ...shape,
  })
  .partial()
  .meta({ id: 'deploy' });
