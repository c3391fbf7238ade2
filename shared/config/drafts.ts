import { type FileSource, isRecord, mapBounded, type Place, type Problem, problem } from '../model/index.ts';
import { check } from './check.ts';
import type { ConfigDocument } from './document.ts';
import { type FoundService, findServices } from './find-services.ts';
import { MAX_FOLDERS, MAX_SERVICES, READS_AT_ONCE } from './limits.ts';
import type { KeyPath } from './paths.ts';
import type { ReadDocument } from './reading.ts';
import { type Finding, finding } from './report.ts';
import type { Root } from './root.ts';
import { type ServiceOutput, service } from './schema/service.ts';
import { DEFAULT_SERVICES } from './schema/slipway.ts';

/** One service as its file says it, before it is laid over the defaults. */
export interface Draft {
  /** What it says, and where; undefined: it has no file. */
  readonly source: { readonly document: ConfigDocument; readonly path: KeyPath } | undefined;
  /** undefined: what it says cannot be used. */
  readonly fields: ServiceOutput | undefined;
  readonly folder: string;
  /** Folder that its `paths` start from. */
  readonly filesFrom: string;
  readonly defaultName: string;
  /** Repository of its image when nothing names one; undefined: below the registry. */
  readonly repository: string | undefined;
  /** Where it stands as a whole. */
  readonly home: () => Place;
}

export interface Drafts {
  readonly drafts: readonly Draft[];
  readonly findings: readonly Finding[];
}

/** The one service of a repository that is one. */
export function singleDraft(root: Root): Drafts {
  const path = ['service'];
  const draft: Draft = {
    source: { document: root.document, path },
    fields: root.fields.service ?? service.parse({}),
    folder: '',
    filesFrom: '',
    defaultName: nameOf(root.repository),
    repository: root.fields.registry === undefined ? root.config.registry : undefined,
    home: () => root.document.keyPlace(path),
  };
  return { drafts: [draft], findings: [] };
}

/** The services in folders, their files read and checked each for itself. */
export async function folderDrafts(root: Root, source: FileSource, readDocument: ReadDocument): Promise<Drafts> {
  const found = await findServices(source, root.fields.services ?? DEFAULT_SERVICES);
  const taken = found.services.slice(0, MAX_SERVICES);
  const files = new ServiceFiles(source, readDocument);
  const read = await mapBounded(taken, READS_AT_ONCE, (it) => readDraft(root, files, it));
  const left = found.services.length - taken.length;
  return {
    drafts: read.flatMap((it) => it.drafts),
    findings: [
      ...read.flatMap((it) => it.findings),
      ...found.missing.map((pattern) => missingFolder(root, pattern)),
      ...(found.tooMany ? [tooMany(root, `more than ${MAX_FOLDERS} folders`)] : []),
      ...(left > 0 ? [tooMany(root, `${found.services.length} services, more than ${MAX_SERVICES}`)] : []),
    ],
  };
}

async function readDraft(root: Root, files: ServiceFiles, found: FoundService): Promise<Drafts> {
  const { folder, file, pattern } = found;
  const about = {
    folder,
    filesFrom: folder,
    defaultName: nameOf(folder === '' ? root.repository : folder),
    repository: undefined,
  };
  if (file === undefined) {
    const home = () => root.document.place(['services', pattern]);
    return { drafts: [{ ...about, source: undefined, fields: files.nothing, home }], findings: [] };
  }
  const { document, fields, problems } = await files.read(file);
  const findings = problems.map((it) => finding(it));
  if (document === undefined) return { drafts: [], findings };
  const home = () => ({ file, line: 1, column: 1 });
  return { drafts: [{ ...about, source: { document, path: [] }, fields, home }], findings };
}

interface ServiceFile {
  /** undefined: it cannot be read at all. */
  readonly document: ConfigDocument | undefined;
  readonly fields: ServiceOutput | undefined;
  readonly problems: readonly Problem[];
}

/** Service files, read and checked; those that say the very same are checked once. */
class ServiceFiles {
  /** What a service says that has no file. */
  readonly nothing = service.parse({});
  readonly #source: FileSource;
  readonly #readDocument: ReadDocument;
  /** By the value of a document, which a quick reader shares among files of the same text. */
  readonly #known = new WeakMap<object, ServiceOutput>();

  constructor(source: FileSource, readDocument: ReadDocument) {
    this.#source = source;
    this.#readDocument = readDocument;
  }

  async read(file: string): Promise<ServiceFile> {
    const text = await this.#source.read(file);
    if (text === undefined) {
      const gone = problem('config-invalid', `The file ${file} is listed, but cannot be read.`, { at: { file } });
      return { document: undefined, fields: undefined, problems: [gone] };
    }
    const { document, problems } = await this.#readDocument(file, text);
    if (document === undefined) return { document, fields: undefined, problems };
    const key = isRecord(document.value) ? document.value : {};
    const known = this.#known.get(key);
    if (known !== undefined) return { document, fields: known, problems: [] };
    const checked = check(service, document);
    if (checked.value !== undefined) this.#known.set(key, checked.value);
    return { document, fields: checked.value, problems: checked.problems };
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function missingFolder({ document, fields }: Root, pattern: number): Finding {
  const sentence = `\`services\` names \`${fields.services?.[pattern] ?? ''}\`, but there is no such folder or service file.`;
  const remedy = 'Correct the path, from the root of the repository, or take it out.';
  return finding(problem(document.code, sentence, { remedy, at: document.place(['services', pattern]) }));
}

/** A pattern that leads nowhere would make every run green that ships nothing. */

function tooMany({ document }: Root, what: string): Finding {
  const sentence = `The patterns of \`services\` lead to ${what}.`;
  const remedy = 'Name the folders more closely.';
  return finding(problem(document.code, sentence, { remedy, at: document.place(['services']) }));
}
