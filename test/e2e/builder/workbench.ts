import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { extractTar } from '../../../shared/io/tar.ts';
import type { Digest, Registry } from '../../../shared/model/index.ts';
import { type Files, type JobSettings, type Ran, World } from '../../support/runner.ts';
import { type RealRegistry, startRealRegistry } from '../registry/real-registry.ts';

/** Debian's busybox-static, of which base images are made: nothing is pulled from anywhere. */
const BUSYBOX = '/usr/bin/busybox';
const APPLETS = ['sh', 'cat', 'ls', 'wc', 'sleep', 'date'];

type Inputs = Readonly<Record<string, string>>;
type Settings = JobSettings & Parameters<World['run']>[2];

/** A repository with services, a real registry with a login, and Docker's configuration as `docker login` leaves it. */
export class Workbench {
  readonly world: World;
  readonly registry: RealRegistry;
  readonly client: Registry;
  /** Environment of a step: where Docker's command line finds its login and its plugin buildx. */
  readonly env: Readonly<Record<string, string | undefined>>;

  private constructor(world: World, registry: RealRegistry, env: Workbench['env']) {
    this.world = world;
    this.registry = registry;
    this.client = registry.open();
    this.env = env;
  }

  /** @param env which builder is used */
  static async open(env: Readonly<Record<string, string | undefined>>): Promise<Workbench> {
    const registry = await startRealRegistry('basic');
    const docker = dirname(registry.authFile);
    mkdirSync(join(docker, 'cli-plugins'));
    copyFileSync(process.env['SLIPWAY_BUILDX'] ?? '', join(docker, 'cli-plugins', 'docker-buildx'));
    execFileSync('chmod', ['+x', join(docker, 'cli-plugins', 'docker-buildx')]);
    const world = await World.start();
    return new Workbench(world, registry, { DOCKER_CONFIG: docker, ...env });
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.registry.stop();
  }

  at(path: string): string {
    return this.registry.at(`acme/shop/${path}`);
  }

  push(files: Files): string {
    return this.world.push({ 'slipway.yml': this.#slipway(), ...files });
  }

  #slipway(): object {
    return {
      version: 1,
      registry: this.registry.at('acme/shop'),
      services: ['services/*'],
      environments: { dev: {} },
      image: { reuse: 'tag' },
      deploy: { target: { kind: 'local', directory: `${this.world.runtime}/{service}` } },
    };
  }

  build(service: string, inputs: Inputs = {}, settings: Settings = {}): Promise<Ran> {
    const env = { ...this.env, ...settings.env };
    return this.world.run('build-and-tag-image', { service, ...inputs }, { ...settings, env });
  }

  /** Makes `base`, an image with a shell, by the native builder, and pushes it. */
  async base(note: string): Promise<Ran> {
    const root = join(this.world.developer, 'services', 'base', 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync(BUSYBOX, join(root, 'bin', 'busybox'));
    for (const name of APPLETS) link('busybox', join(root, 'bin', name));
    writeFileSync(join(root, 'note'), note);
    const native = { base: 'scratch', layers: [{ from: 'root', to: '/' }], entrypoint: ['/bin/sh'] };
    this.push({ 'services/base/slipway.service.yml': { image: { native } } });
    return await this.build('base');
  }

  /** All files of an image for one platform, path → content, its layers put on one another. */
  async filesOf(repository: string, reference: string): Promise<ReadonlyMap<string, string>> {
    const { layers } = await this.manifest(repository, reference);
    const directory = await mkdtemp(join(this.world.root, 'unpacked-'));
    for (const layer of layers) await extractTar(await this.client.blob(repository, layer), directory);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
    const read = await Promise.all(
      files.map(async (it) => [it.slice(directory.length), await readFile(it, 'latin1')] as const),
    );
    await rm(directory, { recursive: true, force: true });
    return new Map(read);
  }

  /** A manifest, and all bytes of its layers and config as text, for what must not stand in them. */
  async manifest(repository: string, reference: string): Promise<Manifest> {
    const found = await this.client.manifest(repository, reference);
    return JSON.parse(Buffer.from(found?.bytes ?? []).toString('utf8'));
  }

  async config(repository: string, reference: string): Promise<Config> {
    const { config } = await this.manifest(repository, reference);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.client.blob(repository, config)) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  }
}

interface Blob {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}
interface Manifest {
  readonly mediaType: string;
  readonly config: Blob;
  readonly layers: readonly Blob[];
  readonly manifests?: readonly (Blob & { readonly platform: object })[];
  readonly annotations: Readonly<Record<string, string>>;
}
interface Config {
  readonly created: string;
  readonly os: string;
  readonly architecture: string;
  readonly config: { readonly Labels: Readonly<Record<string, string>>; readonly Env?: readonly string[] };
  readonly history: readonly { readonly created_by?: string }[];
}

function link(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch {
    // It is there from before.
  }
}
