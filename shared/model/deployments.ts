import type { Commit } from './names.ts';

/** GitHub Deployments of one repository (REST, permission `deployments: write`), as far as one record per service needs them. */
export interface Deployments {
  /** Deployments of an environment, newest first, one page: at most DEPLOYMENTS_LISTED. */
  list(environment: string, signal?: AbortSignal): Promise<readonly Deployment[]>;
  create(it: NewDeployment, signal?: AbortSignal): Promise<Deployment>;
  /** State of the newest status; undefined: it has none yet. */
  newestState(id: number, signal?: AbortSignal): Promise<DeploymentState | undefined>;
  addStatus(id: number, status: DeploymentStatus, signal?: AbortSignal): Promise<void>;
}

/** The largest page that the server gives. */
export const DEPLOYMENTS_LISTED = 100;

export type DeploymentState = 'queued' | 'pending' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

export interface Deployment {
  readonly id: number;
  readonly sha: Commit;
  readonly environment: string;
  /** As it was given to `create`; anything at all where another tool made it. */
  readonly payload: unknown;
}

export interface NewDeployment {
  readonly ref: Commit;
  readonly task: string;
  readonly environment: string;
  readonly production: boolean;
  readonly transient: boolean;
  readonly description: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface DeploymentStatus {
  readonly state: DeploymentState;
  readonly description: string;
  readonly logUrl: string | undefined;
  readonly environmentUrl: string | undefined;
}

/** A server outside understood the request and refused it: to send it again changes nothing. */
export class Refused extends Error {
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(sentence: string, status?: number, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'Refused';
    this.status = status;
  }
}
