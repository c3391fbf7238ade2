import type { ContentKey } from '../../model/index.ts';
import type { SourceFacts } from '../facts.ts';

/** A word of `tags`: short for a template. */
export interface TagKind {
  readonly template: string;
  /** The variables that it brings, for its own template and for those of users. */
  readonly variables: TagVariables;
}

export type TagVariables = Readonly<Record<string, TagVariable>>;

/** What stands for `{{name}}` in a template. */
export interface TagVariable {
  /** undefined: it has none in this run, and a template with it makes no tag. */
  valueOf(facts: SourceFacts, key: ContentKey): string | undefined;
  /**
   * What a tag with this variable follows. `nothing`: there is one image only with this value, so the tag is written
   * once. `branch`: the newest image of a branch or pull request. `main-line`: the value names neither, so only the
   * default branch and releases may move the tag.
   */
  readonly follows: 'nothing' | 'branch' | 'main-line';
}
