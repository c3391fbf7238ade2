import type { EnvironmentClass } from './config.ts';
import type { Outcome } from './deploy.ts';
import type { EventKind, EventStatus } from './event.ts';
import type { Hold } from './ledger.ts';
import type { EnvironmentName, ServiceName } from './names.ts';

/** All that the static page shows, drawn from the ledger. The last of the nine values. Texts are untrusted: they are only ever set as text. */
export interface Board {
  readonly v: 1;
  /** ISO 8601 UTC: the ledger was read at this time. */
  readonly asOf: string;
  readonly repository: string;
  readonly environments: readonly { readonly name: EnvironmentName; readonly class: EnvironmentClass }[];
  readonly services: readonly BoardService[];
  /** Newest first. */
  readonly history: readonly BoardEvent[];
  readonly metrics: readonly BoardMetrics[];
  readonly verified: { readonly ok: boolean; readonly findings: readonly string[] };
}

export interface BoardService {
  readonly name: ServiceName;
  readonly team: string | null;
  readonly dependencies: readonly ServiceName[];
  /** By environment; an environment without an entry was never deployed to. */
  readonly cells: Readonly<Record<EnvironmentName, BoardCell>>;
}

export interface BoardCell {
  readonly version: string;
  readonly digest: string;
  readonly commit: string;
  readonly since: string;
  readonly by: string;
  readonly state: 'live' | 'in-doubt' | 'needs-human' | 'removed';
  readonly held: readonly Hold[];
  /** The newest settled deploy of the stream was a rollback, or took itself back. */
  readonly rolledBack: boolean;
  /** A started deploy without an end, beside what is known to run. */
  readonly inDoubt: { readonly version: string; readonly started: string } | null;
  /** Why a person must decide. */
  readonly needsHuman: string | null;
  /** What a rollback would go back to. */
  readonly previous: { readonly version: string; readonly digest: string } | null;
}

/** One deploy: start and finish of one (id, attempt) in one row. */
export interface BoardEvent {
  readonly id: string;
  readonly attempt: number;
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly kind: EventKind;
  /** Status of the event; `in-doubt` for a start without a finish. */
  readonly status: EventStatus | 'in-doubt';
  readonly outcome: Outcome | null;
  readonly version: string;
  readonly previousVersion: string | null;
  readonly digest: string | null;
  readonly commit: string;
  readonly title: string | null;
  readonly by: string;
  readonly started: string;
  readonly finished: string | null;
  readonly message: string | null;
  readonly runUrl: string | null;
  readonly evidence: { readonly summary: string; readonly log: readonly string[] } | null;
  /** Nothing ran in this stream before. */
  readonly first: boolean;
  /** Whether anything was written to the target. */
  readonly changed: boolean;
  readonly verified: 'passed' | 'failed' | 'none';
  /** Gates that were passed by hand. */
  readonly overridden: readonly string[];
  /** Goes back to an image that ran before: asked for, or seen from the digests. */
  readonly rollback: boolean;
  /** Id of the deploy that took this one back. */
  readonly rolledBackBy: string | null;
}

/** The five of DORA for one service in one environment of class production; null where there is nothing to count. Definitions: insight/dora. */
export interface BoardMetrics {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly days: number;
  readonly deploys: number;
  readonly deploysPerDay: number;
  /** Median, from the commit to its deploy. */
  readonly leadTimeMs: number | null;
  /** From 0 to 1. */
  readonly changeFailRate: number | null;
  /** Median, failures that are still open counted in; null also when more than half of them are open. */
  readonly recoveryMs: number | null;
  /** From 0 to 1. */
  readonly reworkRate: number | null;
  readonly counts: BoardMetricCounts;
  /** Age of the oldest failure that is still open. */
  readonly openForMs: number | null;
}

/** How many facts stand behind each number: a rate of two is no rate. */
export interface BoardMetricCounts {
  /** Deploys with a known commit date: what the lead time is the median of. */
  readonly leadTimes: number;
  /** Of those, how many had a commit date after the deploy (a wrong clock) and count as 0. */
  readonly clampedLeadTimes: number;
  /** What the change fail rate is a share of. */
  readonly changes: number;
  readonly failed: number;
  readonly recovered: number;
  readonly open: number;
  /** What the rework rate is a share of. */
  readonly all: number;
  readonly unplanned: number;
}
