import {
  type Evidence,
  Fenced,
  type Intent,
  type Lease,
  type Owner,
  type Readiness,
  type Release,
  type StreamState,
  userError,
} from '../../model/index.ts';
import { evidenceOf } from './evidence.ts';
import { type LeaseStore, RENEW_EVERY_MS } from './lease-store.ts';
import { refuseManaged } from './managers.ts';
import { eventOf, hasManifests, Manifests } from './manifests/manifests.ts';
import { noteKey, type PatchStep } from './names.ts';
import type { Workload } from './objects.ts';
import { leftoverSteps, patchBefore, releasePatch, removalPatch, restoredPace } from './release-patch.ts';
import { changeWorkload, findWorkload, type Site, sequenceOf } from './site.ts';
import { untilReady } from './watch/ready.ts';

/** The right to write a workload, until someone else has it. */
export class KubernetesLease implements Lease {
  readonly sequence: number;
  readonly renewEveryMs = RENEW_EVERY_MS;
  readonly #site: Site;
  readonly #store: LeaseStore;
  readonly #owner: Owner;
  readonly #manifests: Manifests;
  /** Of what was applied last. */
  #pace: 'steady' | 'one-wave' = 'steady';

  constructor(site: Site, store: LeaseStore, owner: Owner, sequence: number) {
    this.#site = site;
    this.#store = store;
    this.#owner = owner;
    this.#manifests = new Manifests(site);
    this.sequence = sequence;
  }

  renew(): Promise<void> {
    return this.#store.renew(this.#owner, this.sequence);
  }

  intend(intent: Intent | undefined): Promise<void> {
    return this.#store.intend(this.#owner, this.sequence, intent);
  }

  remember(state: StreamState): Promise<void> {
    return this.#store.remember(this.#owner, this.sequence, state);
  }

  /** What is written later is planned now, so that what cannot be is told before anything is. */
  async prepare(release: Release): Promise<void> {
    await this.#check();
    const set = hasManifests(release.target) ? await this.#manifests.prepare(release, await this.#intent()) : undefined;
    if (set?.workload !== undefined) return;
    const workload = await findWorkload(this.#site);
    if (workload === undefined) throw this.#missing();
    this.#patchFor(workload, release, 'steady');
  }

  async apply(release: Release, pace: 'steady' | 'one-wave'): Promise<void> {
    await this.#check();
    this.#pace = pace;
    const set = hasManifests(release.target) ? await this.#manifests.prepared(release) : undefined;
    if (set?.workload === undefined) {
      const written = await this.#change((workload) => this.#patchFor(workload, release, pace));
      if (written === undefined) throw this.#missing();
    }
    if (set === undefined) return;
    await this.#manifests.apply(set, release, pace, this.sequence);
    await this.#change((workload) => leftoverSteps(this.#site.ref.kind, workload, pace));
  }

  async ready(signal: AbortSignal, progress: (line: string) => void): Promise<Readiness> {
    await this.#check();
    return untilReady(this.#site, this.sequence, this.#pace, signal, progress);
  }

  async evidence(): Promise<Pick<Evidence, 'summary' | 'log'>> {
    await this.#check();
    return evidenceOf(this.#site);
  }

  /** The strategy that a wave had set aside comes back: a change that starts no pod. What no release needs any more goes. */
  async settle(): Promise<void> {
    await this.#check();
    const workload = await this.#change(({ metadata }) => {
      const aside = metadata.annotations[noteKey('pace')];
      return aside === undefined ? undefined : restoredPace(aside);
    });
    if (hasManifests(this.#site.settings)) await this.#manifests.tidy(eventOf(workload));
  }

  /**
   * Takes the service down. After a first deploy that failed that is to bring back what was there before it; a workload
   * that this program did not make is scaled to nothing, never deleted.
   */
  async remove(): Promise<void> {
    await this.#check();
    const asked = (await this.#intent())?.mode === 'remove';
    await this.#change((workload) => {
      const before = asked ? undefined : patchBefore(this.#site.ref.kind, workload, this.sequence);
      return before ?? removalPatch(this.#site.ref.kind, workload, this.sequence);
    });
  }

  release(): Promise<void> {
    return this.#store.release(this.#owner, this.sequence);
  }

  #patchFor(workload: Workload, release: Release, pace: 'steady' | 'one-wave'): readonly PatchStep[] {
    const { settings, ref } = this.#site;
    refuseManaged(ref.title, workload.metadata);
    const container = settings.container;
    return releasePatch(ref.kind, workload, { release, pace, sequence: this.sequence, container });
  }

  /** A later lease that has written the workload fences this one, whatever the Lease says by now. */
  #change(decide: (workload: Workload) => readonly PatchStep[] | undefined): Promise<Workload | undefined> {
    return changeWorkload(this.#site, (workload) => {
      if (sequenceOf(workload) > this.sequence) throw new Fenced(undefined);
      return decide(workload);
    });
  }

  async #intent(): Promise<Intent | undefined> {
    return (await this.#store.look()).intent;
  }

  #check(): Promise<void> {
    return this.#store.check(this.#owner, this.sequence);
  }

  #missing(): Error {
    const { title, namespace } = this.#site.ref;
    return userError('workload-missing', `There is no ${title} in the namespace ${namespace}.`);
  }
}
