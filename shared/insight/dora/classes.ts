import type { EventKind } from '../../model/index.ts';
import { type TracedDeploy, wentLive } from '../lineage.ts';

/** Kinds that bring an image; configuration, flags, holds and removals are no deployments here. */
const DEPLOYMENTS: ReadonlySet<EventKind> = new Set(['deploy', 'hotfix', 'rollback']);

/** It was not planned: it repairs what an earlier deploy broke. */
export const isUnplanned = (deploy: TracedDeploy): boolean =>
  deploy.rollback || deploy.event.kind === 'hotfix' || deploy.event.links.remediates !== null;

/** It touched production and moved it to another image, or tried to: success or failure, planned or not. */
export const touchedProduction = ({ event, moves }: TracedDeploy): boolean =>
  DEPLOYMENTS.has(event.kind) && event.changed && moves && (event.status === 'success' || event.status === 'failure');

/** What the change fail rate is a share of: planned changes, however they ended. */
export const isChange = (deploy: TracedDeploy): boolean => touchedProduction(deploy) && !isUnplanned(deploy);

/** What the deployment frequency counts: another image went live, and it was not one that had run before. */
export const isDeployment = (deploy: TracedDeploy): boolean =>
  touchedProduction(deploy) && wentLive(deploy) && !deploy.rollback;
