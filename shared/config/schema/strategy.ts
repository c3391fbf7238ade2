import * as z from 'zod';
import { duration, list } from './parts.ts';

const rolling = z.strictObject({
  kind: z.literal('rolling').describe('New instances replace old ones, as the target does it.'),
});

const step = z.strictObject({
  weight: z
    .int()
    .min(1, { error: 'must be a percentage, 1 to 100' })
    .max(100, { error: 'must be a percentage, 1 to 100' })
    .describe('Share of the traffic that the new image gets, in percent.'),
  hold: duration.prefault('1m').describe('How long this share is watched before the next step.'),
});

const canary = z.strictObject({
  kind: z.literal('canary').describe('The new image gets more of the traffic step by step.'),
  steps: list(step)
    .min(1, { error: 'must have a step' })
    .refine((steps) => steps.every(({ weight }, index) => weight > (steps[index - 1]?.weight ?? 0)), {
      error: 'must grow in `weight` from step to step',
    })
    .describe('Shares of the traffic in order; after the last one the new image gets all.'),
  traffic: z
    .enum(['replicas', 'gateway'])
    .default('replicas')
    .describe('How traffic is split: by the number of instances, or by the routes of a gateway.'),
});

const blueGreen = z.strictObject({
  kind: z.literal('blue-green').describe('The new image starts beside the old one and gets all traffic at once.'),
  'keep-warm': duration
    .prefault('10m')
    .describe('How long the old image is kept running, for a rollback within seconds.'),
});

export const strategy = z.discriminatedUnion('kind', [rolling, canary, blueGreen]);
export type StrategyOutput = z.output<typeof strategy>;

/** What one layer says of a strategy; without `kind` it adds to the layer below. */
export const strategyLayer = z.discriminatedUnion('kind', [
  rolling,
  canary.partial().required({ kind: true }),
  blueGreen.partial().required({ kind: true }),
  z
    .strictObject({ ...canary.shape, ...blueGreen.shape })
    .partial()
    .extend({ kind: z.undefined().optional() }),
]);
