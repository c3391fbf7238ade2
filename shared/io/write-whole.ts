import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainDisk } from './disk.ts';

/**
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary file in the same folder,
 * flushed to the disk, then renamed. Throws `disk-full` when there is no space; the old file stays as it was.
 *
 * @param openFile handed in by tests that need a disk which is full
 */
export async function writeWhole(path: string, content: string | Uint8Array, openFile = open): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const file = await openFile(temporary, 'wx', 0o644);
    await fill(file, content);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw explainDisk(thrown, `writing ${path}`);
  }
}

async function fill(file: FileHandle, content: string | Uint8Array): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
