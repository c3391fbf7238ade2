import {
  type Checkout,
  type Commit,
  type Config,
  type EnvironmentName,
  type Graph,
  type ImportsSince,
  type RunContext,
  type Service,
  type ServiceName,
  type StreamReading,
  userError,
} from '../model/index.ts';
import type { Head } from './head.ts';

/** What the user asks of a detection: the inputs of the action, read and typed. */
export interface DetectRequest {
  /** `auto`, a ref, or `deployed:<environment>`. */
  readonly base: string;
  /** A ref; undefined: the event's. */
  readonly head: string | undefined;
  readonly select: 'changed' | 'all' | readonly string[];
  /** undefined: all. */
  readonly environments: readonly string[] | undefined;
  readonly onUnknownBase: 'all' | 'fail';
}

/** What the ledger says about one service in one environment; follows the service's aliases. */
export type ReadStream = (environment: EnvironmentName, service: Service) => StreamReading;

export interface DetectInput {
  readonly config: Config;
  readonly graph: Graph;
  readonly run: RunContext;
  readonly checkout: Checkout;
  readonly request: DetectRequest;
  /** Where it was found before; else it is looked for. */
  readonly head?: Head | undefined;
  /** Whether a file of the configuration lies behind a symbolic link. */
  readonly behindLinks?: boolean | undefined;
  /** undefined: no ledger could be read; `streamNote` says why. */
  readonly stream: ReadStream | undefined;
  readonly streamNote?: string | undefined;
  /** The configuration as it was at a commit; undefined when there was none that can be read. */
  readonly configAt: (commit: Commit) => Promise<Config | undefined>;
  /** What manifests and lock files mean between two commits; undefined when nothing is imported. */
  readonly importsSince?: ReadImports | undefined;
}

/** @param changed all paths that differ between the two */
export type ReadImports = (since: Commit, head: Commit, changed: readonly string[]) => Promise<ImportsSince>;

const DEPLOYED = 'deployed:';
/** How many known names an error lists. */
const MAX_NAMES_LISTED = 30;

/** The environment of `base: deployed:<environment>`; undefined for other bases. */
export function deployedIn(base: string): EnvironmentName | undefined {
  return base.startsWith(DEPLOYED) ? base.slice(DEPLOYED.length) : undefined;
}

/** Throws `environment-unknown` for a name that no environment has. */
export function checkEnvironments(config: Config, request: DetectRequest): void {
  const known = config.environments.map(({ name }) => name);
  const named = deployedIn(request.base);
  for (const name of [...(request.environments ?? []), ...(named === undefined ? [] : [named])]) {
    if (known.includes(name)) continue;
    const sentence = `There is no environment ${JSON.stringify(name)}; there is ${listed(known)}.`;
    throw userError('environment-unknown', sentence);
  }
  if (named === undefined || request.environments?.includes(named) !== false) return;
  const both = `\`base\` asks what runs in ${named}, which \`environments\` (${listed(request.environments)}) leaves out.`;
  throw userError('input-invalid', `${both} So nothing could be selected.`, { remedy: 'Leave `environments` out.' });
}

/** The services that were asked for by name, earlier names included. Throws `service-unknown`. */
export function askedServices(config: Config, names: readonly string[]): ReadonlySet<ServiceName> {
  const byName = new Map(config.services.flatMap((it) => it.aliases.map((alias) => [alias, it.name] as const)));
  for (const { name } of config.services) byName.set(name, name);
  const asked = new Set<ServiceName>();
  for (const name of names) {
    const found = byName.get(name);
    if (found === undefined) {
      const known = listed(config.services.map((it) => it.name));
      throw userError('service-unknown', `There is no service ${JSON.stringify(name)}; there is ${known}.`);
    }
    asked.add(found);
  }
  return asked;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - MAX_NAMES_LISTED;
  return names.slice(0, MAX_NAMES_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
