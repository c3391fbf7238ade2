import { closureOf, earlier, isConfiguration, type ToldHouse, type ToldService } from './configuration.ts';
import type { Listing } from './listing.ts';
import { type Rules, takesIn } from './patterns.ts';

/** A commit as the oracle sees it. */
export interface Seen {
  readonly listing: Listing;
  readonly house: ToldHouse | undefined;
}

/** What is different for one service between a base and the head; each part may speak for it. */
export interface Differences {
  /** Paths that differ under the rules that it has at the head. */
  readonly files: number;
  readonly dependencyPaths: number;
  readonly sharedPaths: number;
  /** Names, at the head or at the base, of services in its closure whose files or dependency paths differ. */
  readonly dependencies: ReadonlySet<string>;
  /** What is configured for it or, as far as it says which files count, for its closure. */
  readonly configuration: boolean;
  readonly isNew: boolean;
  /** Whether what it is made of, compared as a whole, is not the same. */
  readonly any: boolean;
}

/** Compares all that a service is made of. */
export function compare(service: ToldService, head: Seen & { readonly house: ToldHouse }, base: Seen): Differences {
  const count = (rules: Rules) => changedUnder([rules], base.listing, head.listing).size;
  const before = base.house === undefined ? undefined : earlier(service, base.house);
  const now = closureOf(service, head.house);
  const then = before === undefined || base.house === undefined ? [] : closureOf(before, base.house);
  const changed = [...now, ...then].filter((it) => count(it.own) + count(it.needPaths) > 0);
  const parts = {
    files: count(service.own),
    dependencyPaths: count(service.needPaths),
    sharedPaths: count(head.house.shared),
    dependencies: new Set(changed.map(({ name }) => name)),
  };
  if (base.house === undefined) return { ...parts, configuration: true, isNew: false, any: true };
  if (before === undefined) return { ...parts, configuration: false, isNew: true, any: true };
  const isOther = before.effective !== service.effective;
  if (!isOther && rulesOf(head.house, now) === rulesOf(base.house, then)) {
    const any = parts.files + parts.dependencyPaths + parts.sharedPaths + changed.length > 0;
    return { ...parts, configuration: false, isNew: false, any };
  }
  const any = isOther || filesOf([service, ...now], head) !== filesOf([before, ...then], base);
  return { ...parts, configuration: true, isNew: false, any };
}

/** Which files count, for all services of a closure and by shared paths. */
const rulesOf = ({ shared }: ToldHouse, closure: readonly ToldService[]): string =>
  JSON.stringify([shared, closure.map(({ own, needPaths, needs }) => JSON.stringify([own, needPaths, needs])).sort()]);

/** The files that services are made of, by the rules of one side. */
function filesOf(services: readonly ToldService[], { listing, house }: Seen): string {
  const rules = [
    ...(house === undefined ? [] : [house.shared]),
    ...services.flatMap(({ own, needPaths }) => [own, needPaths]),
  ];
  const taken = [...listing].filter(([path]) => !isConfiguration(path) && rules.some((it) => takesIn(it, path)));
  return JSON.stringify(taken);
}

function changedUnder(rules: readonly Rules[], base: Listing, head: Listing): ReadonlySet<string> {
  const all = [...new Set([...base.keys(), ...head.keys()])].filter((path) => base.get(path) !== head.get(path));
  return new Set(all.filter((path) => !isConfiguration(path) && rules.some((it) => takesIn(it, path))));
}
