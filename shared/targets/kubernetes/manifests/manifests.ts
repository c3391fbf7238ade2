import { isStatus, type KubeObject } from '../../../io/kubernetes/index.ts';
import { Fenced, type Intent, isRecord, type Release, type TargetSettings } from '../../../model/index.ts';
import { refuseManaged } from '../managers.ts';
import { noteKey } from '../names.ts';
import { itemsOf, readWorkload, type Workload } from '../objects.ts';
import { type Site, sequenceOf } from '../site.ts';
import { ObjectsApi } from './objects-api.ts';
import { readManifests } from './read.ts';
import { idOf, kindOf, makeSet, metadataOf, type ReleaseSet } from './set.ts';
import { SETS_KEPT, SetStore, WORKLOAD_LABEL, workloadLabel } from './store.ts';
import { type There, workloadBody } from './workload-body.ts';

/** What pods need before they start: made in advance where it is not there yet, which changes nothing of what runs. */
const NEEDED_FIRST: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Service',
]);
/** Data goes only by hand. */
const NEVER_PRUNED: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'Namespace', 'CustomResourceDefinition']);
const ATTEMPTS = 25;
const PAUSE_MS = 40;

/** Whether a release is described by manifests. */
export const hasManifests = (target: TargetSettings): boolean =>
  target.kind === 'kubernetes' && (target.manifests.length > 0 || target.render !== undefined);

/** The manifests of one workload: what its releases apply, and what is kept of it. */
export class Manifests {
  readonly #site: Site;
  readonly #api: ObjectsApi;
  readonly #store: SetStore;

  constructor(site: Site) {
    this.#site = site;
    this.#api = new ObjectsApi(site);
    this.#store = new SetStore(site);
  }

  /** What was prepared for an event; undefined: its image alone. */
  prepared = (release: Release): Promise<ReleaseSet | undefined> => this.#store.find(release.event);

  /**
   * Everything that a release needs and that changes nothing of what runs: its set is made (or, for one that comes back, found
   * as it was), tried without being written, kept, and its new immutable configuration made.
   */
  async prepare(release: Release, intent: Intent | undefined): Promise<ReleaseSet | undefined> {
    const set = await this.#setOf(release, intent);
    if (set === undefined) return undefined;
    const late = set.others.filter((it) => !NEEDED_FIRST.has(kindOf(it)));
    for (const it of set.others) await this.#api.apply(it, { dryRun: true });
    if (set.workload !== undefined) await this.#try(set.workload);
    await this.#store.keep(release.event, release.image.digest, set);
    for (const it of [...set.others.filter((one) => !late.includes(one)), ...set.fresh]) await this.#api.create(it);
    return set;
  }

  /** The workload by compare-and-set (the commit point), then all that may change, in order. */
  async apply(set: ReleaseSet, release: Release, pace: 'steady' | 'one-wave', sequence: number): Promise<void> {
    if (set.workload !== undefined) await this.#commit(set.workload, set, release, pace, sequence);
    for (const it of set.others) await this.#api.apply(it);
  }

  /** Lets go what only releases needed that are not gone back to any more; and, where that is asked for, what is described no more. */
  async tidy(event: string | undefined): Promise<void> {
    const all = await this.#store.all();
    const current = all.find((it) => it.event === event);
    if (current === undefined) return;
    const kept = [current, ...all.filter((it) => it !== current)].slice(0, SETS_KEPT);
    const gone = all.filter((it) => !kept.includes(it));
    if (this.#site.settings.prune)
      await this.#prune(
        current.set,
        all.map((it) => it.set),
      );
    const needed = new Set(kept.flatMap((it) => it.set.fresh.map(idOf)));
    await this.#deleteOwn(gone.flatMap((it) => it.set.fresh).filter((it) => !needed.has(idOf(it))));
    for (const it of gone) await this.#store.forget(it.name);
  }

  async #setOf(release: Release, intent: Intent | undefined): Promise<ReleaseSet | undefined> {
    const kept = await this.#store.find(release.event);
    if (kept !== undefined) return kept;
    const isForward = intent === undefined || (intent.mode === 'deploy' && intent.release.event === release.event);
    if (!isForward) return this.#store.newestOf(release.image.digest);
    const { ref, settings } = this.#site;
    const { container } = settings;
    return makeSet(await readManifests(this.#site, release), { ref, image: release.image, container });
  }

  async #try(workload: KubeObject): Promise<void> {
    const there = await this.#there(workload);
    if (there !== undefined) refuseManaged(this.#site.ref.title, there.workload.metadata);
    await this.#api.apply(workload, { dryRun: true });
  }

  async #commit(
    manifest: KubeObject,
    set: ReleaseSet,
    release: Release,
    pace: 'steady' | 'one-wave',
    sequence: number,
  ): Promise<void> {
    const { ref, settings, deps } = this.#site;
    const scaled = await this.#isScaled(set);
    for (let attempt = 1; ; attempt += 1) {
      const there = await this.#there(manifest);
      if (there !== undefined && sequenceOf(there.workload) > sequence) throw new Fenced(undefined);
      const { container } = settings;
      const body = workloadBody(manifest, there, { kind: ref.kind, release, pace, sequence, container, scaled });
      try {
        await this.#api.apply(body);
        return;
      } catch (error) {
        if (!isStatus(error, 409) || attempt === ATTEMPTS) throw error;
        await deps.clock.sleep(PAUSE_MS * (1 + deps.random()));
      }
    }
  }

  async #there(manifest: KubeObject): Promise<There | undefined> {
    const object = await this.#api.find(manifest);
    return object && { object, workload: readWorkload(object) };
  }

  /** By one of the set, or one that is in the namespace already; without the right to look, none is known. */
  async #isScaled({ others }: ReleaseSet): Promise<boolean> {
    const { ref, cluster } = this.#site;
    const path = `/apis/autoscaling/v2/namespaces/${ref.namespace}/horizontalpodautoscalers`;
    const list = await cluster.call(path).catch((error: unknown) => {
      if (isStatus(error, 403, 404)) return { items: [] };
      throw error;
    });
    const scalers = [...others.filter((it) => kindOf(it) === 'HorizontalPodAutoscaler'), ...itemsOf(list)];
    return scalers.some(({ spec }) => {
      const target = isRecord(spec) ? spec['scaleTargetRef'] : undefined;
      return isRecord(target) && target['name'] === ref.name && target['kind'] === ref.kind.kind;
    });
  }

  async #prune(current: ReleaseSet, all: readonly ReleaseSet[]): Promise<void> {
    const described = new Set(current.others.map(idOf));
    const once = new Map(all.flatMap((it) => it.others.map((other) => [idOf(other), other] as const)));
    const gone = [...once].filter(([id, it]) => !described.has(id) && !NEVER_PRUNED.has(kindOf(it)));
    await this.#deleteOwn(gone.map(([, it]) => it));
  }

  /** Only what this workload's releases have made: the label tells. */
  async #deleteOwn(objects: readonly KubeObject[]): Promise<void> {
    for (const it of objects) {
      const found = await this.#api.find(it);
      const labels = found && metadataOf(found)['labels'];
      if (found && isRecord(labels) && labels[WORKLOAD_LABEL] === workloadLabel(this.#site))
        await this.#api.delete(found);
    }
  }
}

/** The event of what runs. */
export const eventOf = (workload: Workload | undefined): string | undefined =>
  workload?.metadata.annotations[noteKey('event')];
