import * as z from 'zod';

const text = z.string().max(4_096);
const command = z.array(text);

/** JSON has no `undefined`: a key that is not there is read as one without a value, as the model has it. */
const orAbsent = <T extends z.ZodType>(schema: T) => schema.optional().transform((value) => value);

const kubernetes = z.object({
  kind: z.literal('kubernetes'),
  namespace: orAbsent(text),
  workload: orAbsent(text),
  container: orAbsent(text),
  manifests: z.array(text),
  render: orAbsent(command),
  folder: orAbsent(text),
  context: orAbsent(text),
  kubeconfig: orAbsent(text),
  prune: z.boolean(),
});

const gitops = z.object({
  kind: z.literal('gitops'),
  repository: text,
  branch: orAbsent(text),
  file: text,
  key: orAbsent(text),
  kustomizeImage: orAbsent(text),
  format: z.enum(['yaml', 'json', 'tfvars']),
  write: z.enum(['push', 'pull-request']),
  wait: z.enum(['argocd', 'flux', 'none']),
});

const ofCommand = z.object({
  kind: z.literal('command'),
  deploy: command,
  status: orAbsent(command),
  rollback: orAbsent(command),
  remove: orAbsent(command),
});

const local = z.object({ kind: z.literal('local'), directory: text, port: orAbsent(z.int()) });

const foreign = z.object({ kind: z.literal('foreign') });

/** Settings of a target as they stand in the ledger: a rollback needs them, and has no checkout to read them from. */
export const targetSettings = z.discriminatedUnion('kind', [local, ofCommand, kubernetes, gitops, foreign]);
