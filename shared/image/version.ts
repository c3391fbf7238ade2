import semver from 'semver';
import { short } from '../model/index.ts';
import type { SourceFacts } from './facts.ts';

/** A git tag that names a version of the service. */
interface VersionTag {
  /** The whole tag, such as `checkout/v1.2.3`. */
  readonly tag: string;
  /** The version without prefix and `v`, such as `1.2.3`. */
  readonly version: string;
}

type VersionFacts = Pick<SourceFacts, 'service' | 'commit' | 'commitDate' | 'trigger' | 'tagsAtCommit'>;

/**
 * The tag `[<service>/]vX.Y.Z` that the run is for, or that is at the commit; undefined when there is none. The
 * service's own tag goes before one of the whole repository, then the greater version.
 */
export function versionTagOf(facts: VersionFacts): VersionTag | undefined {
  const asked = facts.trigger.kind === 'tag' ? readVersionTag(facts.trigger.tag, facts.service) : undefined;
  if (asked !== undefined) return asked;
  const found = facts.tagsAtCommit.flatMap((tag) => readVersionTag(tag, facts.service) ?? []);
  const own = found.filter(({ tag }) => tag.includes('/'));
  return (own.length > 0 ? own : [...found]).sort((a, b) => semver.rcompare(a.version, b.version))[0];
}

/** The version of an image: its release tag, else `<commit date, UTC, YYYYMMDD>-<12 hex of the commit>`. */
export function versionOf(facts: VersionFacts): string {
  return versionTagOf(facts)?.tag ?? dateVersion(facts);
}

export const dateVersion = (facts: Pick<SourceFacts, 'commit' | 'commitDate'>): string =>
  `${dateOf(facts.commitDate)}-${short(facts.commit)}`;

/** `YYYYMMDD` in UTC. */
export const dateOf = (iso: string): string => new Date(iso).toISOString().slice(0, 10).replaceAll('-', '');

function readVersionTag(tag: string, service: string): VersionTag | undefined {
  const plain = tag.startsWith(`${service}/`) ? tag.slice(service.length + 1) : tag;
  const version = /^v\d/.test(plain) ? semver.valid(plain.slice(1)) : null;
  // `semver.valid` leaves build metadata out, and is lenient about spaces: the tag must say just that version.
  return version !== null && plain.replace(/\+.*$/, '') === `v${version}` ? { tag, version } : undefined;
}
