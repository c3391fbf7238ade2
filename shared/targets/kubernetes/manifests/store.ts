import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isStatus, type KubeObject } from '../../../io/kubernetes/index.ts';
import { type Digest, isRecord, parseJson, userError } from '../../../model/index.ts';
import { FIELD_MANAGER, PREFIX } from '../names.ts';
import { itemsOf } from '../objects.ts';
import type { Site } from '../site.ts';
import { metadataOf, nameOf, type ReleaseSet } from './set.ts';

/** Sets that are kept for going back, the live one among them. */
export const SETS_KEPT = 10;
const TYPE = `${PREFIX}release`;
const LARGEST_SET = 16 * 1024 * 1024;

export interface StoredSet {
  readonly name: string;
  readonly event: string;
  readonly set: ReleaseSet;
}

/** The label by which all that a workload's releases have made is found. */
export const WORKLOAD_LABEL = `${PREFIX}workload`;

/** A value of a label has 63 characters at most. */
export function workloadLabel({ ref }: Site): string {
  const plain = `${ref.kind.name}.${ref.name}`;
  return plain.length <= 63 ? plain : `${plain.slice(0, 50)}-${hash(plain)}`;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);

/**
 * What releases have applied, as Secrets beside the workload (manifests may hold some): one for each event, immutable. So a
 * release comes back whole, with the configuration that it had, without the repository.
 */
export class SetStore {
  readonly #site: Site;
  readonly #path: string;

  constructor(site: Site) {
    this.#site = site;
    this.#path = `/api/v1/namespaces/${site.ref.namespace}/secrets`;
  }

  async find(event: string): Promise<ReleaseSet | undefined> {
    try {
      return read(await this.#site.cluster.call(`${this.#path}/${this.#nameFor(event)}`))?.set;
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** The newest set that was applied with an image. */
  async newestOf(digest: Digest): Promise<ReleaseSet | undefined> {
    return (await this.#list(`${PREFIX}digest=${labelOf(digest)}`))[0]?.set;
  }

  /** Newest first. */
  all(): Promise<readonly StoredSet[]> {
    return this.#list();
  }

  /** Written once; a second time changes nothing. */
  async keep(event: string, digest: Digest, set: ReleaseSet): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: TYPE,
      immutable: true,
      metadata: {
        name: this.#nameFor(event),
        labels: {
          'app.kubernetes.io/managed-by': FIELD_MANAGER,
          [WORKLOAD_LABEL]: workloadLabel(this.#site),
          [`${PREFIX}digest`]: labelOf(digest),
        },
        annotations: { [`${PREFIX}event`]: event },
      },
      data: { set: gzipSync(JSON.stringify(set)).toString('base64') },
    };
    try {
      await this.#site.cluster.call(this.#path, { method: 'POST', query: { fieldManager: FIELD_MANAGER }, body });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }

  async forget(name: string): Promise<void> {
    await this.#site.cluster.call(`${this.#path}/${name}`, { method: 'DELETE' }).catch((error: unknown) => {
      if (!isStatus(error, 404)) throw error;
    });
  }

  async #list(more = ''): Promise<readonly StoredSet[]> {
    const labelSelector = [`${WORKLOAD_LABEL}=${workloadLabel(this.#site)}`, ...(more === '' ? [] : [more])].join(',');
    const query = { labelSelector, fieldSelector: `type=${TYPE}` };
    const items = itemsOf(await this.#site.cluster.call(this.#path, { query }));
    const time = (it: KubeObject) => Date.parse(String(metadataOf(it)['creationTimestamp'] ?? '')) || 0;
    return [...items].sort((a, b) => time(b) - time(a)).flatMap((it) => read(it) ?? []);
  }

  #nameFor(event: string): string {
    const { ref } = this.#site;
    const start = `slipway-${ref.kind.name}-${ref.name}`.slice(0, 240);
    return `${start}-${hash(event)}`;
  }
}

const labelOf = (digest: Digest): string => digest.slice('sha256:'.length).slice(0, 63);

/** undefined: a Secret that is no set. Throws for a set that somebody spoiled. */
function read(secret: KubeObject): StoredSet | undefined {
  const { annotations } = metadataOf(secret);
  const { data } = secret;
  if (!isRecord(data) || typeof data['set'] !== 'string') return undefined;
  const set = parseJson(unpacked(data['set'], nameOf(secret)));
  if (!isRecord(set) || !Array.isArray(set['fresh']) || !Array.isArray(set['others'])) throw spoiled(nameOf(secret));
  const { fresh, others, workload } = set;
  const event = isRecord(annotations) ? String(annotations[`${PREFIX}event`] ?? '') : '';
  return {
    name: nameOf(secret),
    event,
    set: {
      fresh: fresh.filter(isRecord),
      others: others.filter(isRecord),
      workload: isRecord(workload) ? workload : undefined,
    },
  };
}

function unpacked(text: string, name: string): string {
  try {
    return gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: LARGEST_SET }).toString('utf8');
  } catch {
    throw spoiled(name);
  }
}

const spoiled = (name: string) =>
  userError('target-state-invalid', `The Secret ${name} is not as it was written.`, {
    remedy: 'Delete it: the release that it kept then comes back with its image alone.',
  });
