import * as posix from 'node:path/posix';

/** Folder of a path; `''` is the root. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const inFolder = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** Whether a path is a folder itself, or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

/** A path that is written from a folder, as one from the root; undefined when it leads out of the repository. */
export function fromFolder(folder: string, written: string): string | undefined {
  if (written.startsWith('/') || /^[A-Za-z]:/.test(written)) return undefined;
  const path = posix.join(folder, written.replaceAll('\\', '/')).replace(/\/+$/, '');
  if (path === '..' || path.startsWith('../')) return undefined;
  return path === '.' ? '' : path;
}

/** The same as a list: nothing when it leads out. */
export function linkFrom(folder: string, written: string | undefined): readonly string[] {
  const path = written === undefined ? undefined : fromFolder(folder, written);
  return path === undefined ? [] : [path];
}

/** A folder and those that it is in, the nearest first; the last is the root. */
export function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = folderOf(at)) {
    yield at;
    if (at === '') return;
  }
}

/** Paths up the tree that have one of these names and are there, the nearest first. */
export function above(folder: string, names: readonly string[], there: ReadonlySet<string>): readonly string[] {
  return [...upwards(folder)].flatMap((it) =>
    names.map((name) => inFolder(it, name)).filter((path) => there.has(path)),
  );
}
