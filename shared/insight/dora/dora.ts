import type { BoardMetrics, DeployEvent, EnvironmentClass } from '../../model/index.ts';
import { type TracedDeploy, traceDeploys } from '../lineage.ts';
import { pairEvents, streamOf } from '../pairs.ts';
import { byName } from '../words.ts';
import { isChange, isDeployment, isUnplanned, touchedProduction } from './classes.ts';
import { type Failure, failuresOf, finishOf } from './failures.ts';
import { leadTimes } from './lead-time.ts';
import { censoredMedian, median } from './statistics.ts';

const DAY_MS = 86_400_000;

interface DoraOptions {
  /** ISO 8601 UTC: the end of the window. */
  readonly now: string;
  /** Length of the window. */
  readonly days: number;
  /** Classes of environments that count; default: production. */
  readonly classes?: readonly EnvironmentClass[];
}

/**
 * The five software delivery metrics of DORA (dora.dev/guides/dora-metrics, 2026) for each service in each environment
 * of class production, over the deploys that finished in the last `days` days. Nothing is pooled: unlike systems are
 * not compared. Re-runs are told apart by attempt, start and finish of one attempt count once, deploys in doubt do not count.
 *
 * - **Deployment frequency**: successes that brought another image, a day. Rollbacks and redeploys of what ran already
 *   are no deployments.
 * - **Lead time**: median from the commit to the finish of the deploy that first brought it. The event knows its newest
 *   commit only, so with several commits in one deploy this is the shortest of them. First deploys of a stream are left
 *   out, and so are commits that were live before.
 * - **Change fail rate**: failed changes / changes. A change is a planned deploy that touched production; what made it
 *   a failure stands in `failures.ts`. Pipelines that failed before they touched production are no changes.
 * - **Failed deployment recovery time**: median over the failed changes, the open ones counted in as what they are.
 * - **Rework rate**: unplanned deploys (rollback, hotfix, remediation) / all that touched production.
 *
 * History from before the window is used to tell what was new and what was a rollback; hand in as much as there is.
 */
export function dora(events: readonly DeployEvent[], options: DoraOptions): readonly BoardMetrics[] {
  const now = Date.parse(options.now);
  const classes = new Set<EnvironmentClass>(options.classes ?? ['production']);
  const counted = traceDeploys(pairEvents(events)).filter(
    (it) => classes.has(it.event.env.class) && !it.inDoubt && finishOf(it) <= now,
  );
  return byStream(counted)
    .map((stream) => measure(stream, now, options.days))
    .sort((a, b) => byName(a.service, b.service) || byName(a.environment, b.environment));
}

function byStream(deploys: readonly TracedDeploy[]): readonly Stream[] {
  const streams = new Map<string, [TracedDeploy, ...TracedDeploy[]]>();
  for (const deploy of deploys) {
    const known = streams.get(streamOf(deploy.event));
    if (known === undefined) streams.set(streamOf(deploy.event), [deploy]);
    else known.push(deploy);
  }
  return [...streams.values()];
}

type Stream = readonly [TracedDeploy, ...TracedDeploy[]];

function measure(stream: Stream, now: number, days: number): BoardMetrics {
  const since = now - days * DAY_MS;
  const inWindow = (deploy: TracedDeploy) => finishOf(deploy) > since;
  const window = stream.filter(inWindow);
  const deploys = window.filter(isDeployment).length;
  const leads = leadTimes(stream).filter((it) => inWindow(it.deploy));
  const failures = failuresOf(stream, now).filter((it) => inWindow(it.deploy));
  const counts = {
    leadTimes: leads.length,
    clampedLeadTimes: leads.filter((it) => it.clamped).length,
    changes: window.filter(isChange).length,
    failed: failures.length,
    recovered: failures.filter((it) => it.recovery.ended).length,
    open: failures.filter((it) => !it.recovery.ended).length,
    all: window.filter(touchedProduction).length,
    unplanned: window.filter((it) => touchedProduction(it) && isUnplanned(it)).length,
  };
  return {
    service: stream[0].event.service,
    environment: stream[0].event.env.name,
    days,
    deploys,
    deploysPerDay: deploys / days,
    leadTimeMs: median(leads.map((it) => it.ms)),
    changeFailRate: share(counts.failed, counts.changes),
    recoveryMs: censoredMedian(failures.map((it) => it.recovery)),
    reworkRate: share(counts.unplanned, counts.all),
    counts,
    openForMs: oldestOpen(failures),
  };
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function oldestOpen(failures: readonly Failure[]): number | null {
  const open = failures.filter((it) => !it.recovery.ended).map((it) => it.recovery.ms);
  return open.length === 0 ? null : open.reduce((a, b) => Math.max(a, b));
}
