import {
  DEPLOYMENTS_LISTED,
  type Deployment,
  type DeploymentState,
  type DeploymentStatus,
  type Deployments,
  type NewDeployment,
  Refused,
} from '../../model/index.ts';
import { explain, type GitHubOptions, type Octokit, openOctokit, whereOf } from './octokit.ts';

export type { GitHubOptions } from './octokit.ts';

const STATES: readonly DeploymentState[] = [
  'queued',
  'pending',
  'in_progress',
  'success',
  'failure',
  'error',
  'inactive',
];
/** Writes are sent once: the sink looks up what arrived before it tries again. */
const ONCE = { retries: 0 };

/** GitHub Deployments of one repository: https://docs.github.com/rest/deployments. Needs `deployments: write`. */
export async function openDeployments(options: GitHubOptions): Promise<Deployments> {
  const where = whereOf(options.repository);
  const octokit = await openOctokit(options);
  return {
    list: (environment, signal) => list(octokit, where, environment, signal),
    create: (it, signal) => create(octokit, where, it, signal),
    newestState: (id, signal) => newestState(octokit, where, id, signal),
    addStatus: (id, status, signal) => addStatus(octokit, where, id, status, signal),
  };
}

interface Where {
  readonly owner: string;
  readonly repo: string;
}

async function list(
  octokit: Octokit,
  where: Where,
  environment: string,
  signal: AbortSignal | undefined,
): Promise<readonly Deployment[]> {
  try {
    const request = withSignal({}, signal);
    const page = { ...where, environment, per_page: DEPLOYMENTS_LISTED, request };
    const { data } = await octokit.rest.repos.listDeployments(page);
    return data.map(deploymentOf);
  } catch (error) {
    throw explain(error, `list the deployments of ${environment}`);
  }
}

async function create(
  octokit: Octokit,
  where: Where,
  it: NewDeployment,
  signal: AbortSignal | undefined,
): Promise<Deployment> {
  const what = `make a deployment of ${it.ref} to ${it.environment}`;
  try {
    const { data } = await octokit.rest.repos.createDeployment({
      ...where,
      ref: it.ref,
      task: it.task,
      // The default would merge the default branch into the ref that is deployed.
      auto_merge: false,
      // The default asks that all checks of the commit have passed; this very run has not.
      required_contexts: [],
      payload: { ...it.payload },
      environment: it.environment,
      description: it.description,
      transient_environment: it.transient,
      production_environment: it.production,
      request: withSignal(ONCE, signal),
    });
    if ('id' in data) return deploymentOf(data);
  } catch (error) {
    throw explain(error, what);
  }
  // 202: GitHub merged a branch instead; it was told not to.
  throw new Refused(`GitHub did not ${what}: it merged a branch`, 202);
}

async function newestState(
  octokit: Octokit,
  where: Where,
  id: number,
  signal: AbortSignal | undefined,
): Promise<DeploymentState | undefined> {
  try {
    const request = withSignal({}, signal);
    const page = { ...where, deployment_id: id, per_page: 1, request };
    const { data } = await octokit.rest.repos.listDeploymentStatuses(page);
    return STATES.find((state) => state === data[0]?.state);
  } catch (error) {
    throw explain(error, `give the status of deployment ${id}`);
  }
}

async function addStatus(
  octokit: Octokit,
  where: Where,
  id: number,
  status: DeploymentStatus,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await octokit.rest.repos.createDeploymentStatus({
      ...where,
      deployment_id: id,
      state: status.state,
      description: status.description,
      // Left on, it would end the deployments of all that share the environment, and those of production never.
      auto_inactive: false,
      ...(status.logUrl === undefined ? {} : { log_url: status.logUrl }),
      ...(status.environmentUrl === undefined ? {} : { environment_url: status.environmentUrl }),
      request: withSignal(ONCE, signal),
    });
  } catch (error) {
    throw explain(error, `add the status ${status.state} to deployment ${id}`);
  }
}

const deploymentOf = (it: {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly payload: unknown;
}): Deployment => ({ id: it.id, sha: it.sha, environment: it.environment, payload: it.payload });

const withSignal = <T extends object>(request: T, signal: AbortSignal | undefined): T & { signal?: AbortSignal } =>
  signal === undefined ? request : { ...request, signal };
