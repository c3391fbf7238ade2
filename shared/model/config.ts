import type { HoldPolicy } from './event.ts';
import type { Json } from './json.ts';
import type { EnvironmentName, ServiceName } from './names.ts';

/** What slipway.yml and all service files say together: merged, defaults filled in, checked. The first of the nine values. */
export interface Config {
  /** Path of slipway.yml from the repository's root; `inline` when the services came from an input. */
  readonly file: string;
  /** Prefix of image repositories, such as `ghcr.io/acme/shop`. */
  readonly registry: string;
  /** Sorted by name, unique without regard to case. */
  readonly services: readonly Service[];
  /** In promotion order: each comes after those it waits for. */
  readonly environments: readonly Environment[];
  /** A change to one of these selects every service. */
  readonly sharedPaths: PathRules;
  /** Where dependencies are imported from; undefined: whatever is found. */
  readonly graphImport: readonly Ecosystem[] | undefined;
  readonly ledger: LedgerSettings;
  readonly sinks: readonly SinkSettings[];
}

export type Ecosystem = 'npm' | 'go' | 'cargo' | 'maven' | 'gradle' | 'dotnet' | 'python';

/** Patterns and the folder they are read from (`''` is the repository's root). The last that matches wins; `!` takes out. */
export interface PathRules {
  readonly from: string;
  readonly patterns: readonly string[];
}

/** A unit that is built and deployed by itself. */
export interface Service {
  readonly name: ServiceName;
  /** Earlier names, so that base, previous and metrics follow a rename. */
  readonly aliases: readonly ServiceName[];
  readonly team: string | undefined;
  /** Folder from the repository's root, `/` between parts; `''` is the root itself. */
  readonly path: string;
  readonly files: PathRules;
  readonly dependencies: { readonly services: readonly ServiceName[]; readonly paths: PathRules };
  /** Files outside of its folder that say how its image is built, such as its Dockerfile; undefined: there are none. */
  readonly buildFiles?: PathRules;
  /** Label or labels of the runner for its jobs; carried into the matrix. */
  readonly runner: Json | undefined;
  /** Free keys of the user's, carried into the matrix. */
  readonly matrix: Readonly<Record<string, Json>>;
  readonly test: { readonly run: string; readonly timeoutMs: number } | undefined;
  readonly image: ImageSettings;
  /** How it is deployed, by environment; only those it goes to. */
  readonly deployments: ReadonlyMap<EnvironmentName, DeploySettings>;
}

export type EnvironmentClass = 'production' | 'staging' | 'development' | 'preview';

export interface Environment {
  readonly name: EnvironmentName;
  readonly class: EnvironmentClass;
  /** It waits for all of these. */
  readonly after: readonly EnvironmentName[];
  readonly approval: string | undefined;
  readonly freeze: readonly Freeze[];
  /** Evidence that a digest must carry, beside having settled in the environment before. */
  readonly require: readonly { readonly gate: string }[];
}

/** A window in which nothing is deployed, by the wall clock of its zone: `from` counts, `to` does not. */
export interface Freeze {
  /** Local date and time without offset, `YYYY-MM-DDTHH:MM[:SS]`. */
  readonly from: string;
  readonly to: string;
  /** IANA zone. */
  readonly zone: string;
  readonly reason: string | undefined;
}

export type Reuse = 'verified' | 'tag' | 'off';
export type BuilderKind = 'docker' | 'native' | 'none';

/** Paths are from the service's folder, wherever they were written; a leading `/` is the repository's root (native layers). */
export interface ImageSettings {
  /** undefined: by what is there (a Dockerfile: docker; `native`: native). */
  readonly builder: BuilderKind | undefined;
  readonly source: string | undefined;
  readonly repository: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly platforms: readonly string[];
  readonly native: NativeSettings | undefined;
  readonly tags: readonly string[];
  /** `never`, `weekly`, `monthly` or any text: part of the content key, so that it ends. */
  readonly cacheEpoch: string;
  readonly reuse: Reuse;
  readonly reuseKey: { readonly public: string; readonly private: SecretReference | undefined } | undefined;
  readonly gates: readonly GateSettings[];
  /** Whether a list of its components is attached to the image. */
  readonly sbom: boolean;
  readonly sign: SignSettings | undefined;
}

/** A command that looks at an image before a tag points at it. */
export interface GateSettings {
  readonly name: string;
  readonly run: readonly string[];
  readonly timeoutMs: number;
}

/** How cosign signs an image: by the identity of the run, with a key of the environment, or with one that a service keeps. */
export interface SignSettings {
  readonly cosign: 'keyless' | SecretReference | { readonly kms: string };
  /** More arguments of `cosign sign`. */
  readonly args: readonly string[];
}

export interface NativeSettings {
  /** Image reference, or `scratch`. */
  readonly base: string;
  readonly layers: readonly { readonly from: string; readonly to: string }[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly user: string | undefined;
  readonly workdir: string | undefined;
}

/** The name of an environment variable; the value itself never stands in a file. */
export interface SecretReference {
  readonly env: string;
}

export interface DeploySettings {
  readonly target: TargetSettings;
  readonly strategy: StrategySettings;
  readonly verify: VerifySettings;
  readonly rollback: { readonly automatic: boolean; readonly hold: HoldPolicy };
  readonly hooks: { readonly before: readonly Hook[]; readonly after: readonly Hook[] };
  readonly timeoutMs: number;
}

export interface Hook {
  readonly name: string;
  readonly run: readonly string[];
  readonly reversible: boolean;
}

export interface LocalTargetSettings {
  readonly kind: 'local';
  /** From the service's folder, or absolute. */
  readonly directory: string;
  /** undefined: each new process gets a free port, beside the old one. */
  readonly port: number | undefined;
}

export interface CommandTargetSettings {
  readonly kind: 'command';
  readonly deploy: readonly string[];
  readonly status: readonly string[] | undefined;
  readonly rollback: readonly string[] | undefined;
  readonly remove: readonly string[] | undefined;
}

export interface KubernetesTargetSettings {
  readonly kind: 'kubernetes';
  readonly namespace: string | undefined;
  /** `kind/name`, such as `deployment/checkout`; undefined: `deployment/<service>`. */
  readonly workload: string | undefined;
  readonly container: string | undefined;
  readonly manifests: readonly string[];
  readonly render: readonly string[] | undefined;
  /** Folder of the service, from the root of the repository: manifests are from there, and `render` runs there. */
  readonly folder: string | undefined;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly prune: boolean;
}

export interface GitopsTargetSettings {
  readonly kind: 'gitops';
  readonly repository: string;
  readonly branch: string | undefined;
  readonly file: string;
  readonly key: string | undefined;
  readonly kustomizeImage: string | undefined;
  readonly format: 'yaml' | 'json' | 'tfvars';
  readonly write: 'push' | 'pull-request';
  readonly wait: 'argocd' | 'flux' | 'none';
}

/** Other tools deploy the service, and record it with record-deploy-event. No file says this: it is what no target means. */
export interface ForeignTargetSettings {
  readonly kind: 'foreign';
}

export type TargetSettings =
  | LocalTargetSettings
  | CommandTargetSettings
  | KubernetesTargetSettings
  | GitopsTargetSettings
  | ForeignTargetSettings;
export type TargetKind = TargetSettings['kind'];

export const FOREIGN_TARGET: ForeignTargetSettings = { kind: 'foreign' };
export const isForeign = (target: TargetSettings): target is ForeignTargetSettings => target.kind === 'foreign';

export type StrategySettings =
  | { readonly kind: 'rolling' }
  | {
      readonly kind: 'canary';
      readonly steps: readonly { readonly weight: number; readonly holdMs: number }[];
      readonly traffic: 'replicas' | 'gateway';
    }
  | { readonly kind: 'blue-green'; readonly keepWarmMs: number };

export interface VerifySettings {
  readonly http: readonly HttpCheck[];
  /** Validated, carried out by the judge of a later version. */
  readonly metrics: Json | undefined;
}

export interface HttpCheck {
  /** May hold `{url}`, the address that the target gave the new image. */
  readonly url: string;
  readonly status: number;
  readonly withinMs: number;
}

export interface LedgerSettings {
  /** Name of a git remote, a URL, or `owner/repo` on the same server. */
  readonly remote: string;
  /** Streams carry the repository in their name: the ledger is shared by several. */
  readonly shared: boolean;
  readonly token: SecretReference | undefined;
}

/** Fields that every sink has; `fields` holds those of its kind, checked by that kind's own schema. */
export interface SinkSettings {
  readonly kind: string;
  readonly name: string;
  /** The address, or where it is found when it is a secret itself. */
  readonly url: string | SecretReference | undefined;
  /** Only events of these; undefined: of all. */
  readonly environments: readonly EnvironmentName[] | undefined;
  readonly required: boolean;
  readonly timeoutMs: number;
  readonly fields: Readonly<Record<string, Json>>;
}
