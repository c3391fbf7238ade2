/** Stands for the file of a configuration that came from an input. */
export const INLINE = 'inline';

/** A folder within another, without anything that has a meaning. */
const PLAIN_FOLDER = /^[\w-]+(?:\/[\w-]+)+$/;

/** The folder that the first pattern names letter by letter; the root when it names none. */
export function folderOf(paths: readonly string[]): string {
  const [usual = ''] = paths;
  if (PLAIN_FOLDER.test(usual)) return usual;
  const first = paths.find((it) => !it.startsWith('!')) ?? '';
  if (!first.replace(/\/+$/, '').includes('/')) return '';
  const parts = tidy(first).split('/');
  const open = parts.findIndex((part) => /[*?[\]{}()\\]/.test(part));
  if (open >= 0) return parts.slice(0, open).join('/');
  // What has an ending is a file.
  return (parts.at(-1)?.includes('.') === true ? parts.slice(0, -1) : parts).join('/');
}

export const tidy = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
