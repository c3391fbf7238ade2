import type { DeployEvent, Digest } from '../model/index.ts';
import { type Deploy, streamOf } from './pairs.ts';

/** A deploy with its place in the story of its stream. */
export interface TracedDeploy extends Deploy {
  /** Nothing ran in this stream before. */
  readonly first: boolean;
  /** It moved the stream to another image, or tried to: what counts as a change of what runs. */
  readonly moves: boolean;
  /** It goes back to an image that ran before: asked for, or seen from the digests. */
  readonly rollback: boolean;
  /** The deploy that a rollback takes back. */
  readonly rollsBack: DeployEvent | undefined;
  /** The deploy that this one says it repairs. */
  readonly remediates: DeployEvent | undefined;
}

/** What is known of a stream while its deploys are read in order. */
interface Story {
  live: DeployEvent | undefined;
  readonly earlier: DeployEvent[];
  /** Digest → its place among the images of the stream, by when each went live for the first time. */
  readonly firstLive: Map<Digest, number>;
}

/**
 * Reads each stream in order and says what every deploy was.
 *
 * A deploy that nobody called a rollback is one when it replaces an image by another that went live **before** it did.
 * Datadog's rule ("a version that differs from the current one and was deployed before", record.md §1 and §7 item 8)
 * would call the last step of A→B→A→B a rollback too; the order of first appearance tells going back from coming again.
 *
 * @param deploys as {@link pairEvents} gives them; of a history that starts late, rollbacks to what ran before its start
 *   are only known when they were asked for
 */
export function traceDeploys(deploys: readonly Deploy[]): readonly TracedDeploy[] {
  const stories = new Map<string, Story>();
  return deploys.map((deploy) => {
    const stream = streamOf(deploy.event);
    const story = stories.get(stream) ?? { live: undefined, earlier: [], firstLive: new Map() };
    stories.set(stream, story);
    const traced = trace(deploy, story);
    remember(traced, story);
    return traced;
  });
}

/** It settled, and what it brought is what ran then. */
export const wentLive = (deploy: Deploy): boolean => deploy.event.status === 'success' && deploy.event.changed;

function trace(deploy: Deploy, story: Story): TracedDeploy {
  const { event } = deploy;
  const before = event.prev?.digest ?? story.live?.artifact?.digest;
  const rollback = event.kind === 'rollback' || goesBack(event, before, story);
  return {
    ...deploy,
    first: event.prev === null && story.live === undefined,
    moves: event.artifact !== null && event.artifact.digest !== before,
    rollback,
    rollsBack: rollback ? (named(event.links.rolls_back, story) ?? story.live) : undefined,
    remediates: named(event.links.remediates, story),
  };
}

function goesBack(event: DeployEvent, before: Digest | undefined, story: Story): boolean {
  if (event.kind !== 'deploy' || event.artifact === null || before === undefined) return false;
  const [target, left] = [story.firstLive.get(event.artifact.digest), story.firstLive.get(before)];
  return target !== undefined && left !== undefined && target < left;
}

/** An id is shared by all attempts of a run: what is meant is the newest of them that went live. */
function named(id: string | null, story: Story): DeployEvent | undefined {
  if (id === null) return undefined;
  const attempts = story.earlier.filter((it) => it.id === id);
  return attempts.findLast((it) => it.status === 'success') ?? attempts.at(-1);
}

function remember(deploy: TracedDeploy, story: Story): void {
  const { event } = deploy;
  story.earlier.push(event);
  if (!wentLive(deploy)) return;
  const digest = event.artifact?.digest;
  if (event.kind === 'remove') story.live = undefined;
  else if (digest !== undefined) {
    story.live = event;
    if (!story.firstLive.has(digest)) story.firstLive.set(digest, story.firstLive.size);
  }
}
