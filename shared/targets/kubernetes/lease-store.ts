import { isStatus } from '../../io/kubernetes/index.ts';
import { Fenced, type Intent, type Owner, parseJson, type StreamState, userError } from '../../model/index.ts';
import { intent as intentSchema, keptStream, stream as streamSchema } from '../kept.ts';
import { FIELD_MANAGER, JSON_PATCH, noteKey, notePath, type PatchStep } from './names.ts';
import { type LeaseObject, notesOf, readLease } from './objects.ts';
import { changeWorkload, findWorkload, type Site, sequenceOf } from './site.ts';

/** A lease that was not renewed for so long counts as left, by the server's clock. */
const EXPIRES_S = 30;
/** What the `Date` of answers may be off, since it counts whole seconds. */
const CLOCK_SLACK_MS = 2_000;
export const RENEW_EVERY_MS = 8_000;
const ATTEMPTS = 10;
/** All annotations of one object may have 256 KiB (ValidateAnnotations of Kubernetes). */
const NOTES_BYTES = 240 * 1024;

export interface LeaseRecord {
  readonly lease: { readonly owner: Owner; readonly alive: boolean } | undefined;
  readonly intent: Intent | undefined;
  readonly stream: StreamState | undefined;
}

type Taken =
  | { readonly kind: 'held'; readonly sequence: number }
  | { readonly kind: 'busy'; readonly holder: Owner; readonly since: string };

/**
 * The Lease of one workload: who may write, what is about to be done, and what the stream said. All in one object, so that
 * each write of it is fenced by the very object that it changes.
 */
export class LeaseStore {
  readonly #site: Site;
  readonly #folder: string;
  readonly #name: string;

  constructor(site: Site) {
    this.#site = site;
    this.#folder = `/apis/coordination.k8s.io/v1/namespaces/${site.ref.namespace}/leases`;
    this.#name = `slipway-${site.ref.kind.name}-${site.ref.name}`.slice(0, 253);
  }

  async look(): Promise<LeaseRecord> {
    const found = await this.#find();
    if (found === undefined) return { lease: undefined, intent: undefined, stream: undefined };
    const owner = ownerOf(found);
    return {
      lease: owner && { owner, alive: this.#lives(found) },
      intent: this.#read(found, 'intent'),
      stream: this.#readStream(found),
    };
  }

  /**
   * Takes the lease. Where somebody had it who may still believe to have it, the workload is stamped with the new number
   * before this returns: from then on the other's writes are refused there as well.
   */
  async acquire(owner: Owner, force: boolean): Promise<Taken> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const found = await this.#find();
      const holder = found && this.#hinders(found, owner, force);
      if (holder !== undefined) {
        return { kind: 'busy', holder, since: found?.spec.acquireTime ?? 'an unknown time' };
      }
      const sequence = await this.#nextSequence(found);
      if (!(await this.#take(found, owner, sequence))) continue;
      if (found !== undefined && wasLeft(found)) await this.#stamp(sequence);
      return { kind: 'held', sequence };
    }
    throw userError('locked', `The Lease ${this.#name} is written by others all the time.`);
  }

  #hinders(found: LeaseObject, owner: Owner, force: boolean): Owner | undefined {
    const holder = ownerOf(found);
    return holder === undefined || holder.id === owner.id || force || !this.#lives(found) ? undefined : holder;
  }

  /** The workload remembers numbers that a Lease which somebody deleted does not. */
  async #nextSequence(found: LeaseObject | undefined): Promise<number> {
    const workload = await findWorkload(this.#site);
    const written = workload === undefined ? 0 : sequenceOf(workload);
    return Math.max(found?.spec.leaseTransitions ?? 0, written) + 1;
  }

  /** Throws {@link Fenced} when another has it. */
  async check(owner: Owner, sequence: number): Promise<void> {
    const found = await this.#find();
    if (found === undefined || !isMine(found, owner, sequence)) throw new Fenced(found && ownerOf(found));
  }

  renew(owner: Owner, sequence: number): Promise<void> {
    return this.#write(owner, sequence, []);
  }

  intend(owner: Owner, sequence: number, intent: Intent | undefined): Promise<void> {
    const value = intent === undefined ? '' : bounded(intent);
    return this.#write(owner, sequence, [{ op: 'add', path: notePath('intent'), value }]);
  }

  remember(owner: Owner, sequence: number, state: StreamState): Promise<void> {
    const value = JSON.stringify(keptStream(state));
    return this.#write(owner, sequence, [{ op: 'add', path: notePath('stream'), value }]);
  }

  /** The number stays, so that it grows on. */
  async release(owner: Owner, sequence: number): Promise<void> {
    const gone: PatchStep = { op: 'remove', path: '/spec/holderIdentity' };
    try {
      await this.#patch([...this.#held(owner, sequence), gone]);
    } catch (error) {
      if (!isStatus(error, 404, 409, 422)) throw error;
    }
  }

  async #find(): Promise<LeaseObject | undefined> {
    try {
      return readLease(await this.#site.cluster.call(`${this.#folder}/${this.#name}`));
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async #take(found: LeaseObject | undefined, owner: Owner, sequence: number): Promise<boolean> {
    const { cluster, deps } = this.#site;
    const now = this.#time();
    const nonce = deps.random().toString(36).slice(2);
    const notes = { [noteKey('owner-url')]: owner.url ?? '', [noteKey('nonce')]: nonce };
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: this.#name,
        ...(found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }),
        labels: { ...found?.metadata.labels, 'app.kubernetes.io/managed-by': FIELD_MANAGER },
        annotations: { ...found?.metadata.annotations, ...notes },
      },
      spec: {
        holderIdentity: owner.id,
        leaseDurationSeconds: EXPIRES_S,
        leaseTransitions: sequence,
        acquireTime: now,
        renewTime: now,
      },
    };
    const query = { fieldManager: FIELD_MANAGER };
    try {
      if (found === undefined) await cluster.call(this.#folder, { method: 'POST', query, body });
      else await cluster.call(`${this.#folder}/${this.#name}`, { method: 'PUT', query, body });
      return true;
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      // Its answer may have been lost, and this be the second try.
      const current = await this.#find();
      return current?.metadata.annotations[noteKey('nonce')] === nonce && isMine(current, owner, sequence);
    }
  }

  async #stamp(sequence: number): Promise<void> {
    await changeWorkload(this.#site, (workload) =>
      sequenceOf(workload) >= sequence
        ? undefined
        : [{ op: 'add', path: notePath('sequence'), value: String(sequence) }],
    );
  }

  async #write(owner: Owner, sequence: number, steps: readonly PatchStep[]): Promise<void> {
    const renewed: PatchStep = { op: 'add', path: '/spec/renewTime', value: this.#time() };
    try {
      await this.#patch([...this.#held(owner, sequence), renewed, ...steps]);
    } catch (error) {
      // A test that does not hold is 422, as is what is not valid: whose it is tells which.
      if (!isStatus(error, 404, 409, 422)) throw error;
      await this.check(owner, sequence);
      throw error;
    }
  }

  #held(owner: Owner, sequence: number): readonly PatchStep[] {
    return [
      { op: 'test', path: '/spec/holderIdentity', value: owner.id },
      { op: 'test', path: '/spec/leaseTransitions', value: sequence },
    ];
  }

  async #patch(body: readonly PatchStep[]): Promise<void> {
    const query = { fieldManager: FIELD_MANAGER };
    await this.#site.cluster.call(`${this.#folder}/${this.#name}`, {
      method: 'PATCH',
      contentType: JSON_PATCH,
      query,
      body,
    });
  }

  #lives({ spec }: LeaseObject): boolean {
    const renewed = Date.parse(spec.renewTime ?? '');
    const age = this.#site.cluster.serverNow() - renewed;
    return age <= (spec.leaseDurationSeconds ?? EXPIRES_S) * 1_000 + CLOCK_SLACK_MS;
  }

  /** `MicroTime` of Kubernetes has six digits. */
  #time(): string {
    return new Date(this.#site.cluster.serverNow()).toISOString().replace('Z', '000Z');
  }

  #read({ metadata }: LeaseObject, name: 'intent'): Intent | undefined {
    const text = notesOf(metadata, noteKey(name));
    if (text === undefined) return undefined;
    const result = intentSchema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw this.#damaged(name);
  }

  #readStream({ metadata }: LeaseObject): StreamState | undefined {
    const text = notesOf(metadata, noteKey('stream'));
    if (text === undefined) return undefined;
    const result = streamSchema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw this.#damaged('stream');
  }

  #damaged(name: 'intent' | 'stream'): Error {
    const where = `The annotation ${noteKey(name)} of the Lease ${this.#site.ref.namespace}/${this.#name}`;
    return userError('target-state-invalid', `${where} is not as it was written.`, {
      remedy: 'Empty that annotation: then nothing counts as under way, and the ledger alone is asked.',
    });
  }
}

/** Whoever had it may still believe to have it. */
const wasLeft = (found: LeaseObject): boolean =>
  ownerOf(found) !== undefined || notesOf(found.metadata, noteKey('intent')) !== undefined;

const isMine = ({ spec }: LeaseObject, owner: Owner, sequence: number): boolean =>
  spec.holderIdentity === owner.id && spec.leaseTransitions === sequence;

function ownerOf({ metadata, spec }: LeaseObject): Owner | undefined {
  const id = spec.holderIdentity;
  return id ? { id, url: notesOf(metadata, noteKey('owner-url')) } : undefined;
}

/** An intent as text; the log of its evidence goes first where it is too long. */
function bounded(intent: Intent): string {
  const text = JSON.stringify(intent);
  if (Buffer.byteLength(text) <= NOTES_BYTES / 2 || intent.failure?.evidence === undefined) return text;
  const { failure } = intent;
  return JSON.stringify({ ...intent, failure: { ...failure, evidence: { ...failure.evidence, log: [] } } });
}
