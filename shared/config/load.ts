import { type Config, type FileSource, userError } from '../model/index.ts';
import { assemble } from './assemble.ts';
import { folderDrafts, singleDraft } from './drafts.ts';
import { NEEDS_PLACES, quickReader, type ReadDocument, wholly } from './reading.ts';
import { readRoot } from './root.ts';

export interface LoadOptions {
  /** Path of slipway.yml from the root of the repository. */
  readonly file: string;
  /** `owner/repository`, for the default registry and the name of a service at the root. */
  readonly repository: string;
}

/**
 * Reads slipway.yml and the service files that it leads to. Throws one `UserError`: `config-missing`, or `config-invalid`
 * with all problems of slipway.yml, or else of all service files, each with file, line and column.
 */
export async function loadConfig(source: FileSource, options: LoadOptions): Promise<Config> {
  try {
    return await load(source, options, quickReader());
  } catch (thrown) {
    if (thrown !== NEEDS_PLACES) throw thrown;
    // Something is wrong, or is said of a place: then everything is read again by the parser that knows places.
    return await load(source, options, wholly);
  }
}

/** One load, with one reader. Throws {@link NEEDS_PLACES} when that reader knows no places and one is asked for. */
export async function load(source: FileSource, options: LoadOptions, read: ReadDocument): Promise<Config> {
  const text = await source.read(options.file);
  if (text === undefined) throw userError('config-missing', `There is no file ${options.file}.`);
  const root = readRoot(await read(options.file, text), options);
  const single = root.document.depth(['service']) > 0;
  return assemble(root, single ? singleDraft(root) : await folderDrafts(root, source, read));
}
