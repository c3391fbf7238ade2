import {
  type ContentKey,
  formatImage,
  type ImageDecision,
  type ImagePart,
  type ImageRef,
  type Problem,
  type Reuse,
  UserError,
} from '../model/index.ts';
import { keyTag } from './key.ts';
import { type EarlierImage, explainMiss } from './parts.ts';
import { formatPlatform } from './platform.ts';

/** What the registry has under the tag of a key. */
export type Lookup =
  /** The registry was not asked. */
  | { readonly kind: 'skipped' }
  /** `earlier`: an image of the service that tells what is other than it was. */
  | { readonly kind: 'missing'; readonly earlier?: EarlierImage | undefined }
  /**
   * Read back whole: the key in its annotation, its platforms, and all that it refers to is there. `by`: what proves who
   * made it; undefined: nothing was asked.
   */
  | { readonly kind: 'found'; readonly image: ImageRef; readonly by: string | undefined }
  /** As `found`, but nothing proves who made it. */
  | { readonly kind: 'unproven'; readonly why: string }
  /** The registry was not asked, since nothing could prove who made what it has. */
  | { readonly kind: 'unprovable'; readonly why: string }
  /** Every platform is there by itself. */
  | { readonly kind: 'parts'; readonly parts: readonly ImagePart[] }
  /** Something is there, but not the image that the tag promises. */
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'denied'; readonly problem: Problem };

export interface DecisionFacts {
  readonly reuse: Reuse;
  /** Someone asked for a build whatever is there. */
  readonly force: boolean;
  readonly push: boolean;
  /** What makes every commit or run another image, as clauses. */
  readonly volatile: readonly string[];
  readonly key: ContentKey;
  readonly lookup: Lookup;
}

/** Whether an image of the same content is taken as it is, or built; and why, for the summary. */
export function decide(facts: DecisionFacts): ImageDecision {
  const { lookup } = facts;
  // No rights is not "missing": the push would fail after the whole build, or worse, go elsewhere.
  if (lookup.kind === 'denied' && facts.push) throw new UserError(lookup.problem);
  if (lookup.kind === 'parts') return joined(lookup.parts);
  if (facts.force) return { kind: 'build', why: 'A build was asked for with `force`.', forced: true };
  if (facts.reuse === 'off') return build('`image.reuse` is `off`.');
  if (facts.volatile.length > 0)
    return build(`No image that is there can be right, since ${facts.volatile.join(', and ')}.`);
  if (lookup.kind !== 'found') return build(whyNot(lookup, facts.key));
  if (facts.reuse === 'verified' && lookup.by === undefined) return build(whyNot(NOT_PROVEN, facts.key));
  const proven = lookup.by === undefined ? '' : `, and ${lookup.by} proves who made it`;
  return { kind: 'reuse', image: lookup.image, why: `${formatImage(lookup.image)} has the same content key${proven}.` };
}

const NOT_PROVEN: Exclude<Lookup, { kind: 'found' | 'parts' }> = {
  kind: 'unproven',
  why: 'nothing proves who made it.',
};

/** The one line that changes it. */
const OTHERWISE = '`image: { reuse: tag }` in slipway.yml reuses what anyone who can write the registry has put there.';

const joined = (parts: readonly ImagePart[]): ImageDecision => ({
  kind: 'join',
  parts,
  why: `Other jobs have built ${parts.map(({ platform }) => formatPlatform(platform)).join(', ')}.`,
});

const build = (why: string): ImageDecision => ({ kind: 'build', why, forced: false });

function whyNot(lookup: Exclude<Lookup, { kind: 'found' | 'parts' }>, key: ContentKey): string {
  switch (lookup.kind) {
    case 'skipped':
      return 'The registry was not asked for an image of the same content.';
    case 'missing':
      return `The registry has no image of this content (${keyTag(key)})${
        lookup.earlier === undefined ? '' : `: ${explainMiss(key, lookup.earlier)}`
      }.`;
    case 'unusable':
      return `What the registry has under ${keyTag(key)} cannot be used: ${lookup.why}`;
    case 'unproven':
      return `What the registry has under ${keyTag(key)} is not taken: ${lookup.why} ${OTHERWISE}`;
    case 'unprovable':
      return `\`image.reuse\` is \`verified\`, and ${lookup.why} ${OTHERWISE}`;
    case 'failed':
    case 'denied':
      return `The registry could not be asked for an image of the same content: ${lookup.problem.sentence}`;
  }
}
