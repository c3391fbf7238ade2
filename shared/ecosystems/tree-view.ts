import { type CommitFiles, userError } from '../model/index.ts';
import { isWithin } from './paths.ts';
import { Symlinks } from './symlinks.ts';

/** More files than this behind links to folders are no layout that somebody wrote. */
export const MAX_BEHIND_LINKS = 20_000;

type PathTest = (path: string) => boolean;

/** The files of a commit as a program that runs on them sees them: those behind symbolic links too, where the links are. */
export class TreeView {
  readonly symlinks: Symlinks;
  /** Paths that were looked for, sorted. */
  readonly paths: readonly string[];
  readonly #files: CommitFiles;

  private constructor(files: CommitFiles, symlinks: Symlinks, paths: readonly string[]) {
    this.#files = files;
    this.symlinks = symlinks;
    this.paths = paths;
  }

  /** @param sources a test for files that are looked for as well, but not behind links */
  static async of(files: CommitFiles, takes: PathTest, sources: PathTest): Promise<TreeView> {
    const [found, links] = await Promise.all([files.find((path) => takes(path) || sources(path)), files.links()]);
    const symlinks = new Symlinks(links);
    if (links.size === 0) return new TreeView(files, symlinks, found);
    const seen = symlinks.paths.flatMap((link) => behind(link, symlinks, found)).filter(takes);
    if (seen.length > MAX_BEHIND_LINKS) throw tooMany(seen.length);
    return new TreeView(files, symlinks, [...new Set([...found, ...seen])].sort());
  }

  /** Texts by path; those that cannot be read, or lie outside of the repository, are left out. */
  async texts(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const places = paths.map((path) => [path, this.symlinks.resolve(path).path] as const);
    const read = await this.#files.readAll([...new Set(places.flatMap(([, real]) => real ?? []))]);
    return new Map(
      places.flatMap(([path, real]) => {
        const text = real === undefined ? undefined : read.get(real);
        return text === undefined ? [] : [[path, text] as const];
      }),
    );
  }
}

/** What a link shows: itself as a file, and the files of a folder, unless that has the link in it. */
function behind(link: string, symlinks: Symlinks, found: readonly string[]): readonly string[] {
  const target = symlinks.resolve(link).path;
  if (target === undefined || isWithin(link, target)) return [link];
  const inside = found.filter((path) => path.startsWith(`${target}/`));
  return [link, ...inside.map((path) => link + path.slice(target.length))];
}

const tooMany = (count: number) =>
  userError(
    'config-invalid',
    `Dependencies cannot be imported: ${count} manifests lie behind symbolic links; no more than ${MAX_BEHIND_LINKS} are read.`,
    { remedy: 'Name the ecosystems that count with `graph.import`, or `[]` for none.' },
  );
