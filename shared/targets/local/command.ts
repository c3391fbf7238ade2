import { constants } from 'node:fs';
import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { delimiter, join, sep } from 'node:path';
import { userError } from '../../model/index.ts';
import type { Unpacked } from './images.ts';

/** How an unpacked image is run on this machine. */
export interface Command {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Machine {
  /** The running Node, which stands for `node` of an image that has none. */
  readonly node: string;
  /** Environment of the action, of which only MACHINE_VARIABLES are handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** All that a process gets of the machine's environment: what programs need to work at all, and none of the action's secrets. */
const MACHINE_VARIABLES = ['PATH', 'HOME', 'LANG', 'TZ', 'SystemRoot'];
/** Where an image that names no PATH is searched, as container runtimes do. */
const IMAGE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes the command line of an image: entrypoint and arguments, with every absolute path that exists in the image led to
 * the folder where it is unpacked; the image's environment over the few variables of the machine, and `PORT`.
 * Throws `image-invalid` when the image says nothing to run.
 */
export async function commandOf({ root, config }: Unpacked, machine: Machine, port: number): Promise<Command> {
  const [program, ...args] = [...config.entrypoint, ...config.cmd];
  if (program === undefined) throw userError('image-invalid', 'The image has neither an entrypoint nor a command.');
  const env = await environmentOf(root, config.env, machine, port);
  const found = await programOf(root, program, config.env, machine);
  const rewritten = await Promise.all(args.map((it) => argument(root, it)));
  return { command: [found, ...rewritten], cwd: await workdirOf(root, config.workdir), env };
}

async function environmentOf(root: string, image: readonly string[], machine: Machine, port: number) {
  const env: Record<string, string> = {};
  for (const name of MACHINE_VARIABLES) {
    const value = machine.env[name];
    if (value !== undefined) env[name] = value;
  }
  const path = env['PATH'];
  for (const [name, value] of image.map(split)) env[name] = (await within(root, value)) ?? value;
  const folders = await Promise.all(imagePath(image).map((folder) => within(root, folder)));
  env['PATH'] = [...folders.filter((it) => it !== undefined), ...(path === undefined ? [] : [path])].join(delimiter);
  return { ...env, PORT: String(port) };
}

/** Sought in the image, then on the machine. */
async function programOf(root: string, program: string, env: readonly string[], machine: Machine): Promise<string> {
  if (program.includes('/')) return (await within(root, program)) ?? program;
  for (const folder of imagePath(env)) {
    const found = await within(root, `${folder}/${program}`);
    if (found !== undefined && (await isExecutable(found))) return found;
  }
  return program === 'node' ? machine.node : program;
}

/** A path, or one behind the name of an option: `--config=/app/x`. */
async function argument(root: string, text: string): Promise<string> {
  const [, option = '', path = text] = /^(--?[\w.-]+=)(\/.*)$/.exec(text) ?? [];
  return option + ((await within(root, path)) ?? path);
}

async function workdirOf(root: string, workdir: string): Promise<string> {
  const found = await within(root, workdir);
  if (found !== undefined) return found;
  // Container runtimes make it as well.
  const made = join(root, ...workdir.split('/').filter((part) => part !== '' && part !== '..'));
  await mkdir(made, { recursive: true });
  return made;
}

/** Where an absolute path of the image is on this machine; undefined when the image does not have it. */
async function within(root: string, path: string): Promise<string | undefined> {
  if (!path.startsWith('/') || path.includes('\0')) return undefined;
  const there = join(root, path);
  const real = await realpath(there).catch(() => undefined);
  const base = await realpath(root);
  // A path that is a link stays one: programs look at the name that they were called by.
  return real === base || real?.startsWith(base + sep) ? there.replace(/\/+$/, '') : undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const imagePath = (env: readonly string[]): readonly string[] => {
  const path = env.map(split).find(([name]) => name === 'PATH')?.[1] ?? IMAGE_PATH;
  return path.split(':').filter((folder) => folder.startsWith('/'));
};

function split(variable: string): readonly [string, string] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}
