import { isRecord } from '../tree.ts';
import type { Listing } from './listing.ts';
import type { Rules } from './patterns.ts';

const ROOT = 'slipway.yml';
const SERVICE = 'slipway.service.yml';
const DOCKERFILE = 'Dockerfile';

/** A service as its files say it. */
export interface ToldService {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly own: Rules;
  readonly needs: readonly string[];
  readonly needPaths: Rules;
  readonly environments: readonly string[];
  /** All that is said about it but for the names it goes by, as one text. */
  readonly effective: string;
}

export interface ToldHouse {
  readonly services: ReadonlyMap<string, ToldService>;
  readonly shared: Rules;
  readonly environments: readonly string[];
}

export const isConfiguration = (path: string): boolean =>
  path === ROOT || path === SERVICE || path.endsWith(`/${SERVICE}`);

/** Paths of the configuration files of a tree, with their ids. */
export const configurationFiles = (listing: Listing): readonly (readonly [path: string, id: string])[] =>
  [...listing]
    .filter(([path, entry]) => isConfiguration(path) && entry.startsWith('100'))
    .map(([path, entry]) => [path, entry.slice(7)]);

/**
 * Reads the configuration of a tree. It is JSON here, and its values have but few forms.
 *
 * @returns undefined where there is none, or it is wrong
 */
export function readHouse(listing: Listing, texts: ReadonlyMap<string, string>): ToldHouse | undefined {
  const files = new Map(configurationFiles(listing).map(([path, id]) => [path, parse(texts.get(id))]));
  const root = files.get(ROOT);
  if (root === undefined) return undefined;
  const services = new Map<string, ToldService>();
  for (const folder of foldersOf(listing).filter((it) => textsOf(root['services']).some((list) => leadsTo(list, it)))) {
    const path = `${folder}/${SERVICE}`;
    const said = files.has(path) ? files.get(path) : {};
    if (said === undefined) return undefined;
    const service = tellService(root, folder, said);
    if (services.has(service.name) || !/^[\w.-]+$/.test(service.name)) return undefined;
    services.set(service.name, service);
  }
  const isWhole = [...services.values()].every(({ needs }) => needs.every((it) => services.has(it)));
  const shared = { from: '', patterns: textsOf(root['shared-paths']) };
  return isWhole ? { services, shared, environments: Object.keys(fields(root['environments'])) } : undefined;
}

/** Folders with a service file or a Dockerfile: each may be a service. */
const foldersOf = (listing: Listing): readonly string[] =>
  [...listing.keys()].flatMap((path) => {
    const [, folder, name] = /^(.*)\/([^/]*)$/s.exec(path) ?? [];
    const isFirst = name === SERVICE || (name === DOCKERFILE && !listing.has(`${folder}/${SERVICE}`));
    return folder !== undefined && isFirst ? [folder] : [];
  });

function tellService(root: Fields, folder: string, said: Fields): ToldService {
  const name = typeof said['name'] === 'string' ? said['name'] : (folder.split('/').at(-1) ?? '');
  const needed = fields(said['dependencies']);
  const all = Object.keys(fields(root['environments']));
  const environments = all.filter((it) => said['environments'] === undefined || it in fields(said['environments']));
  const own = { from: folder, patterns: said['paths'] === undefined ? ['**'] : textsOf(said['paths']) };
  const needs = [...new Set(textsOf(needed['services']))].sort();
  const needPaths = { from: '', patterns: textsOf(needed['paths']) };
  const deploy = { timeout: '10m', ...fields(root['deploy']), ...fields(said['deploy']) };
  const repository = `${String(root['registry'] ?? 'ghcr.io/acme/shop')}/${name}`;
  // The directory of its target has its name and that of the environment.
  const effective = JSON.stringify([
    folder,
    own,
    needs,
    needPaths,
    said['team'],
    [...environments].sort(),
    environments.length > 0 && sorted(deploy),
    environments.length > 0 && name,
    repository,
  ]);
  return { name, aliases: textsOf(said['aliases']), own, needs, needPaths, environments, effective };
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (isRecord(value) ? value : {});
const sorted = (it: Fields): unknown =>
  Object.keys(it).length === 0 ? [] : Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1));
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function parse(text: string | undefined): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function leadsTo(list: string, folder: string): boolean {
  const [wanted, parts] = [list.split('/'), folder.split('/')];
  return wanted.length === parts.length && wanted.every((it, at) => it === '*' || it === parts[at]);
}

/** A service among others: under its name, or under one that it had. */
export const earlier = (service: ToldService, { services }: ToldHouse): ToldService | undefined =>
  [service.name, ...service.aliases].map((it) => services.get(it)).find((it) => it !== undefined);

/** All services that one depends on: the set is made larger until it does not grow any more. */
export function closureOf(service: ToldService, { services }: ToldHouse): readonly ToldService[] {
  const names = new Set(service.needs);
  for (let size = -1; size !== names.size; ) {
    size = names.size;
    for (const name of [...names]) for (const next of services.get(name)?.needs ?? []) names.add(next);
  }
  names.delete(service.name);
  return [...names].sort().flatMap((name) => services.get(name) ?? []);
}
