import type { EnvironmentClass } from './config.ts';
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
  readonly held: readonly string[];
  readonly rolledBack: boolean;
}

export interface BoardEvent {
  readonly id: string;
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly kind: string;
  readonly status: string;
  readonly outcome: string | null;
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
}

/** The five of DORA for one service in one environment of class production; null where there is nothing to count. */
export interface BoardMetrics {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly days: number;
  readonly deploys: number;
  readonly deploysPerDay: number;
  readonly leadTimeMs: number | null;
  readonly changeFailRate: number | null;
  readonly recoveryMs: number | null;
  readonly reworkRate: number | null;
}
