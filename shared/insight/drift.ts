import type { EnvironmentName, Release, ServiceName, StreamState } from '../model/index.ts';
import { byName } from './words.ts';

/** One service as it runs in two environments. The digest decides: equal versions of different bytes are different. */
interface Drift {
  readonly repository: string;
  readonly service: ServiceName;
  readonly from: DriftSide | null;
  readonly to: DriftSide | null;
  readonly relation: 'same' | 'different' | 'from-only' | 'to-only';
  readonly sameVersion: boolean;
  /**
   * How many releases lie between what `to` runs and what `from` runs, in the order in which `from` took them:
   * 2 = `to` is two behind, -1 = `from` went back behind it. null when what `to` runs never settled in `from`, or long ago.
   */
  readonly behind: number | null;
}

type DriftSide = Pick<Release, 'version' | 'commit' | 'since' | 'by'> & { readonly digest: string };

/**
 * Compares what runs in two environments. Services that run in neither are left out.
 *
 * @param pair `from` is the environment that comes first in the promotion order
 */
export function drift(
  states: readonly StreamState[],
  pair: { readonly from: EnvironmentName; readonly to: EnvironmentName },
): readonly Drift[] {
  const key = (state: StreamState) => JSON.stringify([state.service, state.repository]);
  const inside = (environment: EnvironmentName) =>
    new Map(states.filter((it) => it.environment === environment).map((it) => [key(it), it]));
  const [from, to] = [inside(pair.from), inside(pair.to)];
  return [...new Set([...from.keys(), ...to.keys()])].sort(byName).flatMap((it) => compare(from.get(it), to.get(it)));
}

function compare(from: StreamState | undefined, to: StreamState | undefined): readonly Drift[] {
  const some = from ?? to;
  const [a, b] = [from?.live ?? null, to?.live ?? null];
  if (some === undefined || (a === null && b === null)) return [];
  return [
    {
      repository: some.repository,
      service: some.service,
      from: a && side(a),
      to: b && side(b),
      relation: relate(a, b),
      sameVersion: a !== null && a.version === b?.version,
      behind: from === undefined ? null : distance(from, b),
    },
  ];
}

function relate(from: Release | null, to: Release | null): Drift['relation'] {
  if (from === null) return 'to-only';
  if (to === null) return 'from-only';
  return from.image.digest === to.image.digest ? 'same' : 'different';
}

function distance(from: StreamState, to: Release | null): number | null {
  const place = (release: Release | null) =>
    from.good.findIndex((it) => release !== null && it.image.digest === release.image.digest);
  const [live, there] = [place(from.live), place(to)];
  return live < 0 || there < 0 ? null : there - live;
}

function side(release: Release): DriftSide {
  const { version, commit, since, by, image } = release;
  return { version, commit, since, by, digest: image.digest };
}
