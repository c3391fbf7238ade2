import { type EcosystemFiles, type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, folderOf, inFolder, linkFrom, nameOf, upwards } from '../paths.ts';
import { type GoFile, parseGoFile } from './file.ts';
import { GoWorkspaces } from './workspaces.ts';

/** Files up the tree that have a say in what a module is resolved to. */
const GOVERNS = ['go.work', 'go.work.sum'];
/** From this version on a go.mod names every module that is needed to build its packages. */
const NAMES_ALL = 17;

/** The files of a tree with what they say. */
interface GoTree {
  readonly works: readonly GoFile[];
  readonly byModule: ReadonlyMap<string, readonly string[]>;
  readonly workspaces: GoWorkspaces;
  readonly files: EcosystemFiles;
}

/**
 * Modules of Go: a module depends on those of the repository that it requires by their path, on the folders that it puts
 * in the place of modules, on those that a go.work above it does, and on those that its source imports by a go.work.
 */
export const go: EcosystemReader = {
  read: (files) => {
    const { works, modules, workspaces } = parse(files);
    const byModule = new Map<string, string[]>();
    for (const { module, path } of modules) {
      if (module !== undefined) byModule.set(module, [...(byModule.get(module) ?? []), path]);
    }
    return modules.map((it) => toPackage(it, { works, byModule, workspaces, files }));
  },
  further: (files) => parse(files).workspaces.sources,
};

function parse({ texts, sources }: EcosystemFiles) {
  const named = (name: string) =>
    [...texts].filter(([path]) => nameOf(path) === name).map(([path, text]) => parseGoFile(path, text));
  const [works, modules] = [named('go.work'), named('go.mod')];
  return { works, modules, workspaces: new GoWorkspaces(works, modules, sources) };
}

function toPackage(file: GoFile, tree: GoTree): Package {
  const { path, folder, module } = file;
  const { works, byModule, workspaces, files } = tree;
  const governing = works.filter((it) => isGovernedBy(file, it));
  const required = file.requires.flatMap((it) => byModule.get(it) ?? []);
  const links = [...required, ...replacedFor(file, governing), ...workspaces.importedBy(file, files.texts)];
  // The sums of a module whose folder holds several services govern each of these, and so does what is vendored.
  const sums = above(folder, ['go.sum'], files.there).filter((it) => folderOf(it) === folder);
  const vendored = [folder, ...governing.map((it) => it.folder)].filter((it) =>
    files.there.has(inFolder(it, 'vendor/modules.txt')),
  );
  const nameless = module === undefined;
  return makePackage({
    manifest: path,
    name: module ?? (folder || path),
    folder,
    links: [...new Set(links)].filter((it) => it !== path && it !== folder),
    governed: [
      ...above(folder, GOVERNS, files.there),
      ...governing.map((it) => it.path),
      ...sums,
      ...vendored.map((it) => inFolder(it, 'vendor')),
    ],
    unknown: nameless ? 'it names no module' : workspaces.whyOpen(file, files.texts),
    nameless,
  });
}

/** A go.work above, whether it uses the module or not, or elsewhere, when it does. */
const isGovernedBy = ({ folder }: GoFile, work: GoFile): boolean =>
  [...upwards(folder)].includes(work.folder) || work.uses.some((it) => linkFrom(work.folder, it).includes(folder));

/** Folders in the place of modules, by itself or, for what it requires, by a go.work. */
function replacedFor(file: GoFile, governing: readonly GoFile[]): readonly string[] {
  const mayBeNeeded = (module: string) =>
    file.requires.includes(module) || (file.version < NAMES_ALL && file.requires.length > 0);
  return [file, ...governing].flatMap((from) =>
    from.replaces
      .filter(({ module }) => from === file || mayBeNeeded(module))
      .flatMap(({ folder }) => linkFrom(from.folder, folder)),
  );
}
