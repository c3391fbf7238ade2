import {
  type Commit,
  type Config,
  canonicalJson,
  isRecord,
  type Service,
  type ServiceName,
  UserError,
} from '../model/index.ts';

const SERVICE_FILE = 'slipway.service.yml';

/**
 * The configuration at a base. `same`: no file of it has changed since. `unreadable`: one has, and what was there before
 * is no configuration that can be read.
 */
export type OldConfig =
  | { readonly kind: 'same' }
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'read';
      readonly services: ReadonlyMap<ServiceName, Service>;
      /** The services of the head, by their names there. */
      readonly now: ReadonlyMap<ServiceName, Service>;
      /** Whether other files than then are shared: a file that is not any more was an input of every service. */
      readonly sharedMoved: boolean;
    };

/** Reads configurations: that of a commit, and that of the head; undefined when there is none that can be read. */
export interface ConfigSource {
  readonly at: (commit: Commit) => Promise<Config | undefined>;
  /** Not always that of the work tree: the head may be another commit than the one that is checked out. */
  readonly ofHead: () => Promise<Config | undefined>;
  /** Whether a file of the head's configuration is a symbolic link: any path may be what it leads to. */
  readonly behindLinks: boolean;
}

/** Whether a path is a configuration file. Such files count by what they say, never as files of a service. */
export function isConfigFile(config: Config, path: string): boolean {
  return path === config.file || path === SERVICE_FILE || path.endsWith(`/${SERVICE_FILE}`);
}

/** Reads the configuration at a base, where a changed path can have a say in it. */
export async function readOldConfig(
  config: Config,
  changed: readonly string[],
  commit: Commit,
  source: ConfigSource,
): Promise<OldConfig> {
  const certain = source.behindLinks ? changed.length > 0 : changed.some((path) => isConfigFile(config, path));
  if (!certain && !changed.some(mayNameService)) return { kind: 'same' };
  const [old, now] = await Promise.all([source.at(commit), source.ofHead()].map((it) => it.catch(unlessBug)));
  if (old !== undefined && now !== undefined) {
    const sharedMoved = canonicalJson(old.sharedPaths) !== canonicalJson(now.sharedPaths);
    return { kind: 'read', services: byName(old), now: byName(now), sharedMoved };
  }
  return { kind: certain ? 'unreadable' : 'same' };
}

const byName = ({ services }: Config): ReadonlyMap<ServiceName, Service> =>
  new Map(services.map((it) => [it.name, it]));

/** A Dockerfile alone makes a folder a service, and a service file may have another name. */
export const mayNameService = (path: string): boolean => /(^|\/)Dockerfile$|\.ya?ml$/.test(path);

function unlessBug(thrown: unknown): undefined {
  if (thrown instanceof UserError) return undefined;
  throw thrown;
}

/** The service as it was: under its name, or under one it had earlier. */
export function predecessor(service: Service, old: ReadonlyMap<ServiceName, Service>): Service | undefined {
  return [service.name, ...service.aliases].map((name) => old.get(name)).find((it) => it !== undefined);
}

/** The service as it is at the head: under its name there, or the one that has this name among its earlier ones. */
export function successor(service: Service, now: ReadonlyMap<ServiceName, Service>): Service | undefined {
  return now.get(service.name) ?? [...now.values()].find(({ aliases }) => aliases.includes(service.name));
}

/** Whether anything that is said about a service has changed, but for the names it goes by. */
export const sameService = (a: Service, b: Service): boolean => settingsOf(a) === settingsOf(b);

/** Whether the two have the same inputs: what a change there means to those who depend on it. */
export function sameInputs(a: Service, b: Service): boolean {
  const inputs = ({ files, dependencies, buildFiles }: Service) => canonicalJson({ files, dependencies, buildFiles });
  return inputs(a) === inputs(b);
}

const settings = new WeakMap<Service, string>();

function settingsOf(service: Service): string {
  const known = settings.get(service);
  if (known !== undefined) return known;
  const { name: _name, aliases: _aliases, ...rest } = service;
  const text = canonicalJson(plain(rest));
  settings.set(service, text);
  return text;
}

/** Maps as records, at any depth: JSON knows no maps. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
