import * as posix from 'node:path/posix';
import type { ImageSettings, PathRules } from '../model/index.ts';

/**
 * The Dockerfile and the files that say what of the context is left out, as far as they lie outside of the service's
 * folder: a change there makes another image, and no pattern of the service may know of it. undefined: there are none,
 * which costs nothing to find out.
 *
 * @param folder the service's, from the root
 */
export function buildFilesOf(folder: string, image: ImageSettings): PathRules | undefined {
  const { dockerfile, context } = image;
  if (!leavesFolder(dockerfile) && !leavesFolder(context)) return undefined;
  if ((image.builder ?? (image.native === undefined ? 'docker' : 'native')) !== 'docker' || image.source !== undefined)
    return undefined;
  const files = [dockerfile, `${dockerfile}.dockerignore`, posix.join(context, '.dockerignore')]
    .map((file) => posix.join(folder, file))
    .filter((file) => folder !== '' && !file.startsWith(`${folder}/`));
  return files.length === 0 ? undefined : { from: '', patterns: files.map(exactly) };
}

const leavesFolder = (path: string): boolean => posix.normalize(path).startsWith('..');

/** A pattern that matches this path alone. */
const exactly = (path: string): string => `/${path.replace(/[*?[\]{}\\]/g, '\\$&')}`;
