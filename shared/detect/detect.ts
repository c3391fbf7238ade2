import {
  type Commit,
  type Config,
  type EnvironmentName,
  once,
  type Selection,
  type Service,
  type ServiceName,
  userError,
  type Verdict,
} from '../model/index.ts';
import { type Compared, compareAll } from './comparison.ts';
import { findHead } from './head.ts';
import { type BasePlan, planBase } from './ladder.ts';
import type { ConfigSource } from './old-config.ts';
import { askedServices, checkEnvironments, type DetectInput } from './request.ts';
import { findBase, type Standing, standingsOf } from './standing.ts';
import { Judge } from './verdict.ts';
import { warningsOf } from './warnings.ts';

/**
 * Which services a run is about, and why: the base of each from the ladder, one comparison for each distinct base, and a
 * verdict for each service. A service is left out only if every one of its bases is known and nothing that it is made of
 * differs.
 *
 * Throws `service-unknown`, `environment-unknown`, `input-invalid` (head), `git-failed`, and with `onUnknownBase: fail`
 * `base-unknown`.
 */
export async function detect(input: DetectInput): Promise<Selection> {
  const { config, run, checkout, request } = input;
  checkEnvironments(config, request);
  const { select } = request;
  const asked = select === 'changed' ? undefined : askedServices(config, namesOf(select, config));
  const { commit: head, firstParent } = input.head ?? (await findHead(checkout, run, request.head));
  if (asked !== undefined) {
    return { head, verdicts: config.services.map(({ name }) => askedVerdict(name, asked)), removed: [], warnings: [] };
  }
  const { trigger, defaultBranch } = run;
  const plan = planBase({ base: request.base, trigger, defaultBranch, firstParent });
  const standings = await findStandings(input, plan, head);
  const comparisons = await compareAll(input, basesOf(standings), head, configSource(input, head));
  const house = { sharedPaths: config.sharedPaths, graph: input.graph };
  const judge = new Judge(comparisons, house);
  const verdicts = config.services.map((it, index) => judge.verdict(it, standings[index] ?? []));
  if (request.onUnknownBase === 'fail') failIfUnknown(verdicts);
  return { head, verdicts, removed: removedSince(comparisons), warnings: warningsOf(comparisons, config) };
}

/** The configuration that was read is that of the work tree; where the head is another commit, its own is read as well. */
function configSource({ config, checkout, configAt, behindLinks = false }: DetectInput, head: Commit): ConfigSource {
  const ofHead = async () => {
    const here = await checkout.resolve('HEAD');
    return here === undefined || here === head ? config : await configAt(head);
  };
  return { at: configAt, ofHead: once(ofHead), behindLinks };
}

function namesOf(select: 'all' | readonly string[], config: Config): readonly string[] {
  return select === 'all' ? config.services.map(({ name }) => name) : select;
}

function askedVerdict(service: ServiceName, asked: ReadonlySet<ServiceName>): Verdict {
  const selected = asked.has(service);
  return { service, selected, reasons: selected ? [{ kind: 'asked' }] : [], bases: [] };
}

/** How each service stands to its bases, in the order of the services. */
async function findStandings(
  { config, checkout, request, stream, streamNote }: DetectInput,
  plan: BasePlan,
  head: Commit,
): Promise<readonly (readonly Standing[])[]> {
  const ask = plan.kind === 'one' ? plan.ask : plan.otherwise;
  const isUsed = plan.kind === 'one' || config.services.some((it) => !goesThere(it, plan.environments));
  const shared = isUsed ? await findBase(ask, checkout, head) : undefined;
  const common = shared === undefined ? [] : [shared];
  const input = { plan, common, wanted: request.environments, stream, streamNote };
  return config.services.map((service) => standingsOf(service, input));
}

const goesThere = ({ deployments }: Service, environments: 'every' | EnvironmentName): boolean =>
  environments === 'every' ? deployments.size > 0 : deployments.has(environments);

function basesOf(standings: readonly (readonly Standing[])[]): ReadonlySet<Commit> {
  // Services that stand alike share one list.
  return new Set([...new Set(standings)].flat().flatMap(({ since }) => since ?? []));
}

function failIfUnknown(verdicts: readonly Verdict[]): void {
  const unknown = verdicts.flatMap(({ service, reasons }) =>
    reasons.flatMap((it) =>
      it.kind === 'base-unknown' || it.kind === 'unbelievable' ? [`${service}: ${it.why}`] : [],
    ),
  );
  const [first] = unknown;
  if (first === undefined) return;
  const more = unknown.length > 1 ? ` (and ${unknown.length - 1} more)` : '';
  throw userError('base-unknown', `What to compare with is not known for ${first}${more}.`);
}

/** Services of the bases that are no more, and that no service has as an earlier name. */
function removedSince(comparisons: ReadonlyMap<Commit, Compared>): readonly ServiceName[] {
  const readings = [...comparisons.values()].flatMap((it) =>
    it.kind === 'compared' && it.old.kind === 'read' ? [it.old] : [],
  );
  if (readings[0] === undefined) return [];
  const now = [...readings[0].now.values()];
  const known = new Set(now.flatMap(({ name, aliases }) => [name, ...aliases]));
  const before = readings.flatMap(({ services }) => [...services.keys()]);
  return [...new Set(before)].filter((name) => !known.has(name)).sort();
}
