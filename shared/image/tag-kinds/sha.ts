import { short } from '../../model/index.ts';
import type { TagKind } from './kind.ts';

/** The commit. */
export const sha: TagKind = {
  template: 'sha-{{short-sha}}',
  variables: {
    sha: { follows: 'nothing', valueOf: ({ commit }) => commit },
    'short-sha': { follows: 'nothing', valueOf: ({ commit }) => short(commit) },
  },
};
