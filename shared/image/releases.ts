import semver from 'semver';
import type { ReleaseLine } from '../model/index.ts';
import type { SourceFacts } from './facts.ts';
import { branchOf } from './tag-kinds/branch.ts';
import { versionTagOf } from './version.ts';

const PARTS = ['major', 'minor'] as const;

/**
 * The release that a moving tag with these variables is for; undefined when it follows the branch. The default branch is
 * ahead of all versions, so what says nothing of them follows it.
 */
export function releaseOf(variables: ReadonlyMap<string, unknown>, facts: SourceFacts): ReleaseLine | undefined {
  const version = versionTagOf(facts)?.version;
  const same = PARTS.filter((part) => variables.has(`semver.${part}`));
  if (version === undefined || (same.length === 0 && branchOf(facts) === facts.defaultBranch)) return undefined;
  return { version, same };
}

/**
 * The greatest version among the tags of a repository that has a moving tag before this release, so that a backport, or a
 * run that ends late, does not take it back. Pre-releases have no moving tags.
 */
export function outrankedBy({ version, same }: ReleaseLine, published: readonly string[]): string | undefined {
  const own = semver.parse(version);
  const greater = published.filter((tag) => {
    const other = semver.valid(tag) === tag ? semver.parse(tag) : null;
    if (other === null || own === null || other.prerelease.length > 0 || semver.lte(other, own)) return false;
    return same.every((part) => other[part] === own[part]);
  });
  return greater.sort(semver.rcompare)[0];
}
