import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from '@jest/globals';
import type { Tree } from './tree.ts';

/** Whether a program of an ecosystem is on this machine: where it is, it is asked what it thinks of the same files. */
function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore', env: { PATH: process.env['PATH'], HOME: tmpdir() } });
    return true;
  } catch (thrown) {
    // `cargo version` and `go version` end well; npm and mvn know no such command, but are there.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT');
  }
}

/** A test that runs only where a program is installed. */
export const testWith = (program: string): typeof test | typeof test.skip => (isInstalled(program) ? test : test.skip);

export interface OnDisk {
  readonly root: string;
  /** Runs a program in a folder of the tree and gives what it prints. */
  run(folder: string, program: string, ...args: readonly string[]): string;
  remove(): void;
}

/** Writes a tree to a temporary folder. Programs run there without network and without the user's settings. */
export function onDisk(tree: Tree): OnDisk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-ecosystem-')));
  for (const [path, it] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof it === 'string' ? it : JSON.stringify(it));
  }
  const home = mkdtempSync(join(tmpdir(), 'slipway-home-'));
  const env = {
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
  };
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
      for (const folder of [root, home]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
