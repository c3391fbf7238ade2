import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { type JobSettings, type Ran, World } from '../../support/runner.ts';

const TOOLS = process.env['SLIPWAY_E2E_TOOLS'] ?? '';
const ADMIN = process.env['SLIPWAY_E2E_KUBECONFIG'] ?? '';
const REGISTRY = process.env['SLIPWAY_E2E_REGISTRY'] ?? '';
const STATE = process.env['SLIPWAY_E2E_STATE'] ?? '';
const DOCS = new URL('../../../docs/kubernetes.md', import.meta.url);

const run = promisify(execFile);
type Json = Readonly<Record<string, unknown>>;

interface ShopOptions {
  /** With the rights that manifests need. */
  readonly manifests?: boolean;
  readonly replicas?: number;
  /** Over the container of the Deployment. */
  readonly container?: object;
  /** Over the spec of the Deployment. */
  readonly spec?: object;
  /** Over `deploy` of slipway.yml. */
  readonly deploy?: object;
  readonly target?: object;
}

/** A namespace with a Deployment `web` that another tool has made, a repository that deploys to it, and a login with the documented rights. */
export class Shop {
  readonly world: World;
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly #repository: string;

  private constructor(world: World, namespace: string) {
    this.world = world;
    this.namespace = namespace;
    this.kubeconfig = join(world.root, 'kubeconfig');
    this.#repository = `${REGISTRY}/${namespace}/web`;
  }

  static async open(options: ShopOptions = {}): Promise<Shop> {
    const shop = new Shop(await World.start(), `shop-${Math.random().toString(36).slice(2, 10)}`);
    try {
      await shop.#furnish(options);
      return shop;
    } catch (error) {
      await shop.world.close();
      throw error;
    }
  }

  async #furnish(options: ShopOptions): Promise<void> {
    await this.kubectl('create', 'namespace', this.namespace);
    await this.#login(options.manifests ?? false);
    const old = await this.image('old');
    await this.apply(this.deployment(old, options));
    await this.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
    this.push('first', options);
  }

  async close(): Promise<void> {
    await this.kubectl('delete', 'namespace', this.namespace, '--wait=false');
    await this.world.close();
  }

  deployment(image: string, { replicas = 2, container = {}, spec = {} }: ShopOptions = {}): object {
    const readinessProbe = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 };
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'web', image, readinessProbe, ...container }],
      },
    };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template, ...spec },
    };
  }

  /** Commits the configuration and pushes it; gives the commit. */
  push(
    title: string,
    { deploy = {}, target = {} }: ShopOptions = {},
    files: Readonly<Record<string, string>> = {},
  ): string {
    const service = {
      image: { builder: 'none', repository: this.#repository },
      deploy: { target: { kind: 'kubernetes', workload: 'deployment/web', ...target }, ...deploy },
    };
    const config = { version: 1, services: ['services/*'], environments: { dev: {} } };
    const all = { 'slipway.yml': config, 'services/web/slipway.service.yml': service, 'services/web/title': title };
    return this.world.push({ ...all, ...files }, title);
  }

  /** A server that behaves as its environment says; gives its image by digest. */
  async image(version: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const settings = Object.entries({ VERSION: version, ...env }).flatMap(([key, value]) => [
      '-env',
      `${key}=${value}`,
    ]);
    const name = `${this.#repository}:${version}`;
    const args = ['image', '-bin', join(TOOLS, 'testserver'), '-name', name, ...settings, '-push'];
    const { stdout } = await run(join(TOOLS, 'kubebox'), args);
    return `${this.#repository}@${stdout.trim()}`;
  }

  /** An image whose manifest the registry has, but not what it is made of: every node fails to pull it. */
  async hollowImage(version: string): Promise<string> {
    const image = await this.image(version);
    const blobs = join(STATE, 'registry', 'docker', 'registry', 'v2', 'blobs', 'sha256');
    const data = (hex: string) => join(blobs, hex.slice(0, 2), hex, 'data');
    const manifest = JSON.parse(readFileSync(data(image.split('sha256:')[1] ?? ''), 'utf8'));
    rmSync(data(String(manifest.config.digest).slice(7)));
    return image;
  }

  deploy(
    inputs: Readonly<Record<string, string>>,
    settings: JobSettings & Parameters<World['deploy']>[1] & { readonly kubeconfig?: string } = {},
  ): Promise<Ran> {
    const env = { KUBECONFIG: settings.kubeconfig ?? this.kubeconfig, ...settings.env };
    return this.world.deploy({ service: 'web', environment: 'dev', ...inputs }, { ...settings, env });
  }

  /** What the Deployment says. */
  async live(): Promise<Json & { readonly image: string }> {
    const it = await this.get('deployment/web');
    const { spec } = it as { spec: { template: { spec: { containers: { image: string }[] } } } };
    return { ...it, image: spec.template.spec.containers[0]?.image ?? '' };
  }

  /** The image that the pods which answer have, each once. */
  async running(): Promise<readonly string[]> {
    const list = await this.get('pods');
    const { items } = list as {
      items: { metadata: { deletionTimestamp?: string }; spec: { containers: { image: string }[] } }[];
    };
    const images = items
      .filter((it) => it.metadata.deletionTimestamp === undefined)
      .map((it) => it.spec.containers[0]?.image ?? '');
    return [...new Set(images)];
  }

  async note(name: string, object = 'deployment/web'): Promise<string | undefined> {
    const { metadata } = (await this.get(object)) as { metadata: { annotations?: Record<string, string> } };
    return metadata.annotations?.[`slipway-actions.github.io/${name}`];
  }

  async get(object: string): Promise<Json> {
    return JSON.parse(await this.kubectl('get', object, '-o', 'json'));
  }

  async apply(object: object): Promise<void> {
    const file = join(this.world.root, 'object.json');
    writeFileSync(file, JSON.stringify(object));
    await this.kubectl('apply', '-f', file);
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: this.world.root, KUBECONFIG: ADMIN };
    const { stdout } = await run(join(TOOLS, 'kubebox'), ['kubectl', '-n', this.namespace, ...args], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** Requests of the login so far that change something, from the audit log of the cluster. */
  writes(): readonly string[] {
    return this.requests().filter((it) => !/^(get|list|watch) /.test(it));
  }

  requests(): readonly string[] {
    const file = join(STATE, 'log', 'audit.log');
    if (!existsSync(file)) return [];
    const user = `system:serviceaccount:${this.namespace}:slipway`;
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(user))
      .map((line) => JSON.parse(line))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  }

  /** A service account that may do what the documentation says is enough, and its kubeconfig. */
  async #login(manifests: boolean): Promise<void> {
    const text = readFileSync(DOCS, 'utf8');
    const rights = text.slice(text.indexOf('## Rights'));
    for (const [, yaml = ''] of rights.matchAll(/```yaml\n([\s\S]*?)```/g)) {
      const role = parseAllDocuments(yaml)[0]?.toJS();
      await this.apply({ ...role, metadata: { ...role.metadata, namespace: this.namespace } });
    }
    await this.kubectl('create', 'serviceaccount', 'slipway');
    await this.#bind('slipway');
    if (manifests) await this.#bind('slipway-manifests');
    const token = (await this.kubectl('create', 'token', 'slipway', '--duration=2h')).trim();
    writeFileSync(this.kubeconfig, JSON.stringify(this.config(token)));
  }

  async #bind(role: string): Promise<void> {
    const account = `--serviceaccount=${this.namespace}:slipway`;
    await this.kubectl('create', 'rolebinding', role, `--role=${role}`, account);
  }

  /** @param server instead of the cluster's own, such as a proxy before it */
  config(token: string, server?: string): object {
    const [admin] = parseAllDocuments(readFileSync(ADMIN, 'utf8')).map((it) => it.toJS());
    const { cluster } = admin.clusters[0];
    return {
      'current-context': 'it',
      clusters: [{ name: 'c', cluster: { ...cluster, server: server ?? cluster.server } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'it', context: { cluster: 'c', user: 'u', namespace: this.namespace } }],
    };
  }

  /** A kubeconfig like that of the login, of another server. */
  through(server: string): string {
    const own = JSON.parse(readFileSync(this.kubeconfig, 'utf8'));
    const file = join(this.world.root, 'kubeconfig-through');
    writeFileSync(file, JSON.stringify(this.config(own.users[0].user.token, server)));
    return file;
  }

  get server(): URL {
    return new URL(JSON.parse(readFileSync(this.kubeconfig, 'utf8')).clusters[0].cluster.server);
  }
}
