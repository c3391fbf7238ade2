import type {
  DeployMode,
  DeploySettings,
  Digest,
  Environment,
  EnvironmentName,
  GateName,
  Relation,
  Release,
  ServiceName,
  StreamState,
} from '../model/index.ts';

/** A release that was not deployed yet: no event brought it, and it is live since never. */
export type NewRelease = Omit<Release, 'event' | 'since'>;

/** What the ledger says of a stream. `missing`: nothing was ever deployed there. */
export type StreamRecord = StreamState | 'missing' | 'unbelievable';

/** What a target wants to run, as far as it could be looked at. */
export type Shown =
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'not-looked'; readonly why: string };

/** One environment that this one waits for. */
export interface Before {
  readonly environment: EnvironmentName;
  readonly record: StreamRecord;
  readonly shows: Shown;
}

/** Settings of a deploy that the plan decides by. */
export type PlanSettings = Pick<DeploySettings, 'strategy' | 'verify' | 'rollback' | 'hooks'>;

/** Everything that a plan is made from, gathered before: two plans of equal facts are equal. */
export interface DeployFacts {
  readonly mode: DeployMode;
  readonly service: ServiceName;
  readonly environment: Environment;
  /** What shall be deployed, or held, or let go; undefined where the stream says it (a rollback, a removal). */
  readonly release: NewRelease | undefined;
  readonly record: StreamRecord;
  /** What the target of this environment wants to run. */
  readonly shows: Shown;
  /** From `promotionSources`. */
  readonly before: readonly Before[];
  /** How the commit of the release lies to the one that is live; undefined when nothing is live. */
  readonly ancestry: Relation | undefined;
  /** Milliseconds since 1970, UTC. */
  readonly now: number;
  readonly overrides: readonly GateName[];
  /** undefined where there is no checkout: then only what was there before can be brought back. */
  readonly settings: PlanSettings | undefined;
  /** For a rollback: `previous`, a digest, or the id of an event; undefined: `previous`. */
  readonly to: string | undefined;
  /** For `hold` and `release`. */
  readonly scope: 'digest' | 'stream' | undefined;
  /** Login of the person who asks. */
  readonly by: string;
  /** What that person gave as the reason. */
  readonly because: string | undefined;
}

/**
 * Whether a new image goes in (or is planned to), so that every gate may stop it. Everything else a person asks for by
 * itself, about what is or was there.
 */
export const isGated = (mode: DeployMode): boolean => mode === 'deploy' || mode === 'plan';

/** An environment of which only the name is known: nothing is set, and the strictest class is taken. */
export const bareEnvironment = (name: EnvironmentName): Environment => ({
  name,
  class: 'production',
  after: [],
  approval: undefined,
  freeze: [],
  require: [],
});

/** The state of a stream that can be read. */
export const believed = (record: StreamRecord): StreamState | undefined =>
  typeof record === 'string' ? undefined : record;
