import type { TagKindName } from '../../model/index.ts';
import { branch } from './branch.ts';
import { date } from './date.ts';
import type { TagKind, TagVariables } from './kind.ts';
import { semver } from './semver.ts';
import { sha } from './sha.ts';

/** The kinds of tags there are. A new one is a file beside these, its word in `TAG_KINDS` of the model, and its line here. */
export const KINDS: Readonly<Record<TagKindName, TagKind>> = { sha, branch, semver, date };

/** Variables that no kind is made of. */
const COMMON: TagVariables = {
  key: { follows: 'nothing', valueOf: (_facts, key) => key.value },
  service: { follows: 'main-line', valueOf: ({ service }) => service },
};

/** Every variable that a template may have, by its name. */
export const VARIABLES: ReadonlyMap<string, TagVariables[string]> = new Map(
  [...Object.values(KINDS).map(({ variables }) => variables), COMMON].flatMap((it) => Object.entries(it)),
);
