import { ApiError, isStatus, type KubeObject } from '../../../io/kubernetes/index.ts';
import { isRecord, userError } from '../../../model/index.ts';
import { FIELD_MANAGER } from '../names.ts';
import type { Site } from '../site.ts';
import { idOf, metadataOf, nameOf } from './set.ts';
import { WORKLOAD_LABEL, workloadLabel } from './store.ts';

const APPLY = 'application/apply-patch+yaml';
/** What was written by hand with kubectl, or before there was apply, gives way to manifests; so does what this program patched. */
const GIVES_WAY = /^(?:kubectl(?:-.*)?|slipway|before-first-apply)$/;

interface ApplyOptions {
  readonly dryRun?: boolean;
}

/** Objects of any kind, by server-side apply with the field manager of this program. */
export class ObjectsApi {
  readonly #site: Site;
  readonly #kinds = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(site: Site) {
    this.#site = site;
  }

  /** The path of an object in the namespace. Throws `config-invalid` for kinds that the cluster does not have there. */
  async pathOf(it: KubeObject): Promise<string> {
    return `${await this.#folderOf(it)}/${nameOf(it)}`;
  }

  async find(it: KubeObject): Promise<KubeObject | undefined> {
    try {
      return await this.#site.cluster.call(await this.pathOf(it));
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Makes it unless it is there. */
  async create(it: KubeObject): Promise<void> {
    const query = { fieldManager: FIELD_MANAGER };
    try {
      await this.#site.cluster.call(await this.#folderOf(it), { method: 'POST', query, body: this.labelled(it) });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }

  /** Throws `field-conflict` with the fields and who has them. */
  async apply(it: KubeObject, { dryRun = false }: ApplyOptions = {}): Promise<KubeObject> {
    try {
      return await this.#applied(it, dryRun, false);
    } catch (error) {
      const conflicts = conflictsOf(error);
      if (conflicts.length === 0) throw error;
      if (conflicts.every(({ manager }) => GIVES_WAY.test(manager))) return this.#applied(it, dryRun, true);
      const list = conflicts.map(({ field, manager }) => `${field} (${manager})`).join(', ');
      throw userError('field-conflict', `Others have written fields that the manifest of ${idOf(it)} sets: ${list}.`);
    }
  }

  async delete(it: KubeObject): Promise<void> {
    const { uid } = metadataOf(it);
    const body = { propagationPolicy: 'Background', preconditions: { uid } };
    await this.#site.cluster.call(await this.pathOf(it), { method: 'DELETE', body }).catch((error: unknown) => {
      if (!isStatus(error, 404, 409)) throw error;
    });
  }

  labelled(it: KubeObject): KubeObject {
    const metadata = metadataOf(it);
    const labels = isRecord(metadata['labels']) ? metadata['labels'] : {};
    const own = { [WORKLOAD_LABEL]: workloadLabel(this.#site) };
    return { ...it, metadata: { ...metadata, namespace: this.#site.ref.namespace, labels: { ...labels, ...own } } };
  }

  async #applied(it: KubeObject, dryRun: boolean, force: boolean): Promise<KubeObject> {
    const query = { fieldManager: FIELD_MANAGER, force: String(force), ...(dryRun ? { dryRun: 'All' } : {}) };
    const body = this.labelled(it);
    return this.#site.cluster.call(await this.pathOf(it), { method: 'PATCH', contentType: APPLY, query, body });
  }

  async #folderOf(it: KubeObject): Promise<string> {
    const version = String(it['apiVersion']);
    const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    const known = this.#kinds.get(base) ?? this.#discover(base);
    this.#kinds.set(base, known);
    const plural = (await known).get(String(it['kind']));
    if (plural !== undefined) return `${base}/namespaces/${this.#site.ref.namespace}/${plural}`;
    throw userError('config-invalid', `The cluster has no kind ${String(it['kind'])} of ${version} in namespaces.`, {
      remedy: 'Apply what belongs to the whole cluster (and its custom kinds) by itself, with rights of its own.',
    });
  }

  /** Kinds that lie in namespaces: kind → its name in paths. */
  async #discover(base: string): Promise<ReadonlyMap<string, string>> {
    const list = await this.#site.cluster.call(base).catch((error: unknown) => {
      if (isStatus(error, 404)) return { resources: [] };
      throw error;
    });
    const resources = Array.isArray(list['resources']) ? list['resources'].filter(isRecord) : [];
    const found = resources.filter((it) => it['namespaced'] === true && !String(it['name']).includes('/'));
    return new Map(found.map((it) => [String(it['kind']), String(it['name'])]));
  }
}

interface Conflict {
  readonly field: string;
  readonly manager: string;
}

/** Fields that belong to other managers; empty for any other error. */
function conflictsOf(error: unknown): readonly Conflict[] {
  if (!(error instanceof ApiError) || error.status !== 409) return [];
  return error.causes
    .filter((it) => it.reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({ field, manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? message }));
}
