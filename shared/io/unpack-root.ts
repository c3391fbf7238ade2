import { chmod, link, lstat, mkdir, open, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import type { Header } from 'tar-stream';
import { userError } from '../model/index.ts';
import { explainDisk, isErrno } from './disk.ts';

const WHITEOUT = '.wh.';
/** Marks of the storage driver itself begin so; the opaque mark is the only one with a meaning (image-spec, layer.md). */
const DRIVER_MARK = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

/** The folder that an image is unpacked into: all that one layer does to it goes through here, so that nothing gets out. */
export class UnpackRoot {
  readonly #root: string;
  /** Paths that this layer wrote: its own whiteouts do not take them away. */
  readonly #written = new Set<string>();
  /** Folder of the archive → where it really is; emptied whenever something is taken away. */
  readonly #folders = new Map<string, string>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(directory: string): Promise<UnpackRoot> {
    await mkdir(directory, { recursive: true });
    return new UnpackRoot(await realpath(directory));
  }

  /** Does what one entry says; false for one that is skipped because a folder cannot have it (devices, pipes). */
  async place(header: Header, body: AsyncIterable<unknown>): Promise<boolean> {
    const parts = partsOf(header.name);
    const name = parts.at(-1);
    if (name === undefined) return true;
    const folder = await this.#folder(parts.slice(0, -1));
    try {
      if (name.startsWith(WHITEOUT)) await this.#whiteout(folder, name);
      else return await this.#write(join(folder, name), header, body);
      return true;
    } catch (error) {
      throw explainDisk(error, `unpacking ${header.name}`);
    }
  }

  async #write(path: string, header: Header, body: AsyncIterable<unknown>): Promise<boolean> {
    switch (header.type) {
      case 'directory':
        await this.#makeFolder(path, header.mode);
        break;
      case 'file':
      case 'contiguous-file':
        await this.#replacing(path, () => writeFile(path, header.mode, body));
        break;
      case 'symlink':
        await this.#replacing(path, () => symlink(this.#inside(path, header.linkname), path));
        break;
      case 'link':
        await this.#hardLink(path, header);
        break;
      case 'character-device':
      case 'block-device':
      case 'fifo':
        return false;
      default:
        throw userError('image-invalid', `A layer has an entry of a kind that is not known: ${header.name}.`);
    }
    this.#remember(path);
    return true;
  }

  async #makeFolder(path: string, mode: number): Promise<void> {
    const there = await kindOf(path);
    if (there !== 'directory') await this.#replacing(path, () => mkdir(path));
    await chmod(path, (mode & 0o777) | 0o700);
  }

  async #hardLink(path: string, header: Header): Promise<void> {
    const parts = partsOf(header.linkname);
    const target = join(await this.#folder(parts.slice(0, -1)), parts.at(-1) ?? '');
    if ((await kindOf(target)) !== 'file') {
      throw userError('image-invalid', `A layer links ${header.name} to ${header.linkname}, which is no file of it.`);
    }
    if (target !== path) await this.#replacing(path, () => link(target, path));
  }

  /** Takes what is there away and writes: never into it, since it may be a link to elsewhere or shared with a lower layer. */
  async #replacing(path: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
      await this.#remove(path);
      await write();
    }
  }

  async #whiteout(folder: string, name: string): Promise<void> {
    if (name === OPAQUE) {
      for (const child of await readdir(folder)) await this.#removeLower(join(folder, child));
    } else if (!name.startsWith(DRIVER_MARK)) {
      const hidden = name.slice(WHITEOUT.length);
      if (partsOf(hidden).length === 1) await this.#removeLower(join(folder, hidden));
    }
  }

  /** Takes away what lower layers left at a path, and keeps what this one wrote. */
  async #removeLower(path: string): Promise<void> {
    if (!this.#written.has(path)) return this.#remove(path);
    if ((await kindOf(path)) !== 'directory') return;
    for (const child of await readdir(path)) await this.#removeLower(join(path, child));
  }

  async #remove(path: string): Promise<void> {
    this.#folders.clear();
    await rm(path, { recursive: true, force: true });
  }

  #remember(path: string): void {
    for (let at = path; at !== this.#root && !this.#written.has(at); at = dirname(at)) this.#written.add(at);
  }

  /** Where a folder of the archive really is, made when it is not there. */
  async #folder(parts: readonly string[]): Promise<string> {
    const key = parts.join('/');
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    let at = this.#root;
    for (const part of parts) at = await this.#step(join(at, part));
    this.#folders.set(key, at);
    return at;
  }

  async #step(path: string): Promise<string> {
    switch (await kindOf(path)) {
      case 'directory':
        return path;
      case undefined:
        await mkdir(path);
        await chmod(path, 0o755);
        return path;
      case 'symlink':
        // Images with /bin → usr/bin have later layers that write to bin/x.
        return this.#follow(path);
      default:
        throw userError('image-invalid', `A layer writes into ${this.#shown(path)}, which is no folder.`);
    }
  }

  async #follow(path: string): Promise<string> {
    const real = await realpath(path).catch(() => undefined);
    const within = real !== undefined && (real === this.#root || real.startsWith(`${this.#root}${sep}`));
    if (within && (await kindOf(real)) === 'directory') return real;
    throw userError(
      'image-invalid',
      `A layer writes through ${this.#shown(path)}, a symbolic link that does not lead to a folder of the image.`,
    );
  }

  /** The text of a link as it holds in the unpacked folder: relative, and never above the root. */
  #inside(path: string, target: string): string {
    const from = posix.dirname(`/${this.#shown(path)}`);
    return posix.relative(from, posix.resolve(from, target)) || '.';
  }

  #shown(path: string): string {
    return path.slice(this.#root.length + 1);
  }
}

function partsOf(name: string): readonly string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) {
    throw userError('image-invalid', `A layer has a path that leaves the image: ${JSON.stringify(name)}.`);
  }
  return parts;
}

async function kindOf(path: string): Promise<'directory' | 'symlink' | 'file' | 'other' | undefined> {
  try {
    const it = await lstat(path);
    if (it.isDirectory()) return 'directory';
    if (it.isSymbolicLink()) return 'symlink';
    return it.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeFile(path: string, mode: number, body: AsyncIterable<unknown>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of body) {
      if (chunk instanceof Uint8Array) await file.writeFile(chunk);
    }
    await file.chmod(mode & 0o777);
  } finally {
    await file.close();
  }
}
