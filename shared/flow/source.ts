import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { World } from '../io/runner/index.ts';
import { type Checkout, type Config, UserError } from '../model/index.ts';
import { openWorkTree } from './house.ts';

/** Where a detection reads: a checkout, or what GitHub's API says where there is none. */
export interface Source {
  readonly checkout: Checkout;
  /** Whether its files are there: without a clone there are none, and a sparse checkout lacks some that are no less services. */
  readonly hasFiles: boolean;
  /** A configuration as it is meant here: without a clone, its remote is the repository itself. */
  readonly placed: (config: Config) => Config;
}

/**
 * Opens the checkout. Where the workspace has none (the job has no actions/checkout, or that found no git and took an
 * archive), the API stands in for it. Throws `not-a-repository`, `git-missing`.
 */
export async function openSource(world: World): Promise<Source> {
  try {
    const checkout = await openWorkTree(world);
    return { checkout, hasFiles: checkout.sparse !== true, placed: (config) => config };
  } catch (thrown) {
    if (!isWithoutCheckout(thrown, world)) throw thrown;
    world.log.info('There is no checkout in the workspace: the API of GitHub is asked instead.');
    return await openApi(world);
  }
}

async function openApi({ run, token = '', directory }: World): Promise<Source> {
  const { openRemoteCheckout } = await import('../io/github/index.ts');
  const { repository, apiUrl } = run;
  const checkout = await openRemoteCheckout({ apiUrl, token, repository }, run, directory);
  const placed = (config: Config): Config =>
    config.ledger.remote === 'origin' ? { ...config, ledger: { ...config.ledger, remote: repository } } : config;
  return { checkout, hasFiles: false, placed };
}

/** A folder that was named, or holds a `.git` that cannot be used, is an error of the job and not a job without a checkout. */
function isWithoutCheckout(thrown: unknown, { env, directory, token, run }: World): boolean {
  if (!(thrown instanceof UserError) || !['not-a-repository', 'git-missing'].includes(thrown.code)) return false;
  const workspace = resolve(env['GITHUB_WORKSPACE'] ?? '');
  const isServer = env['GITHUB_API_URL'] !== undefined && token !== undefined && run.sha !== '';
  return isServer && directory === workspace && !existsSync(join(directory, '.git'));
}
