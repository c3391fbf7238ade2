import {
  type Base,
  type Checkout,
  type Commit,
  type EnvironmentName,
  isCommit,
  type SelectionReason,
  type Service,
  type StreamReading,
} from '../model/index.ts';
import type { Ask, BasePlan } from './ladder.ts';
import type { ReadStream } from './request.ts';
import { whyUnknown } from './unknown.ts';

/** How a service stands to one base, before anything is compared. */
export interface Standing {
  readonly base: Base;
  /** Selects the service whatever has changed. */
  readonly reason: SelectionReason | undefined;
  /** The commit to compare with; undefined when there is nothing to compare. */
  readonly since: Commit | undefined;
}

/** Finds the commit of one rung. It is unknown when the rung gives none; there is no rung below. */
export async function findBase(ask: Ask, checkout: Checkout, head: Commit): Promise<Standing> {
  if (ask.rung === 'unknown') return unknownBase(ask.why);
  const { commit, why } = await climb(ask, checkout, head).catch(nothingFound);
  if (commit === undefined) return unknownBase(why);
  return {
    base: { commit, rung: ask.rung, environment: undefined, note: undefined },
    reason: undefined,
    since: commit,
  };
}

/** A standing without a base: everything counts as changed. */
export function unknownBase(why: string, environment?: EnvironmentName): Standing {
  const base: Base = { commit: undefined, rung: 'unknown', environment, note: why };
  return { base, reason: { kind: 'base-unknown', why }, since: undefined };
}

interface Found {
  readonly commit: Commit | undefined;
  /** Why there is none. */
  readonly why: string;
}

const nothingFound = (thrown: unknown): Found => ({ commit: undefined, why: whyUnknown(thrown) });

async function climb(ask: Exclude<Ask, { rung: 'unknown' }>, checkout: Checkout, head: Commit): Promise<Found> {
  switch (ask.rung) {
    case 'before':
    case 'first-parent':
      return { commit: ask.commit, why: '' };
    case 'input':
      return { commit: await checkout.resolve(ask.name), why: `git knows no commit ${ask.name}` };
    case 'target-branch': {
      const tip = await checkout.resolve(`refs/heads/${ask.branch}`);
      // A run that is started again after the merge: what the branch has by now is the group itself, and perhaps more.
      if (tip !== undefined && (tip === head || (await checkout.mergeBase(tip, head)) === head))
        return { commit: ask.otherwise, why: `the target branch ${ask.branch} has this commit already` };
      return { commit: tip, why: `the target branch ${ask.branch} was not found` };
    }
    case 'merge-base':
      return await findMergeBase(ask, checkout, head);
    case 'previous-tag': {
      const why = `no earlier tag that begins with ${JSON.stringify(ask.prefix)} was found`;
      return { commit: (await checkout.previousTag(ask.prefix, head))?.commit, why };
    }
  }
}

async function findMergeBase(
  { branch, otherwise, ahead }: Extract<Ask, { rung: 'merge-base' }>,
  checkout: Checkout,
  head: Commit,
): Promise<Found> {
  const tip = (await checkout.resolve(`refs/heads/${branch}`)) ?? otherwise;
  if (tip === undefined) return { commit: undefined, why: `the branch ${branch} was not found` };
  const found = await checkout.mergeBase(tip, head);
  if (found !== head || !ahead) return { commit: found, why: `no common history with ${branch} was found` };
  // A run that is started again after the merge: the branch has all of it, and would show no change at all.
  const before = otherwise === undefined ? undefined : await checkout.mergeBase(otherwise, head);
  return { commit: before === head ? undefined : before, why: `${branch} has this commit already` };
}

/** Whose records count. */
export interface StandingsInput {
  readonly plan: BasePlan;
  /** For services that have no base of their own: the one that they share, if there is one. */
  readonly common: readonly Standing[];
  /** Environments that were asked for; undefined: all. */
  readonly wanted: readonly EnvironmentName[] | undefined;
  readonly stream: ReadStream | undefined;
  readonly streamNote: string | undefined;
}

/** The bases of one service: one that all share, or one for each environment it goes to. */
export function standingsOf(service: Service, input: StandingsInput): readonly Standing[] {
  const { plan, common, wanted, stream } = input;
  if (plan.kind === 'one') return common;
  const goesTo = [...service.deployments.keys()];
  const named = plan.environments === 'every' ? goesTo : goesTo.filter((it) => it === plan.environments);
  const environments = named.filter((it) => wanted === undefined || wanted.includes(it));
  // A service that does not go there has no record to be compared with; who names environments does not ask about it.
  if (named.length === 0 && wanted === undefined) return common;
  if (stream === undefined) {
    const why = `the ledger could not be read: ${input.streamNote ?? 'no reason was given'}`;
    return environments.map((environment) => unknownBase(why, environment));
  }
  return environments.map((environment) => recordedStanding(environment, stream(environment, service)));
}

/** What a record makes of an environment. Pure, and total over everything that a ledger can say. */
export function recordedStanding(environment: EnvironmentName, reading: StreamReading): Standing {
  if (reading.kind === 'missing') return unrecorded(environment, 'nothing was ever recorded there');
  if (reading.kind === 'unbelievable') return unbelievable(environment, reading.why);
  const { live, held, in_doubt } = reading.state;
  const base: Base = { commit: undefined, rung: 'deployed', environment, note: undefined };
  if (held.some(({ digest }) => digest === null)) {
    const note = 'all of it is on hold there until it is released, so this environment does not count';
    return { base: { ...base, note }, reason: undefined, since: undefined };
  }
  if (in_doubt !== null) {
    const note = 'the last deploy there has no known end';
    return { base: { ...base, note }, reason: { kind: 'in-doubt', environment }, since: undefined };
  }
  if (live === null) return unrecorded(environment, 'nothing runs there');
  if (!isCommit(live.commit)) return unbelievable(environment, 'it names no commit');
  return { base: { ...base, commit: live.commit }, reason: undefined, since: live.commit };
}

function unrecorded(environment: EnvironmentName, note: string): Standing {
  const base: Base = { commit: undefined, rung: 'deployed', environment, note };
  return { base, reason: { kind: 'no-record', environment }, since: undefined };
}

function unbelievable(environment: EnvironmentName, why: string): Standing {
  const base: Base = {
    commit: undefined,
    rung: 'unknown',
    environment,
    note: `the record there can't be believed: ${why}`,
  };
  return { base, reason: { kind: 'unbelievable', environment, why }, since: undefined };
}
