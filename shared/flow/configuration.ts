import { isDeepStrictEqual } from 'node:util';
import { findHead, type Head, mayNameService } from '../detect/index.ts';
import { workTree } from '../io/files.ts';
import type { World } from '../io/runner/index.ts';
import { type Checkout, type Commit, type Config, type FileSource, problem, UserError } from '../model/index.ts';
import { pathInRepository, readConfig } from './house.ts';
import type { Source } from './source.ts';

/** What {@link mayNameService} takes, in git's words for paths. */
const NAMES_SERVICES = ['*.yml', '*.yaml', 'Dockerfile', '*/Dockerfile'];
/** Files that a warning names. */
const FILES_TOLD = 3;

/** A configuration, and of which commit. */
export interface ConfigOfHead {
  readonly config: Config;
  readonly head: Head;
  /** Whether a file of it lies behind a symbolic link. */
  readonly behindLinks: boolean;
  /**
   * Set where the work tree is of another commit: gives the head's own configuration, undefined when it is the same. To be
   * asked when the trees have been compared, since they have been fetched then.
   */
  readonly ofHead?: () => Promise<ConfigOfHead | undefined>;
}

/**
 * The configuration of the commit that is asked about. A work tree with that commit is read as it lies there, since an
 * earlier step may have made the configuration; but where such a step deleted or changed what is committed, the commit
 * counts, and it is said: a service that has no folder at this moment would else be left out in silence.
 *
 * @param file path of slipway.yml from the working directory
 * @param asked the input `head`
 */
export async function configOfHead(
  source: Source,
  file: string,
  asked: string | undefined,
  world: World,
): Promise<ConfigOfHead> {
  const { checkout, placed } = source;
  const read = async (files: FileSource) => {
    const config = placed(await readConfig(checkout, file, world, files));
    return { config, behindLinks: files.behindLinks === true };
  };
  if (!source.hasFiles) {
    const head = await findHead(checkout, world.run, asked);
    return { ...(await read(checkout.at(head.commit))), head };
  }
  await anticipateImports(checkout, pathInRepository(checkout.root, world.directory, file));
  const [there, head, here, uncommitted] = await Promise.all([
    read(workTree(checkout.root)),
    findHead(checkout, world.run, asked),
    checkout.resolve('HEAD'),
    uncommittedIn(checkout, pathInRepository(checkout.root, world.directory, file)),
  ]);
  const committed = () => read(checkout.at(head.commit)).catch(unlessBug);
  if (here !== undefined && here !== head.commit) {
    if (!mayConfigure(asked, world)) return { ...there, head };
    const ofHead = async () => ((await namesServices(checkout, here, head.commit)) ? await committed() : undefined);
    return { ...there, head, ofHead: async () => withHead(await ofHead(), head) };
  }
  // What a link leads to is none of the files that were asked about.
  const isCertain = uncommitted.length === 0 && !there.behindLinks;
  const truth = isCertain ? undefined : await committed();
  // What is in no commit, an earlier step made.
  if (truth === undefined || isDeepStrictEqual(truth.config, there.config)) return { ...there, head };
  world.log.warning(otherThanCommitted(uncommitted, head.commit));
  return { ...truth, head };
}

/** What a configuration says that has a word on what is imported. */
const SAYS_WHAT_IS_IMPORTED = /^["']?graph\b/m;

/**
 * Nothing takes git longer than to list a large tree, and almost every configuration has dependencies imported from one. So
 * that begins before the configuration is read, unless this is one that says something of it.
 */
async function anticipateImports(checkout: Checkout, file: string): Promise<void> {
  const [text, here] = await Promise.all([workTree(checkout.root).read(file), checkout.resolve('HEAD')]);
  if (text === undefined || here === undefined || SAYS_WHAT_IS_IMPORTED.test(text)) return;
  checkout.at(here).anticipate?.();
}

/**
 * Whether the head may say what services there are, where something else is checked out. That of a pull request on its
 * target branch may be anyone's, while the run has the secrets of the repository.
 */
const mayConfigure = (asked: string | undefined, { run }: World): boolean =>
  asked !== undefined || run.trigger.kind !== 'pull-request';

const withHead = <Read extends object>(read: Read | undefined, head: Head) => read && { ...read, head };

/** Whether two commits may have other configurations. */
async function namesServices(checkout: Checkout, here: Commit, head: Commit): Promise<boolean> {
  const changed = await checkout.changed(here, head);
  return changed.some(mayNameService);
}

/** What cannot be asked may be anything: then the commit is read. */
async function uncommittedIn(checkout: Checkout, file: string): Promise<readonly string[]> {
  const names = await checkout.uncommitted?.([...NAMES_SERVICES, `:(top,literal)${file}`]).catch(unlessBug);
  return names ?? NAMES_SERVICES;
}

function otherThanCommitted(names: readonly string[], head: Commit) {
  const told =
    names.length === 0
      ? ['what its symbolic links lead to']
      : names.slice(0, FILES_TOLD).map((it) => JSON.stringify(it));
  const more = names.length > told.length ? ` and ${names.length - told.length} more` : '';
  const sentence = `The work tree has another configuration than its commit ${head}, which counts: see ${told.join(', ')}${more}.`;
  return problem('config-uncommitted', sentence);
}

function unlessBug(thrown: unknown): undefined {
  if (thrown instanceof UserError) return undefined;
  throw thrown;
}
