import { type Commit, type ImportsSince, mapBounded, userError } from '../model/index.ts';
import { ChangedPaths, Matchers } from './changed-paths.ts';
import { type ConfigSource, isConfigFile, type OldConfig, readOldConfig } from './old-config.ts';
import type { DetectInput } from './request.ts';
import { whyUnknown } from './unknown.ts';

/** Diffs run side by side up to this number; more only wait for each other's disk. */
const DIFFS_AT_ONCE = 4;

/** What is different between one base and the head. */
export interface Comparison {
  readonly kind: 'compared';
  readonly since: Commit;
  /** Without the configuration files. */
  readonly paths: ChangedPaths;
  readonly old: OldConfig;
  readonly imports: ImportsSince;
}

const NO_IMPORTS: ImportsSince = { graphs: [], locks: new Map() };

/** What came of one base: a comparison, or why there can be none. */
export type Compared = Comparison | { readonly kind: 'lost'; readonly why: string };

type CompareInput = Pick<DetectInput, 'checkout' | 'config' | 'importsSince'>;

/**
 * Compares the head with every base, once each. Commits that are not in the clone are asked for together, so that they
 * come with one fetch. Throws `git-failed` when the head cannot be had.
 */
export async function compareAll(
  { checkout, config, importsSince }: CompareInput,
  bases: ReadonlySet<Commit>,
  head: Commit,
  source: ConfigSource,
): Promise<ReadonlyMap<Commit, Compared>> {
  const commits = [...bases];
  const obtained = await obtainAll(checkout, commits, head);
  const toCompare = commits.filter((since) => since !== head && obtained.has(since));
  if (toCompare.length > 1) checkout.anticipate?.(toCompare, head);
  const matchers = new Matchers();
  const compared = await mapBounded(commits, DIFFS_AT_ONCE, async (since): Promise<Compared> => {
    if (!obtained.has(since)) return lost(`Commit ${since} is not in this clone, and the remote does not give it`);
    const changed = since === head ? [] : await checkout.changed(since, head).catch(whyUnknown);
    if (typeof changed === 'string') return lost(changed);
    const paths = changed.filter((path) => !isConfigFile(config, path));
    const old = await readOldConfig(config, changed, since, source);
    const imports = changed.length === 0 ? undefined : await importsSince?.(since, head, changed);
    return { kind: 'compared', since, paths: new ChangedPaths(paths, matchers), old, imports: imports ?? NO_IMPORTS };
  });
  return new Map(commits.map((since, index) => [since, compared[index] ?? lost('it was not compared')]));
}

/** The bases that can be compared. A single one in a clone with all its history is simply compared: that is one process less. */
async function obtainAll(
  checkout: CompareInput['checkout'],
  bases: readonly Commit[],
  head: Commit,
): Promise<ReadonlySet<Commit>> {
  if (bases.length === 1 && bases[0] !== head && !checkout.shallow) return new Set(bases);
  const [headThere, ...there] = await Promise.all([head, ...bases].map((commit) => checkout.obtain(commit)));
  if (headThere !== true) throw withoutHead(head);
  return new Set(bases.filter((_, index) => there[index]));
}

const lost = (why: string): Compared => ({ kind: 'lost', why });

function withoutHead(head: Commit): Error {
  return userError('git-failed', `Commit ${head} is not in this clone, and the remote does not give it.`, {
    remedy: 'Run actions/checkout before this step, on the commit that the run is about.',
  });
}
