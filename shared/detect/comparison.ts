import { type Checkout, type Commit, type Config, mapBounded, userError } from '../model/index.ts';
import { ChangedPaths, Matchers } from './changed-paths.ts';
import { isConfigFile, type OldConfig, readOldConfig } from './old-config.ts';

/** Diffs run side by side up to this number; more only wait for each other's disk. */
const DIFFS_AT_ONCE = 4;

/** What is different between one base and the head. */
export interface Comparison {
  readonly since: Commit;
  /** Without the configuration files. */
  readonly paths: ChangedPaths;
  readonly old: OldConfig;
}

/**
 * Compares the head with every base, once each. Commits that are not in the clone are asked for together, so that they
 * come with one fetch; a base that cannot be had has no comparison. Throws `git-failed` when that is the head.
 */
export async function compareAll(
  checkout: Checkout,
  bases: ReadonlySet<Commit>,
  head: Commit,
  config: Config,
  configAt: (commit: Commit) => Promise<Config | undefined>,
): Promise<ReadonlyMap<Commit, Comparison>> {
  const commits = [...bases];
  const [headThere, ...there] = await Promise.all([head, ...commits].map((commit) => checkout.obtain(commit)));
  if (headThere !== true) throw withoutHead(head);
  const obtained = commits.filter((_, index) => there[index]);
  const matchers = new Matchers();
  const compared = await mapBounded(obtained, DIFFS_AT_ONCE, async (since): Promise<Comparison> => {
    const changed = since === head ? [] : await checkout.changed(since, head);
    const paths = changed.filter((path) => !isConfigFile(config, path));
    const old = await readOldConfig(config, changed, since, configAt);
    return { since, paths: new ChangedPaths(paths, matchers), old };
  });
  return new Map(compared.map((it) => [it.since, it]));
}

function withoutHead(head: Commit): Error {
  return userError('git-failed', `Commit ${head} is not in this clone, and the remote does not give it.`, {
    remedy: 'Run actions/checkout before this step, on the commit that the run is about.',
  });
}
