import { commitTag, outrankedBy } from '../image/index.ts';
import {
  type Commit,
  type Descriptor,
  type ImagePlan,
  isCommit,
  mapBounded,
  once,
  type RawManifest,
  type Registry,
  type Succession,
  short,
  type TagPlan,
} from '../model/index.ts';
import { ASKED_AT_ONCE } from './inspect.ts';
import type { LeftTag } from './tagging.ts';

/** Commits that are looked up one by one; where there are more, the registry lists its tags once. */
const FEW = 6;
/** Images of younger commits that are compared where only dates can tell. */
const MOST_DATED = 32;
/** Commits whose date is asked for that. */
const MOST_ASKED = 500;

/** Looks that follow writes; each is by a run that has come up in the meantime. */
const MOST_LOOKS = 8;

/** What the repository knows of the order of commits. It is asked anew each time: others push while an image is built. */
export interface CommitOrder {
  /** What came after the plan's commit on the branch that moving tags follow; undefined when nobody can say. */
  successors(): Promise<Succession | undefined>;
  /** Date of a commit in milliseconds since 1970; undefined for one that is not known. */
  dateOf(commit: Commit): Promise<number | undefined>;
}

/** The image that has a better right to a moving tag than ours. */
interface Ahead {
  readonly manifest: RawManifest;
  /** A sentence. */
  readonly why: string;
}

/**
 * Points the moving tags of a plan at an image, but none backwards: one that is of a newer commit of the branch, or of a
 * greater version, stays. What an image is of is read from the tags `sha-<commit>`, never from the image, since one image
 * serves many commits. Registries have no compare-and-set, so it looks before it writes, and once more after: every run
 * has written the tag of its commit before, so of two that write at the same time the older sees the newer one's, and
 * sets right what it wrote.
 */
export async function moveTags(
  registry: Registry,
  plan: ImagePlan,
  manifest: RawManifest,
  order: CommitOrder,
): Promise<readonly LeftTag[]> {
  const moving = plan.tags.filter(({ kind }) => kind === 'moving');
  const there = await mapBounded(moving, ASKED_AT_ONCE, ({ tag }) => registry.resolve(plan.repository, tag));
  const wanted = moving.flatMap((it, at) =>
    there[at]?.digest === manifest.digest ? [] : [{ ...it, there: there[at] }],
  );
  const newLook = () => new Look(registry, plan, order);
  const look = newLook();
  const left: LeftTag[] = [];
  const moved: TagPlan[] = [];
  for (const it of wanted) {
    const ahead = await look.aheadOf(it, it.there);
    // A newer commit may have the very same image; and a tag that is not there yet is set right after.
    if (it.there === undefined || ahead === undefined || ahead.manifest.digest === manifest.digest) moved.push(it);
    else left.push({ tag: it.tag, digest: it.there.digest, why: ahead.why });
  }
  await mapBounded(moved, ASKED_AT_ONCE, ({ tag }) => registry.tag(plan.repository, manifest, tag));
  const first = newLook();
  for (const it of moved) left.push(...(await setRight(registry, plan, it, { ours: manifest, first, newLook })));
  return left;
}

/**
 * Follows every write of a tag with a look, until what was written last is what belongs there: a look may be out of date
 * by the time that one writes by it. Tells whose image the tag was left to, if it is not ours.
 */
async function setRight(
  registry: Registry,
  plan: ImagePlan,
  wanted: TagPlan,
  { ours, first, newLook }: { readonly ours: RawManifest; readonly first: Look; readonly newLook: () => Look },
): Promise<readonly LeftTag[]> {
  const { tag } = wanted;
  let written: Ahead = { manifest: ours, why: '' };
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const ahead = await (looks === 0 ? first : newLook()).aheadOf(wanted, undefined);
    if (ahead === undefined || ahead.manifest.digest === written.manifest.digest) break;
    await registry.tag(plan.repository, ahead.manifest, tag);
    written = ahead;
  }
  const { digest } = written.manifest;
  return digest === ours.digest ? [] : [{ tag, digest, why: written.why }];
}

/** One look at the branch and the registry. */
class Look {
  readonly #registry: Registry;
  readonly #plan: ImagePlan;
  readonly #order: CommitOrder;
  readonly #tags: () => Promise<readonly string[]>;
  readonly #succession: () => Promise<Succession | undefined>;
  readonly #newest: () => Promise<Ahead | undefined>;

  constructor(registry: Registry, plan: ImagePlan, order: CommitOrder) {
    this.#registry = registry;
    this.#plan = plan;
    this.#order = order;
    this.#tags = once(() => registry.tags(plan.repository));
    this.#succession = once(() => order.successors());
    this.#newest = once(() => this.#findNewest());
  }

  /** @param there what the tag points at, where that matters */
  async aheadOf({ release }: TagPlan, there: Descriptor | undefined): Promise<Ahead | undefined> {
    const outranked = release === undefined ? undefined : outrankedBy(release, await this.#tags());
    if (outranked !== undefined) return await this.#image(outranked, `The greater version ${outranked} is out.`);
    // Which release a tag with parts of a version is for says the version alone.
    if (release !== undefined && release.same.length > 0) return undefined;
    if ((await this.#succession()) !== undefined) return this.#newest();
    return there === undefined ? undefined : this.#younger(there);
  }

  /** The image of the newest commit that came after ours and has one. */
  async #findNewest(): Promise<Ahead | undefined> {
    const succession = await this.#succession();
    const commits = succession?.commits ?? [];
    const built = commits.length > FEW ? new Set(await this.#tags()) : undefined;
    for (const commit of commits) {
      if (built?.has(commitTag(commit)) === false) continue;
      const found = await this.#image(commitTag(commit), whyAhead(commit, succession?.rewritten === true));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether a tag is of a commit that is younger than ours: all that can be known where the branch cannot be asked. */
  async #younger({ digest }: Descriptor): Promise<Ahead | undefined> {
    const ours = (await this.#order.dateOf(this.#plan.commit)) ?? Number.POSITIVE_INFINITY;
    const commits = (await this.#tags()).map((tag) => tag.replace(/^sha-/, '')).filter(isCommit);
    const dated = await mapBounded(commits.slice(0, MOST_ASKED), ASKED_AT_ONCE, async (commit) => ({
      commit,
      date: await this.#order.dateOf(commit),
    }));
    const younger = dated
      .flatMap(({ commit, date }) => (date !== undefined && date > ours ? [{ commit, date }] : []))
      .sort((a, b) => b.date - a.date);
    for (const { commit } of younger.slice(0, MOST_DATED)) {
      const found = await this.#image(
        commitTag(commit),
        `It is of ${short(commit)}, which is younger; the branch could not be asked.`,
      );
      if (found?.manifest.digest === digest) return found;
    }
    return undefined;
  }

  async #image(tag: string, why: string): Promise<Ahead | undefined> {
    const manifest = await this.#registry.manifest(this.#plan.repository, tag);
    return manifest && { manifest, why };
  }
}

const whyAhead = (commit: Commit, rewritten: boolean): string =>
  rewritten
    ? `${short(commit)} has taken the place of this commit, and has its image already.`
    : `${short(commit)}, which came after this commit, has its image already.`;
