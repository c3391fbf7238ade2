import * as z from 'zod';
import { command, line, list } from './parts.ts';

const WORKLOAD = /^(deployment|statefulset|daemonset|cronjob|job|rollout)\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

const kubernetes = z.strictObject({
  kind: z.literal('kubernetes').describe('A workload of a Kubernetes cluster.'),
  namespace: line.describe("Namespace of the workload; default: the kubeconfig's.").optional(),
  workload: z
    .string()
    .regex(/^(\{[a-z]+\}|[a-z0-9./-])+$/, { error: 'must be `kind/name`, such as `deployment/checkout`' })
    .describe(
      'What runs the service, as `kind/name`: deployment, statefulset, daemonset, cronjob, job or rollout; default: `deployment/<service>`.',
    )
    .optional(),
  container: line.describe('Container of the workload that gets the image; default: its only one.').optional(),
  manifests: list(line)
    .default([])
    .describe('Manifests that are applied, as paths or patterns; default: none, the workload is there already.'),
  render: command.describe('A command whose output is the manifests as YAML, instead of `manifests`.').optional(),
  context: line.describe('Context of the kubeconfig; default: its current one.').optional(),
  kubeconfig: line.describe('Path of the kubeconfig; default: as kubectl finds it.').optional(),
  prune: z.boolean().default(false).describe('Delete what an earlier deploy applied and this one does not.'),
});

const gitops = z.strictObject({
  kind: z.literal('gitops').describe('A file in a git repository that a controller in the cluster follows.'),
  repository: line.describe('The repository with the file, as `owner/repository` or a URL.'),
  branch: line.describe("Branch that is written; default: the repository's default branch.").optional(),
  file: line.describe('Path of the file in that repository.'),
  key: line.describe('Path of the value in the file, such as `image.digest`; or use `kustomize-image`.').optional(),
  'kustomize-image': line.describe('Name of the image in a kustomization; or use `key`.').optional(),
  format: z
    .enum(['yaml', 'json', 'tfvars'])
    .describe('Format of the file; default: by its ending, else yaml.')
    .optional(),
  write: z.enum(['push', 'pull-request']).default('push').describe('Push to the branch, or open a pull request.'),
  wait: z
    .enum(['argocd', 'flux', 'none'])
    .default('none')
    .describe('The controller whose report ends the deploy; `none`: the write ends it.'),
});

const commands = z.strictObject({
  kind: z.literal('command').describe('Commands of yours. They get facts as `SLIPWAY_*` environment variables.'),
  deploy: command.describe('Brings the image to life and ends with 0 when that was begun.'),
  status: command.describe('Prints `{"image","ready","message"}` as JSON.').optional(),
  rollback: command.describe('Brings the image before back; default: `deploy` with that image.').optional(),
  remove: command.describe('Takes the service down.').optional(),
});

const local = z.strictObject({
  kind: z
    .literal('local')
    .describe('A process of this machine that outlives the action; for demonstrations and tests.'),
  directory: line.describe(
    "Folder for its state, from the service's folder or absolute; one for each service and environment.",
  ),
  port: z
    .int()
    .min(1, { error: 'must be a port, 1 to 65535' })
    .max(65_535, { error: 'must be a port, 1 to 65535' })
    .describe(
      'Port that the process listens on; default: a free one for each new process, which starts beside the old.',
    )
    .optional(),
});

const whole = kubernetes.extend({
  workload: z
    .string()
    .regex(WORKLOAD, {
      error:
        'must be `kind/name`: deployment, statefulset, daemonset, cronjob, job or rollout, and a name of Kubernetes',
    })
    .optional(),
});

/** A target with all that its kind needs, its placeholders expanded. */
export const target = z.discriminatedUnion('kind', [whole, gitops, commands, local]).superRefine((it, context) => {
  if (it.kind === 'kubernetes' && it.render !== undefined && it.manifests.length > 0) {
    context.addIssue({ code: 'custom', path: ['render'], message: 'must not stand beside `manifests`' });
  }
  if (it.kind === 'gitops' && (it.key === undefined) === (it['kustomize-image'] === undefined)) {
    context.addIssue({ code: 'custom', message: 'must have either `key` or `kustomize-image`' });
  }
});
export type TargetOutput = z.output<typeof target>;

/** What one layer says of a target; without `kind` it adds to the layer below. */
export const targetLayer = z.discriminatedUnion('kind', [
  kubernetes.partial().required({ kind: true }),
  gitops.partial().required({ kind: true }),
  commands.partial().required({ kind: true }),
  local.partial().required({ kind: true }),
  z
    .strictObject({ ...kubernetes.shape, ...gitops.shape, ...commands.shape, ...local.shape })
    .partial()
    .extend({ kind: z.undefined().optional() }),
]);
