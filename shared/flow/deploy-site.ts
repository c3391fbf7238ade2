import { resolve } from 'node:path';
import { bareEnvironment } from '../deploy/index.ts';
import type { World } from '../io/runner/index.ts';
import {
  type Checkout,
  type Commit,
  type DeploySettings,
  type Environment,
  type EnvironmentClass,
  isForeign,
  type LedgerSettings,
  type Redact,
  type Service,
  type SinkSettings,
  type StreamName,
  type StreamStore,
  type TargetSettings,
  userError,
} from '../model/index.ts';
import { parseEvent, readStreams, streamRef } from '../record/index.ts';
import { environmentNamed, type House, openHouse, openLedger, serviceNamed, streamNameOf } from './house.ts';
import type { StreamFacts } from './journal.ts';
import { oneLook } from './one-look.ts';

/** Where a deploy takes place: everything about one service in one environment that does not change while it goes on. */
export interface Site {
  /** undefined where there is no checkout: then only the ledger knows the service. */
  readonly home: { readonly house: House; readonly service: Service } | undefined;
  readonly service: string;
  readonly aliases: readonly string[];
  readonly team: string | undefined;
  readonly environment: Environment;
  readonly settings: DeploySettings | undefined;
  /** Paths in it are absolute. */
  readonly target: TargetSettings;
  readonly ledger: LedgerSettings;
  readonly sinks: readonly SinkSettings[];
  readonly store: StreamStore;
}

/** The site as the checkout describes it. */
export async function siteOfCheckout(
  names: { config: string; service: string; environment: string },
  world: World,
): Promise<Site> {
  const house = await openHouse(names.config, world);
  const { config, checkout } = house;
  const service = serviceNamed(config, names.service);
  const environment = environmentNamed(config, service, names.environment);
  const settings = service.deployments.get(environment.name);
  if (settings === undefined)
    throw userError('environment-unknown', `${service.name} does not go to ${environment.name}.`);
  if (isForeign(settings.target)) throw noTarget(service, environment.name);
  return {
    home: { house, service },
    service: service.name,
    aliases: service.aliases,
    team: service.team,
    environment,
    settings,
    target: resolvedTarget(settings.target, checkout, service),
    ledger: config.ledger,
    sinks: config.sinks,
    store: openLedger(config.ledger, checkout.root, world),
  };
}

function noTarget(service: Service, environment: string): Error {
  return userError('config-invalid', `${service.name} has no \`deploy.target\` for ${environment}.`, {
    remedy: 'Say what runs it, or record deploys of another tool with record-deploy-event.',
  });
}

/** The site as the ledger remembers it, for a rollback without a checkout: the target is that of the newest release. */
export async function siteOfLedger(
  remote: string,
  names: { service: string; environment: string },
  world: World,
): Promise<Site> {
  const ledger: LedgerSettings = { remote, shared: false, token: undefined };
  const store = openLedger(ledger, undefined, world);
  const stream = streamNameOf({ ledger }, world.run.repository, names.service, names.environment);
  const look = oneLook(store);
  const view = await readStreams(look, [stream], world.run.repository);
  const reading = view.reading(stream, []);
  if (reading.kind === 'missing') {
    throw userError(
      'never-deployed',
      `The ledger ${store.name} knows no deploy of ${names.service} in ${names.environment}.`,
    );
  }
  if (reading.kind === 'unbelievable') {
    throw userError(
      'ledger-unbelievable',
      `The record of ${names.service} in ${names.environment} cannot be believed: ${reading.why}.`,
    );
  }
  const { state } = reading;
  const newest = state.live ?? state.in_doubt?.release ?? state.good[0];
  if (newest === undefined)
    throw userError('never-deployed', `${names.service} has no release in ${names.environment}.`);
  return {
    home: undefined,
    ...names,
    aliases: [],
    team: undefined,
    environment: { ...bareEnvironment(names.environment), class: await recordedClass(look, stream) },
    settings: undefined,
    target: newest.target,
    ledger,
    sinks: [],
    store,
  };
}

/** The class that the newest event of a stream was recorded with. */
async function recordedClass(look: StreamStore, stream: StreamName): Promise<EnvironmentClass> {
  const ref = streamRef(stream);
  const event = parseEvent((await look.tips([ref])).get(ref)?.files['event.json']);
  return 'value' in event ? event.value.env.class : 'production';
}

/** Settings of a target with the paths in them made absolute and what follows from the service filled in, so that they mean the same in every later run. */
export function resolvedTarget(
  target: TargetSettings,
  checkout: Pick<Checkout, 'root'>,
  service: Pick<Service, 'path' | 'name'>,
): TargetSettings {
  const absolute = (path: string) => resolve(checkout.root, service.path, path);
  if (target.kind === 'local') return { ...target, directory: absolute(target.directory) };
  if (target.kind !== 'kubernetes') return target;
  const { workload = `deployment/${service.name}`, kubeconfig } = target;
  return { ...target, workload, kubeconfig: kubeconfig && absolute(kubeconfig), folder: service.path };
}

/** Title and date of the source commit, where a checkout knows them. People write titles: what is secret in them goes. */
export async function commitFacts(site: Site, commit: Commit, redact: Redact): Promise<StreamFacts['commit']> {
  const facts = await site.home?.house.checkout.facts(commit);
  return { title: facts && redact(facts.title), date: facts?.date };
}
