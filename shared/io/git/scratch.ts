import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type ObjectFormat = 'sha1' | 'sha256';

/**
 * Makes an empty bare repository of our own, by gitrepository-layout(5). Not by `git init`: no template, no user setting
 * has a say in it, and no process is started. It waits for the disk: a few small files take less time than waiting for
 * threads does.
 *
 * @param alternates object folders whose objects are read as if they were here
 * @returns its absolute path
 */
export function makeBare(directory: string, format: ObjectFormat, alternates: readonly string[] = []): string {
  mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
  mkdirSync(join(directory, 'refs'));
  writeFileSync(join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  writeFileSync(join(directory, 'config'), CONFIG[format]);
  if (alternates.length > 0) {
    writeFileSync(join(directory, 'objects', 'info', 'alternates'), `${alternates.join('\n')}\n`);
  }
  return directory;
}

const CONFIG: Readonly<Record<ObjectFormat, string>> = {
  sha1: '[core]\n\trepositoryformatversion = 0\n\tbare = true\n',
  sha256: '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n',
};
