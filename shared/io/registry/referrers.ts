import {
  type Descriptor,
  type Digest,
  isDigest,
  isRecord,
  parseJson,
  parseRepository,
  type RawManifest,
  userError,
} from '../../model/index.ts';
import { digestOf, type Manifests } from './manifests.ts';
import { LONGEST_PAGE, nextPage, PAGES } from './pages.ts';
import { pull } from './scope.ts';
import { address, type Session } from './session.ts';
import type { HttpRequest } from './transport.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
/** Times that an entry is written again, when other writers of the same tag were faster. */
const WRITES = 6;
/** How registries without the API answer: the specification wants 404, some know no such path or method. */
const NO_API: ReadonlySet<number> = new Set([400, 404, 405, 501]);

/** The tag that holds the referrers of a digest where the registry has no API for them (distribution-spec 1.1, "Referrers Tag Schema"). */
const fallbackTag = (subject: Digest): string => subject.replace(':', '-');

/** Whether a tag was made for referrers: by that schema, or by cosign, which appends what it holds. */
export const isReferrersTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}(\.[a-z]+)?$/.test(tag);

/** Manifests about other manifests: the API of distribution-spec 1.1, and the tag for registries that lack it. */
export class Referrers {
  readonly #session: Session;
  readonly #manifests: Manifests;
  readonly #writing = new Map<string, Promise<void>>();

  constructor(session: Session, manifests: Manifests) {
    this.#session = session;
    this.#manifests = manifests;
  }

  /** Pushes a manifest; where the registry does not list it under its subject by itself, the tag does. */
  async push(repository: string, manifest: RawManifest): Promise<void> {
    const listed = await this.#manifests.push(repository, manifest);
    const subject = subjectOf(manifest);
    if (subject === undefined || listed) return;
    // Its answer may have got lost, and the list has it all the same.
    const all = await this.#fromApi(repository, subject, undefined);
    if (all?.some(({ digest }) => digest === manifest.digest) !== true)
      await this.#inTurn(repository, subject, entryOf(manifest));
  }

  /** Our own writes of a tag follow each other; only those of other processes can come between. */
  #inTurn(repository: string, subject: Digest, entry: Descriptor): Promise<void> {
    const tag = `${repository}:${subject}`;
    const before = this.#writing.get(tag) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.#note(repository, subject, entry));
    this.#writing.set(tag, mine);
    return mine;
  }

  async list(repository: string, subject: Digest, artifactType: string | undefined): Promise<readonly Descriptor[]> {
    const all = (await this.#fromApi(repository, subject, artifactType)) ?? (await this.#fromTag(repository, subject));
    return all.filter((it) => artifactType === undefined || it.artifactType === artifactType);
  }

  /** undefined: the registry has no such API. */
  async #fromApi(
    repository: string,
    subject: Digest,
    artifactType: string | undefined,
  ): Promise<readonly Descriptor[] | undefined> {
    const where = parseRepository(repository);
    const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
    const all = new Map<string, Descriptor>();
    let url: URL | undefined = address(where, `referrers/${subject}${query}`);
    for (let page = 0; url !== undefined; page += 1) {
      if (page === PAGES) throw userError('image-invalid', `${repository} has more than ${PAGES} pages of referrers.`);
      const request: HttpRequest = { method: 'GET', url, headers: { Accept: INDEX } };
      const response = await this.#session.read(
        request,
        { host: where.host, grants: [pull(where.path)] },
        LONGEST_PAGE,
      );
      const known = response.ok && isIndexType(response.headers.get('content-type'));
      if (!known && page === 0 && (response.ok || NO_API.has(response.status))) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) throw await this.#session.error(response, request);
      for (const it of descriptorsIn(await response.text(), request.url.pathname)) all.set(it.digest, it);
      url = nextPage(url, response.headers.get('link'));
    }
    return [...all.values()];
  }

  async #fromTag(repository: string, subject: Digest): Promise<readonly Descriptor[]> {
    const index = await this.#manifests.manifest(repository, fallbackTag(subject));
    return index === undefined ? [] : entriesOf(index);
  }

  /** Adds an entry to the tag. There is no compare-and-set: it is read again, and written again when it is not there. */
  async #note(repository: string, subject: Digest, entry: Descriptor): Promise<void> {
    const tag = fallbackTag(subject);
    for (let writes = 0; ; writes += 1) {
      const entries = await this.#fromTag(repository, subject);
      if (entries.some(({ digest }) => digest === entry.digest)) return;
      if (writes === WRITES) throw overwritten(`${repository}:${tag}`, entry.digest);
      if (writes > 0) await this.#session.retrier.pause(writes);
      await this.#manifests.move(repository, indexOf([...entries, entry]), tag);
    }
  }
}

const overwritten = (tag: string, digest: Digest): Error =>
  userError('registry-unavailable', `${digest} does not stay in the tag ${tag}, which others write at the same time.`);

const isIndexType = (contentType: string | null): boolean => (contentType ?? '').split(';')[0]?.trim() === INDEX;

function indexOf(manifests: readonly Descriptor[]): RawManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  return { mediaType: INDEX, digest: digestOf(bytes), bytes };
}

function subjectOf({ bytes }: RawManifest): Digest | undefined {
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  const subject = isRecord(value) && isRecord(value['subject']) ? value['subject']['digest'] : undefined;
  return typeof subject === 'string' && isDigest(subject) ? subject : undefined;
}

/** What stands in the list about a manifest: its artifact type, or else that of its config, and its annotations. */
function entryOf({ mediaType, digest, bytes }: RawManifest): Descriptor {
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  const it = isRecord(value) ? value : {};
  const config = isRecord(it['config']) ? it['config']['mediaType'] : undefined;
  const artifactType = it['artifactType'] ?? config;
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(isRecord(it['annotations']) ? { annotations: texts(it['annotations']) } : {}),
  };
}

function entriesOf(index: RawManifest): readonly Descriptor[] {
  const all = descriptorsIn(Buffer.from(index.bytes).toString('utf8'), index.digest);
  return [...new Map(all.map((it) => [it.digest, it])).values()];
}

function descriptorsIn(text: string, where: string): readonly Descriptor[] {
  const value = parseJson(text);
  const list = isRecord(value) ? value['manifests'] : undefined;
  if (!Array.isArray(list)) throw userError('image-invalid', `The list of referrers ${where} cannot be read.`);
  return list.filter(isDescriptor);
}

/** What else stands in an entry is kept as it is: others wrote it. */
function isDescriptor(it: unknown): it is Descriptor {
  if (!isRecord(it)) return false;
  const { mediaType, digest, size } = it;
  return typeof mediaType === 'string' && typeof digest === 'string' && isDigest(digest) && typeof size === 'number';
}

const texts = (annotations: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).flatMap(([name, it]) => (typeof it === 'string' ? [[name, it]] : [])));
