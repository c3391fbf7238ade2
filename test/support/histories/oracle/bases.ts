import type { Ledger } from '../ledgers.ts';
import { type At, MAIN, type Story } from '../occasions.ts';
import { ancestry, mergeBases, tipsOf } from './ancestry.ts';
import type { ToldService } from './configuration.ts';

/** What a service must be compared with, read from the event and the ledger. */
export interface Standing {
  readonly environment: string | undefined;
  /** The rung, when the commits are there. */
  readonly rung: string;
  /** Any of these is right; none: nothing is compared. */
  readonly commits: readonly At[];
  /** The reason that selects it without a comparison. */
  readonly reason: 'no-record' | 'in-doubt' | 'unbelievable' | 'base-unknown' | undefined;
}

type Shared = Pick<Standing, 'rung' | 'commits'>;

const UNKNOWN: Shared = { rung: 'unknown', commits: [] };
const commit = (rung: string, ...commits: readonly At[]): Shared =>
  commits.length === 0 ? UNKNOWN : { rung, commits };

const NOTHING_KNOWN: Standing = { environment: undefined, rung: 'unknown', commits: [], reason: 'base-unknown' };

/** The commit whose services are asked about. */
export function headOf({ occasion: { event, sha, checkedOut } }: Story): number {
  return event.kind === 'pull-request' ? checkedOut : sha;
}

/** Every commit that any service may have to be compared with. */
export function possibleBases(story: Story, ledger: Ledger): readonly At[] {
  const live = [...ledger.values()].flatMap((it) => (it.kind === 'live' && it.at !== 'lost' ? [it.at] : []));
  return [...new Set([...shared(story).commits, ...live])];
}

/** The standings of one service. */
export function standingsOf(story: Story, ledger: Ledger, service: ToldService): readonly Standing[] {
  const { base, environments: wanted } = story.occasion.inputs;
  const perEnvironment = typeof base === 'object' || (base === 'auto' && isDeployed(story));
  if (!perEnvironment) return [shared(story)];
  const named = service.environments.filter((it) => typeof base !== 'object' || it === base.deployed);
  const asked = named.filter((it) => wanted.length === 0 || wanted.includes(it));
  // What does not go there has no record to be compared with.
  if (named.length === 0 && wanted.length === 0) return [typeof base === 'object' ? NOTHING_KNOWN : shared(story)];
  return asked.map((it) => recorded(it, ledger, service));
}

/** Whether the run is one of those whose bases come from what is deployed. */
function isDeployed({ occasion: { event } }: Story): boolean {
  return event.kind === 'dispatch' || (event.kind === 'push' && event.branch === MAIN);
}

function shared(story: Story): Standing {
  const found = foundBase(story);
  const isLost = found.commits.includes('lost');
  const reason = isLost || found.commits.length === 0 ? 'base-unknown' : undefined;
  return {
    environment: undefined,
    rung: isLost ? 'unknown' : found.rung,
    commits: isLost ? [] : found.commits,
    reason,
  };
}

/** The base ladder, as the contract has it. */
function foundBase(story: Story): Shared {
  const { branches, occasion } = story;
  const { event, inputs } = occasion;
  const main = branches.get(MAIN) ?? 0;
  const head = headOf(story);
  if (typeof inputs.base === 'number' || inputs.base === 'lost') return commit('input', inputs.base);
  switch (event.kind) {
    case 'push':
      if (event.before !== 'zeros') return commit('before', event.before);
      if (event.branch === MAIN) return UNKNOWN;
      return baseOfBranch(story, main, event.fresh > 0 ? [] : undefined);
    case 'pull-request':
      if (head === occasion.sha) return commit('first-parent', event.base);
      return baseOfBranch(story, main, [event.base]);
    case 'merge-group':
      return commit('target-branch', main === head ? event.base : main);
    case 'tag':
      return earlierTag(story, event.tag.prefix);
    case 'dispatch':
      return UNKNOWN;
  }
}

function earlierTag(story: Story, prefix: string | undefined): Shared {
  const { commits, tags } = story;
  const head = headOf(story);
  const history = ancestry(commits, head);
  const earlier = tags.filter((it) => it.prefix === prefix && it.at !== head && history.has(it.at));
  const tips = tipsOf(
    commits,
    earlier.map(({ at }) => at),
  );
  // On parallel lines the newest; commits are numbered in the order of their dates.
  const newest = [...tips].sort((a, b) => b - a).slice(0, 1);
  return prefix === undefined ? UNKNOWN : commit('previous-tag', ...newest);
}

/** @param merged what to compare with when the branch has the head by now; undefined: that is no wonder, it had nothing new */
function baseOfBranch(
  { commits, occasion, ...story }: Story,
  main: number,
  merged: readonly number[] | undefined,
): Shared {
  const head = headOf({ commits, occasion, ...story });
  const bases = mergeBases(commits, main, head);
  if (!bases.includes(head) || merged === undefined) return commit('merge-base', ...bases);
  const before = merged.flatMap((it) => mergeBases(commits, it, head)).filter((it) => it !== head);
  return commit('merge-base', ...before);
}

function recorded(environment: string, ledger: Ledger, service: ToldService): Standing {
  const names = [service.name, ...service.aliases];
  const fate = names.map((name) => ledger.get(`${environment}/${name}`)).find((it) => it !== undefined);
  const deployed = { environment, rung: 'deployed', commits: [] };
  if (fate === undefined || fate.kind === 'removed') return { ...deployed, reason: 'no-record' };
  if (fate.kind === 'in-doubt') return { ...deployed, reason: 'in-doubt' };
  if (fate.kind === 'on-hold') return { ...deployed, reason: undefined };
  if (fate.kind === 'forged') return { ...deployed, rung: 'unknown', reason: 'unbelievable' };
  if (fate.at === 'lost') return { ...deployed, rung: 'unknown', reason: 'base-unknown' };
  return { ...deployed, commits: [fate.at], reason: undefined };
}
