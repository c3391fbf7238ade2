import type { WorkloadKind } from './kind.ts';

/** What it starts next has the image: when the API server has taken it, it is deployed. What runs already runs to its end. */
export const cronjob: WorkloadKind = {
  name: 'cronjob',
  apiVersion: 'batch/v1',
  plural: 'cronjobs',
  kind: 'CronJob',
  template: ['spec', 'jobTemplate', 'spec', 'template'],
  revisions: undefined,
  surges: false,
  templateOf: ({ spec }) => spec.jobTemplate?.spec.template ?? undefined,
  stuck: () => undefined,
  progress: () => ({
    observed: true,
    wanted: 0,
    updated: 0,
    available: 0,
    old: 0,
    done: true,
    pods: [],
    blocked: undefined,
    overdue: false,
  }),
  takeDown: ({ spec }) => ({
    steps: [{ op: 'add', path: '/spec/suspend', value: true }],
    note: spec.suspend ? 'suspended' : 'active',
  }),
  bringBack: (_workload, note) => [{ op: 'add', path: '/spec/suspend', value: note === 'suspended' }],
};
