import { dateOf, dateVersion } from '../version.ts';
import type { TagKind } from './kind.ts';

/** The version that an image has without a release: the day of its commit, and the commit. */
export const date: TagKind = {
  template: '{{version}}',
  variables: {
    date: { follows: 'main-line', valueOf: ({ commitDate }) => dateOf(commitDate) },
    version: { follows: 'nothing', valueOf: dateVersion },
  },
};
