import { userError } from '../../model/index.ts';
import type { Meta } from './objects.ts';

interface Sign {
  readonly manager: string;
  /** Labels or annotations that it puts on what it manages. */
  readonly keys: readonly string[];
  /** Names under which it writes fields. */
  readonly writer: RegExp;
}

const SIGNS: readonly Sign[] = [
  {
    manager: 'Argo CD',
    keys: ['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/instance'],
    writer: /^argocd-(?:application-)?controller$/,
  },
  {
    manager: 'Flux',
    keys: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'],
    writer: /^(?:kustomize|helm)-controller$/,
  },
  { manager: 'Helm', keys: ['meta.helm.sh/release-name'], writer: /^helm$/ },
];

/** What another tool keeps as it is described elsewhere is not written here: it would be undone, or undo the next release of that tool. */
export function refuseManaged(title: string, { labels, annotations, managedFields }: Meta): void {
  const found = SIGNS.find(
    ({ keys, writer }) =>
      keys.some((key) => key in labels || key in annotations) || managedFields.some((it) => writer.test(it.manager)),
  );
  if (found === undefined) return;
  throw userError(
    'managed-elsewhere',
    `${title} is managed by ${found.manager}, which would undo what is written here.`,
  );
}
