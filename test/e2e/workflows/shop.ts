import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const LIBRARY = fileURLToPath(new URL('../../..', import.meta.url));
export const FORGE = join(LIBRARY, 'test/e2e/tools/forge');
/** The library as these engines know it. */
export const SLIPWAY = 'slipway-actions/slipway';
export const SLIPWAY_REF = 'v1-ghes';
export const NAME = 'acme/shop';

export type Files = Readonly<Record<string, string | undefined>>;

/** The monorepo of `examples/`, as a clone of its own whose images go to a real registry and whose services run on this machine. */
export class Shop {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-workflows-')));
  readonly clone = join(this.root, 'clone');
  /** The library in the words that these engines know. */
  readonly library = join(this.root, 'library');
  readonly runtime = join(this.root, 'runtime');

  constructor(registry: string, origin: (shop: Shop) => string) {
    execFileSync(process.execPath, [join(LIBRARY, 'scripts/older-runners.mjs'), this.library, SLIPWAY, SLIPWAY_REF]);
    this.#commitLibrary();
    cpSync(join(LIBRARY, 'examples/shop'), this.clone, { recursive: true });
    git(this.clone, 'init', '--quiet', '--initial-branch=main', '--template=');
    git(this.clone, 'remote', 'add', 'origin', origin(this));
    const config = readFileSync(join(this.clone, 'slipway.yml'), 'utf8')
      .replace('127.0.0.1:5000', registry)
      .replace('../../../shop-runtime', this.runtime);
    this.write({ 'slipway.yml': config, [TESTED]: `${readFileSync(join(this.clone, TESTED), 'utf8')}${TESTS}` });
  }

  #commitLibrary(): void {
    git(this.library, 'init', '--quiet', '--initial-branch=main', '--template=');
    git(this.library, 'add', '--all', '--force');
    git(this.library, 'commit', '--quiet', '--message', 'The library as it stands');
    git(this.library, 'tag', SLIPWAY_REF);
  }

  /** Writes files; undefined deletes. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.clone, path);
      if (text === undefined) rmSync(file, { recursive: true });
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
  }

  read(path: string): string {
    return readFileSync(join(this.clone, path), 'utf8');
  }

  commit(title: string, files: Files = {}): string {
    this.write(files);
    git(this.clone, 'add', '--all');
    git(this.clone, 'commit', '--quiet', '--allow-empty', '--message', title);
    return git(this.clone, 'rev-parse', 'HEAD');
  }

  git(...args: readonly string[]): string {
    return git(this.clone, ...args);
  }

  /** What a service answers in an environment; undefined when nothing runs there. */
  async answer(environment: string, service: string, path = '/'): Promise<string | undefined> {
    const file = join(this.runtime, environment, service, 'state.json');
    if (!existsSync(file)) return undefined;
    const port = /"port":\s*(\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return (await response.text()).trim();
  }

  /** Ends every process that was deployed, and clears everything away. */
  close(): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  #processes(): readonly number[] {
    if (!existsSync(this.runtime)) return [];
    return readdirSync(this.runtime, { recursive: true, encoding: 'utf8' })
      .filter((it) => it.endsWith('.pid'))
      .map((it) => Number(readFileSync(join(this.runtime, it), 'utf8').split('\n')[0]))
      .filter((it) => it > 1);
  }
}

/** The service that has tests, and the lines of its file that say so. */
const TESTED = 'services/checkout/slipway.service.yml';
const TESTS = 'test: { run: node --check src/server.js && echo "checkout is tested here", timeout: 2m }\n';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.invalid',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.invalid',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export function git(folder: string, ...args: readonly string[]): string {
  const env = { ...process.env, ...IDENTITY };
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
}
