import parser, { type SemVer } from 'semver';
import { versionTagOf } from '../version.ts';
import type { TagKind, TagVariable } from './kind.ts';

/** The version of a release. Its parts have no value for a pre-release: `1.2` must not lead to `1.2.3-rc.1`. */
export const semver: TagKind = {
  template: '{{semver}}',
  variables: {
    semver: { follows: 'nothing', valueOf: (facts) => versionTagOf(facts)?.version },
    'semver.major': part('main-line', ({ major }) => major),
    'semver.minor': part('main-line', ({ minor }) => minor),
    'semver.patch': part('nothing', ({ patch }) => patch),
  },
};

function part(follows: TagVariable['follows'], of: (version: SemVer) => number): TagVariable {
  return {
    follows,
    valueOf: (facts) => {
      const version = parser.parse(versionTagOf(facts)?.version);
      return version === null || version.prerelease.length > 0 ? undefined : String(of(version));
    },
  };
}
