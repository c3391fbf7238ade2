import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk of a few megabytes, which a test can fill. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no byte free. */
  fill(): void;
  free(): void;
  remove(): void;
}

const WAYS: readonly (readonly string[])[] = [[], ['sudo', '-n']];

/** Mounts one; undefined where this user may not mount anything, or the system has no tmpfs. */
export function smallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const options = `size=${megabytes}m,mode=777`;
  const way = WAYS.find((it) => runs([...it, 'mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder]));
  if (way === undefined) return undefined;
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fill(filler),
    free: () => rmSync(filler, { force: true }),
    // Lazily: a process that was deployed may still have a file of it open.
    remove: () => void runs([...way, 'umount', '-l', folder]),
  };
}

function fill(file: string): void {
  const handle = openSync(file, 'a');
  try {
    for (const piece of [Buffer.alloc(64 * 1024), Buffer.alloc(1)]) writeUntilFull(handle, piece);
  } finally {
    closeSync(handle);
  }
}

function writeUntilFull(handle: number, piece: Buffer): void {
  for (;;) {
    try {
      if (writeSync(handle, piece) < piece.length) return;
    } catch {
      return;
    }
  }
}

function runs([program = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
