import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ObjectFormat = 'sha1' | 'sha256';

/**
 * Makes an empty bare repository of our own, by gitrepository-layout(5). Not by `git init`: no template, no user setting
 * has a say in it, and no process is started.
 *
 * @param alternates object folders whose objects are read as if they were here
 * @returns its absolute path
 */
export async function makeBare(
  directory: string,
  format: ObjectFormat,
  alternates: readonly string[] = [],
): Promise<string> {
  await mkdir(join(directory, 'objects', 'info'), { recursive: true });
  await mkdir(join(directory, 'refs', 'heads'), { recursive: true });
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(join(directory, 'config'), CONFIG[format]);
  if (alternates.length > 0) {
    await writeFile(join(directory, 'objects', 'info', 'alternates'), `${alternates.join('\n')}\n`);
  }
  return directory;
}

const CONFIG: Readonly<Record<ObjectFormat, string>> = {
  sha1: '[core]\n\trepositoryformatversion = 0\n\tbare = true\n',
  sha256: '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n',
};
