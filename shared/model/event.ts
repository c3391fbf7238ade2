import type { EnvironmentClass, TargetSettings } from './config.ts';
import type { CheckResult, Evidence, Outcome } from './deploy.ts';
import type { Json } from './json.ts';
import type { Commit, Digest, EnvironmentName, ServiceName } from './names.ts';

export type EventKind = 'deploy' | 'rollback' | 'hotfix' | 'config' | 'flag' | 'remove' | 'hold' | 'release';
export type EventStatus = 'in_progress' | 'success' | 'failure' | 'cancelled' | 'unknown' | 'superseded';
export type EventPhase = 'start' | 'finish' | 'both';
/** What a rollback keeps from coming back by itself: the digest it left, the whole stream, or nothing. */
export type HoldPolicy = 'digest' | 'stream' | 'none';

/**
 * The immutable record of one deploy; the eighth of the nine values. It leaves the house (ledger, sinks, outputs), so its
 * keys are those of `schemas/deploy-event.schema.json`, written with underscores. All times are ISO 8601 in UTC.
 */
export interface DeployEvent {
  /** Version of the schema. */
  readonly v: 1;
  /** Hash of (repository, service, environment, run, job, kind, digest); the same for every attempt and phase. */
  readonly id: string;
  /** `environment/service`. */
  readonly stream: string;
  /** Place in its stream, from 1. */
  readonly seq: number;
  readonly phase: EventPhase;
  readonly kind: EventKind;
  readonly status: EventStatus;
  readonly outcome: Outcome | null;
  /** Reason code of the outcome. */
  readonly reason: string | null;
  /** What a person gave as the reason, or the sentence that explains the outcome. */
  readonly message: string | null;
  readonly service: ServiceName;
  readonly team: string | null;
  readonly env: { readonly name: EnvironmentName; readonly class: EnvironmentClass; readonly url: string | null };
  /** null only for kinds that move no image (flag, config, release of a whole stream). */
  readonly artifact: EventArtifact | null;
  readonly version: string;
  readonly commit: EventCommit;
  /** What ran before. */
  readonly prev: EventPrevious | null;
  readonly actor: { readonly login: string; readonly type: 'user' | 'bot' };
  readonly strategy: { readonly type: 'rolling' | 'canary' | 'blue-green' };
  readonly times: { readonly started: string; readonly finished: string | null };
  readonly run: EventRun;
  /** Whether anything was written to the target: tells a failed pipeline from a failed production. */
  readonly changed: boolean;
  readonly verify: { readonly result: 'passed' | 'failed' | 'none'; readonly checks: readonly CheckResult[] };
  readonly evidence: Evidence | null;
  readonly gates: { readonly overridden: readonly string[] };
  readonly links: EventLinks;
  /** Resolved settings of the target, so that a rollback needs no checkout. */
  readonly target: TargetSettings | null;
  /** Who may write until when, where the target keeps no lease of its own. */
  readonly lease: { readonly owner: string; readonly expires: string } | null;
  /** What a rollback of this deploy holds; left out: `digest`. */
  readonly hold?: HoldPolicy;
  /** Whether a failure of this deploy may be taken back without a person; left out: it may. */
  readonly automatic_rollback?: boolean;
  readonly annotations: Readonly<Record<string, Json>>;
}

export interface EventCommit {
  readonly sha: Commit;
  /** `owner/repo` */
  readonly repo: string;
  readonly ref: string;
  /** First line of the message: untrusted text. */
  readonly title: string | null;
  /** Committer date, ISO 8601 UTC, from which lead time counts; left out where the writer could not know it. */
  readonly date?: string | null;
}

export interface EventArtifact {
  /** Repository of the image. */
  readonly name: string;
  readonly digest: Digest;
  /** Package URL, `pkg:oci/…`. */
  readonly purl: string;
}

export interface EventPrevious {
  readonly event_id: string;
  readonly version: string;
  readonly commit: Commit;
  readonly digest: Digest | null;
}

export interface EventRun {
  readonly id: string;
  readonly attempt: number;
  readonly job: string;
  readonly url: string | null;
  readonly workflow_ref: string | null;
}

export interface EventLinks {
  /** Event whose deploy this one takes back. */
  readonly rolls_back: string | null;
  readonly remediates: string | null;
  readonly incident: string | null;
  readonly supersedes: string | null;
}
