import type { Ledger } from '../ledgers.ts';
import type { At, Story } from '../occasions.ts';
import { idAt, type Remote } from '../repository.ts';
import { headOf, possibleBases, type Standing, standingsOf } from './bases.ts';
import { configurationFiles, readHouse, type ToldHouse, type ToldService } from './configuration.ts';
import { compare, type Differences, type Seen } from './inputs.ts';
import { type Listing, listTree, readBlobs } from './listing.ts';

/*
 * The oracle: what a detection must say, found the slow way. It reads whole trees and compares all that a service is made
 * of; it shares no code with the rooms that it judges.
 */

export interface Truth {
  readonly head: At;
  /** How the code begins with which it must refuse; undefined: it must answer. */
  readonly refusal: string | undefined;
  readonly services: ReadonlyMap<string, ServiceTruth>;
  readonly house: ToldHouse | undefined;
}

export interface ServiceTruth {
  readonly service: ToldService;
  readonly standings: readonly Standing[];
  /** What differs since each commit that may be a base. */
  readonly since: ReadonlyMap<At, Differences>;
  /** Services of a possible base that the head does not have. */
  readonly removed: ReadonlyMap<At, readonly string[]>;
}

export async function findTruth(story: Story, ledger: Ledger, remote: Remote): Promise<Truth> {
  const head = headOf(story);
  const seen = await lookAt(remote, [...new Set([head, ...possibleBases(story, ledger)])]);
  const now = seen.get(head);
  const house = now?.house;
  const refused = (refusal: string): Truth => ({ head, refusal, services: new Map(), house });
  if (now === undefined || house === undefined) return refused('config-');
  if (environmentsAsked(story).some((it) => !house.environments.includes(it))) return refused('environment-unknown');
  const services = [...house.services.values()].map((service): ServiceTruth => {
    const standings = standingsOf(story, ledger, service);
    const bases = [...new Set(standings.flatMap(({ commits }) => commits))];
    const nothing: Seen = { listing: new Map(), house: undefined };
    const since = bases.map((at) => [at, compare(service, { ...now, house }, seen.get(at) ?? nothing)] as const);
    const removed = bases.map((at) => [at, removedSince(seen.get(at) ?? nothing, house)] as const);
    return { service, standings, since: new Map(since), removed: new Map(removed) };
  });
  return { head, refusal: undefined, services: new Map(services.map((it) => [it.service.name, it])), house };
}

function environmentsAsked({ occasion: { inputs } }: Story): readonly string[] {
  return [...inputs.environments, ...(typeof inputs.base === 'object' ? [inputs.base.deployed] : [])];
}

function removedSince({ house }: Seen, now: ToldHouse): readonly string[] {
  const known = new Set([...now.services.values()].flatMap(({ name, aliases }) => [name, ...aliases]));
  return [...(house?.services.keys() ?? [])].filter((name) => !known.has(name));
}

/** Looks at commits: all their trees, then the texts of all their configurations at once. */
async function lookAt(remote: Remote, all: readonly At[]): Promise<ReadonlyMap<At, Seen>> {
  const trees = await Promise.all(
    all.map(async (at) => {
      const listing = await listTree(remote.path, idAt(remote, at));
      return [at, listing ?? (new Map() satisfies Listing)] as const;
    }),
  );
  const ids = trees.flatMap(([, listing]) => configurationFiles(listing).map(([, id]) => id));
  const texts = await readBlobs(remote.path, ids);
  return new Map(trees.map(([at, listing]) => [at, { listing, house: readHouse(listing, texts) }]));
}
