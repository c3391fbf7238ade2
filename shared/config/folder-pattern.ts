/** A pattern of `services`: it leads from the root to folders, or to service files when it ends like a YAML file. */
export interface FolderPattern {
  readonly takesOut: boolean;
  readonly segments: readonly Segment[];
  /** Without `*`, `?` and `**`: it names one folder or file. */
  readonly literal: boolean;
  readonly finds: 'folders' | 'files';
}

/** `**` is any number of folders. */
export type Segment = '**' | { readonly matches: (name: string) => boolean; readonly literal: boolean };

export function parseFolderPattern(text: string): FolderPattern {
  const takesOut = text.startsWith('!');
  const parts = (takesOut ? text.slice(1) : text)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .filter((part, index, all) => part !== '**' || all[index - 1] !== '**');
  const segments = parts.map(parseSegment);
  return {
    takesOut,
    segments,
    literal: segments.every((segment) => segment !== '**' && segment.literal),
    finds: /\.ya?ml$/.test(parts.at(-1) ?? '') ? 'files' : 'folders',
  };
}

function parseSegment(part: string): Segment {
  if (part === '**') return '**';
  if (!/[*?]/.test(part)) return { matches: (name) => name === part, literal: true };
  const source = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^]*')
    .replace(/\?/g, '[^]');
  const expression = new RegExp(`^${source}$`, 'u');
  return { matches: (name) => expression.test(name), literal: false };
}

/** Whether a pattern matches a path, or a folder that the path is in. */
export const covers = (pattern: FolderPattern, path: string): boolean =>
  reaches(pattern.segments, partsOf(path), false);

/** Whether a pattern matches just this path. */
export const leadsTo = (pattern: FolderPattern, path: string): boolean =>
  reaches(pattern.segments, partsOf(path), true);

const partsOf = (path: string): readonly string[] => (path === '' ? [] : path.split('/'));

function reaches(
  segments: readonly Segment[],
  parts: readonly string[],
  whole: boolean,
  segment = 0,
  part = 0,
): boolean {
  const next = segments[segment];
  if (next === undefined) return !whole || part === parts.length;
  const name = parts[part];
  if (name === undefined) return false;
  if (next !== '**') return next.matches(name) && reaches(segments, parts, whole, segment + 1, part + 1);
  // A `**` at the end is all that is in a folder, not the folder itself.
  if (segment === segments.length - 1) return true;
  return reaches(segments, parts, whole, segment + 1, part) || reaches(segments, parts, whole, segment, part + 1);
}
