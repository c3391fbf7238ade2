import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from '@jest/globals';
import type { Tree } from './tree.ts';

/** Go leaves a process behind that counts its calls, and may still write into its home. */
const REMOVED = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/** Whether a program of an ecosystem works on this machine: where it does, it is asked what it thinks of the same files. */
function works(program: string): boolean {
  const home = mkdtempSync(join(tmpdir(), 'slipway-home-'));
  try {
    execFileSync(program, [program === 'go' ? 'version' : '--version'], { stdio: 'ignore', env: envIn(home) });
    return true;
  } catch {
    // Not there, or there without what it needs, as rustup's programs are in the home of somebody else.
    return false;
  } finally {
    rmSync(home, REMOVED);
  }
}

/** A test that runs only where a program is installed. */
export const testWith = (program: string): typeof test | typeof test.skip => (works(program) ? test : test.skip);

export interface OnDisk {
  readonly root: string;
  /** Runs a program in a folder of the tree and gives what it prints. */
  run(folder: string, program: string, ...args: readonly string[]): string;
  remove(): void;
}

const envIn = (home: string) => ({
  PATH: process.env['PATH'],
  HOME: home,
  CARGO_HOME: process.env['CARGO_HOME'] ?? join(home, 'cargo'),
  RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? join(process.env['HOME'] ?? home, '.rustup'),
  GOFLAGS: '-mod=mod',
  GOPROXY: 'off',
  GOTOOLCHAIN: 'local',
  GOCACHE: join(home, 'go-cache'),
  GOPATH: join(home, 'go'),
  npm_config_offline: 'true',
  npm_config_audit: 'false',
  npm_config_update_notifier: 'false',
});

/** Writes a tree to a temporary folder. Programs run there without network and without the user's settings. */
export function onDisk(tree: Tree): OnDisk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-ecosystem-')));
  for (const [path, it] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof it === 'string' ? it : JSON.stringify(it));
  }
  const home = mkdtempSync(join(tmpdir(), 'slipway-home-'));
  const env = envIn(home);
  return {
    root,
    run: (folder, program, ...args) =>
      execFileSync(program, args, {
        cwd: join(root, folder),
        env,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    remove: () => {
      for (const folder of [root, home]) rmSync(folder, REMOVED);
    },
  };
}
