import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Finds Node 24, the runtime that GitHub's runner gives to actions (`using: node24`): this process if it is one,
 * else the one that the dev dependency `node` brought.
 *
 * @returns {string} the path of the program
 */
export function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const installed = fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url));
  if (!existsSync(installed)) {
    throw new Error(
      'Node 24 is not installed: run `npm ci` (the dev dependency `node` brings it), or use Node 24 itself.',
    );
  }
  return installed;
}

/** Runs a program of `node_modules` under Node 24, with this process's arguments, and ends as it ends. */
export function runUnderNode24(program, args, env = {}) {
  const result = spawnSync(node24(), [program, ...args], { stdio: 'inherit', env: { ...process.env, ...env } });
  process.exit(result.status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(execFileSync(node24(), ['--version'], { encoding: 'utf8' }).trim());
}
