import { type Cluster, isConnectionError, isStatus, type KubeObject } from '../../../io/kubernetes/index.ts';
import { type Clock, isRecord, messageOf, UserError } from '../../../model/index.ts';
import { itemsOf } from '../objects.ts';

const PAUSE_MS = 500;
/** Objects that one mirror holds at most: a workload with more pods than this is watched by the first of them. */
const MOST = 5_000;

/** Rings when something has changed; one who waits is woken once for any number of rings. */
export class Bell {
  #wake: (() => void) | undefined;
  #rung = false;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits for a ring, for so many milliseconds, or until the signal. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const done = new AbortController();
      this.#wake = () => done.abort();
      await clock.sleep(ms, AbortSignal.any([signal, done.signal]));
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}

/**
 * The objects of one list as they are now: listed once, then followed by watch. A watch that ends goes on where it was;
 * one whose place is gone (410) is listed again, and so is everything after a connection that broke: nothing is taken from
 * before it.
 */
export class Mirror {
  readonly #cluster: Cluster;
  readonly #path: string;
  readonly #query: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #bell: Bell;
  #objects = new Map<string, KubeObject>();
  #version: string | undefined;
  /** Whether it was ever listed whole. */
  ready = false;
  /** Why nothing comes any more, for people; undefined while it does. */
  trouble: string | undefined;
  /** What cannot pass: rights that are missing. */
  refused: UserError | undefined;

  constructor(cluster: Cluster, path: string, query: Readonly<Record<string, string>>, clock: Clock, bell: Bell) {
    this.#cluster = cluster;
    this.#path = path;
    this.#query = query;
    this.#clock = clock;
    this.#bell = bell;
  }

  get items(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  /** Follows until the signal. Never throws: what goes wrong is told by {@link trouble} and {@link refused}. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.refused === undefined) {
      try {
        if (this.#version === undefined) await this.#list(signal);
        await this.#watch(signal);
        this.trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#note(error);
        this.#bell.ring();
        await this.#clock.sleep(PAUSE_MS, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const list = await this.#cluster.call(this.#path, { query: this.#query, signal });
    const items = itemsOf(list).slice(0, MOST);
    this.#objects = new Map(items.map((it) => [keyOf(it), it]));
    this.#version = versionOf(list);
    this.ready = true;
    this.trouble = undefined;
    this.#bell.ring();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const query = { ...this.#query, resourceVersion: this.#version ?? '' };
    for await (const { type, object } of this.#cluster.watch(this.#path, query, signal)) {
      this.trouble = undefined;
      this.#version = versionOf(object) ?? this.#version;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') this.#objects.delete(keyOf(object));
      else if (this.#objects.size < MOST || this.#objects.has(keyOf(object))) this.#objects.set(keyOf(object), object);
      this.#bell.ring();
    }
  }

  #note(error: unknown): void {
    this.#version = undefined;
    // Too old a version is no trouble: it is listed anew.
    if (isStatus(error, 410)) return;
    if (isStatus(error, 401, 403, 404)) this.refused = error;
    else if (error instanceof UserError || isConnectionError(error)) this.trouble = messageOf(error);
    else throw error;
  }
}

function metaOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const { metadata } = object;
  return isRecord(metadata) ? metadata : {};
}

const keyOf = (object: KubeObject): string => String(metaOf(object)['uid'] ?? metaOf(object)['name']);

function versionOf(object: KubeObject): string | undefined {
  const version = metaOf(object)['resourceVersion'];
  return typeof version === 'string' && version !== '' ? version : undefined;
}
