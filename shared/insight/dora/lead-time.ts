import type { TracedDeploy } from '../lineage.ts';
import { isDeployment } from './classes.ts';
import { finishOf } from './failures.ts';

/** How long one commit took into production. */
interface LeadTime {
  readonly deploy: TracedDeploy;
  readonly ms: number;
  /** The commit says it is younger than its deploy: a wrong clock. It counts as 0, and it counts. */
  readonly clamped: boolean;
}

/** One for each commit that the stream saw for the first time with a deploy, where its date is known; in order. */
export function leadTimes(stream: readonly TracedDeploy[]): readonly LeadTime[] {
  const seen = new Set<string>();
  const found: LeadTime[] = [];
  for (const deploy of stream.filter(isDeployment)) {
    const { sha, date } = deploy.event.commit;
    const fresh = !seen.has(sha);
    seen.add(sha);
    const ms = finishOf(deploy) - Date.parse(date ?? '');
    if (fresh && !deploy.first && !Number.isNaN(ms)) found.push({ deploy, ms: Math.max(0, ms), clamped: ms < 0 });
  }
  return found;
}
