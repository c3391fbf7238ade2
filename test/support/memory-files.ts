import type { FileEntry, FileSource } from '../../shared/model/index.ts';

interface MemoryFiles extends FileSource {
  /** Folders that were listed, in order. */
  readonly listed: readonly string[];
  /** The most reads and lists that were under way at once. */
  readonly busiest: () => number;
}

/** Files of a tree as a map from path to text, and what was asked of it. */
export function memoryFiles(files: Readonly<Record<string, string>>): MemoryFiles {
  const folders = foldersOf(Object.keys(files));
  const listed: string[] = [];
  let busy = 0;
  let most = 0;
  const later = async <T>(result: T): Promise<T> => {
    busy++;
    most = Math.max(most, busy);
    await new Promise((resolve) => setImmediate(resolve));
    busy--;
    return result;
  };
  return {
    listed,
    busiest: () => most,
    read: (path) => later(Object.hasOwn(files, path) ? files[path] : undefined),
    entries(folder) {
      listed.push(folder);
      const names = [...(folders.get(folder) ?? new Map<string, FileEntry['kind']>())];
      return later(names.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, kind]) => ({ name, kind })));
    },
  };
}

function foldersOf(paths: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, FileEntry['kind']>> {
  const folders = new Map<string, Map<string, FileEntry['kind']>>();
  for (const path of paths) {
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const folder = parts.slice(0, index).join('/');
      const entries = folders.get(folder) ?? new Map<string, FileEntry['kind']>();
      entries.set(part, index === parts.length - 1 ? 'file' : 'folder');
      folders.set(folder, entries);
    }
  }
  return folders;
}
