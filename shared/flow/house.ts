import { mkdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { loadConfig } from '../config/index.ts';
import { workTree } from '../io/files.ts';
import { type GitOptions, openCheckout, openStreamStore } from '../io/git/index.ts';
import type { World } from '../io/runner/index.ts';
import {
  type Checkout,
  type Commit,
  type Config,
  type Environment,
  type FileSource,
  type Graph,
  type LedgerSettings,
  once,
  type Service,
  type StreamName,
  type StreamStore,
  userError,
} from '../model/index.ts';
import { readDependencies } from './graph.ts';

/** What most flows begin with: the checkout, what is configured in it, and how services depend on each other. */
export interface House {
  readonly checkout: Checkout;
  readonly config: Config;
  /** Read when it is first asked for, since manifests have a say in it. */
  readonly graph: () => Promise<Graph>;
}

/** Opens the checkout and reads the configuration. Throws `git-missing`, `not-a-repository`, `config-missing`, `config-invalid`. */
export async function openHouse(file: string, world: World): Promise<House> {
  const checkout = await openWorkTree(world);
  const config = await readConfig(checkout, file, world);
  return { checkout, config, graph: once(async () => (await readDependencies(checkout, config, world)).graph) };
}

export const openWorkTree = (world: World): Promise<Checkout> => openCheckout(world.directory, gitOptions(world));

/** The configuration of the work tree, or of the files that are given instead. */
export async function readConfig(
  checkout: Checkout,
  file: string,
  world: World,
  files: FileSource = workTree(checkout.root),
): Promise<Config> {
  const options = { file: pathInRepository(checkout.root, world.directory, file), repository: world.run.repository };
  return await loadConfig(files, options);
}

/** Path of a file from the repository's root, `/` between its parts. */
export function pathInRepository(root: string, directory: string, file: string): string {
  return relative(root, resolve(directory, file)).split(sep).join('/');
}

function gitOptions(world: World): GitOptions {
  const scratch = join(world.temp, 'slipway');
  mkdirSync(scratch, { recursive: true });
  return { environment: world.env, token: world.token, serverUrl: world.run.serverUrl, scratch };
}

/**
 * The store of the ledger that the configuration names: a remote of the clone, a URL, or a repository on the same server.
 * A token of its own is used where one is configured.
 */
export function openLedger(settings: LedgerSettings, clone: string | undefined, world: World): StreamStore {
  const token = settings.token === undefined ? world.token : world.env[settings.token.env];
  const remote = /^[\w.-]+\/[\w.-]+$/.test(settings.remote)
    ? `${world.run.serverUrl}/${settings.remote}`
    : settings.remote;
  return openStreamStore(remote, { ...gitOptions(world), token, clone, clock: world.clock, random: world.random });
}

/** The stream of a service in an environment; a ledger that repositories share has the repository in the name. */
export function streamNameOf(
  config: Pick<Config, 'ledger'>,
  repository: string,
  service: string,
  environment: string,
): StreamName {
  return { environment, service, repository: config.ledger.shared ? repository : undefined };
}

/** The service of a name. Throws `service-unknown`, naming those that there are. */
export function serviceNamed(config: Config, name: string): Service {
  const found = config.services.find((it) => it.name === name);
  if (found !== undefined) return found;
  const renamed = config.services.find((it) => it.aliases.includes(name));
  const hint = renamed === undefined ? `Known are: ${listed(config.services)}.` : `It is called ${renamed.name} now.`;
  throw userError('service-unknown', `There is no service ${JSON.stringify(name)}.`, { remedy: hint });
}

/** The environment of a name, which the service must go to. Throws `environment-unknown`. */
export function environmentNamed(config: Config, service: Service, name: string): Environment {
  const found = config.environments.find((it) => it.name === name);
  if (found === undefined) {
    const remedy = `Known are: ${listed(config.environments)}.`;
    throw userError('environment-unknown', `There is no environment ${JSON.stringify(name)}.`, { remedy });
  }
  if (!service.deployments.has(name)) {
    const remedy = `It goes to: ${[...service.deployments.keys()].join(', ')}.`;
    throw userError('environment-unknown', `${service.name} does not go to ${name}.`, { remedy });
  }
  return found;
}

/** Errors name at most this many of what there is. */
const MOST_NAMES = 20;

function listed(named: readonly { readonly name: string }[]): string {
  const names = named.slice(0, MOST_NAMES).map((it) => it.name);
  const more = named.length - names.length;
  return `${names.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The commit a run is about: the one named, else the event's, else the checkout's. Throws `base-unknown` for one that git does not know. */
export async function commitOf(checkout: Checkout, named: string | undefined, world: World): Promise<Commit> {
  const wanted = named ?? (world.run.sha === '' ? 'HEAD' : world.run.sha);
  const commit = await checkout.resolve(wanted);
  if (commit !== undefined) return commit;
  // The event's commit is what the run is about, also where the checkout holds another one.
  if (named === undefined && world.run.sha !== '') return world.run.sha;
  throw userError('base-unknown', `Git does not know the commit ${JSON.stringify(wanted)}.`);
}
