import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { extractTar } from '../../io/tar.ts';
import { messageOf, UserError, userError } from '../../model/index.ts';
import { readDockerArchive } from './docker-archive.ts';
import { type MadeImage, unusable } from './image.ts';
import { readLayout } from './layout.ts';

/**
 * Opens an image that another program has made: an OCI layout as a folder or as a tar archive, or an archive of
 * `docker save`; archives also compressed with gzip or zstd. What must be unpacked goes to a folder of its own, which is
 * gone when `use` ends. Throws `context-missing`, `image-invalid`, `disk-full`.
 *
 * @param path absolute
 * @param shown the path as the configuration has it
 * @param scratch a folder for what must be unpacked
 */
export async function withMadeImage<T>(
  { path, shown, scratch }: { readonly path: string; readonly shown: string; readonly scratch: string },
  use: (image: MadeImage) => Promise<T>,
): Promise<T> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) {
    throw userError('context-missing', `The image ${shown} is not there.`, {
      remedy:
        'Make it in an earlier step, or correct the path; one of a registry is named by its digest, `repository@sha256:…`.',
    });
  }
  if (there.isDirectory()) return await use(await read(path, shown));
  const unpacked = await mkdtemp(join(scratch, 'unpacked-'));
  try {
    await unpack(path, unpacked, shown);
    return await use(await read(unpacked, shown));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function read(directory: string, shown: string): Promise<MadeImage> {
  // Newer releases of Docker save both forms in one archive; the layout has the digests.
  if (await isFile(join(directory, 'oci-layout'))) return await readLayout(directory, shown);
  if (await isFile(join(directory, 'manifest.json'))) return await readDockerArchive(directory, shown);
  throw unusable(shown, 'is neither an OCI layout nor an archive of `docker save`');
}

async function unpack(path: string, directory: string, shown: string): Promise<void> {
  try {
    await extractTar(createReadStream(path), directory);
  } catch (thrown) {
    if (!(thrown instanceof UserError) || thrown.code !== 'image-invalid') throw thrown;
    throw userError('image-invalid', `${shown} is no archive of an image: ${messageOf(thrown.cause ?? thrown)}.`, {
      cause: thrown,
    });
  }
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() === true;
