import {
  type ContentKey,
  formatRepository,
  type ImageDecision,
  type ImagePlan,
  parseRepository,
  type Reuse,
} from '../model/index.ts';
import { decide, type Lookup } from './decide.ts';
import { type ImageFacts, type SourceFacts, volatileOf } from './facts.ts';
import { annotationsOf, labelsOf } from './labels.ts';
import { expandTags } from './tags.ts';
import { versionOf } from './version.ts';

/** What is known before anything is written. */
interface PlanFacts {
  readonly image: ImageFacts;
  readonly source: SourceFacts;
  readonly key: ContentKey;
  readonly lookup: Lookup;
  readonly push: boolean;
  readonly force: boolean;
  /** How images are reused in this run: the input of the action, else the setting. */
  readonly reuse: Reuse;
}

/** What it is made of is no question of ours: pushing it once more moves nothing that is there. */
const READY_MADE: ImageDecision = {
  kind: 'build',
  why: '`image.source` names an image that is made already; it is taken as it is.',
  forced: false,
};

/** What will be done about the image of one service; the summary shows it, `build` carries it out. */
export function planImage({ image, source, key, lookup, push, force, reuse }: PlanFacts): ImagePlan {
  const volatile = volatileOf(image);
  return {
    service: image.service,
    repository: formatRepository(parseRepository(image.settings.repository)),
    builder: image.builder,
    // What can be taken from nobody is not taken from a run that was faster either.
    settings: { ...image.settings, reuse: volatile.length > 0 ? 'off' : reuse },
    key,
    version: versionOf(source),
    commit: source.commit,
    decision: image.builder === 'source' ? READY_MADE : decide({ reuse, force, push, volatile, key, lookup }),
    push,
    tags: expandTags(image.settings.tags, source, key),
    labels: labelsOf(image),
    annotations: annotationsOf(image, key),
  };
}
