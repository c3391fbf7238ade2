import { type Commit, type CommitFiles, once } from '../../model/index.ts';
import type { Repository } from './repository.ts';
import type { Trees } from './trees.ts';

/** The files of a commit, whose reader is loaded when it is first asked something: most detections read none. */
export function lateFiles(repository: Repository, trees: Trees, commit: Commit): CommitFiles {
  let opened: CommitFiles | undefined;
  const files = once(async () => {
    opened = (await import('./commit-files.ts')).commitFiles(repository, trees, commit);
    return opened;
  });
  return {
    get behindLinks() {
      return opened?.behindLinks === true;
    },
    // Whoever asks gets the error; nobody has to ask.
    anticipate: () =>
      void files().then(
        (it) => it.anticipate?.(),
        () => undefined,
      ),
    read: async (path) => await (await files()).read(path),
    entries: async (folder) => await (await files()).entries(folder),
    find: async (takes) => await (await files()).find(takes),
    readAll: async (paths) => await (await files()).readAll(paths),
    links: async () => await (await files()).links(),
  };
}
