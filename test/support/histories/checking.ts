import type { Answered, Reason, Said } from './asking.ts';
import type { Standing } from './oracle/bases.ts';
import type { ServiceTruth, Truth } from './oracle/oracle.ts';
import { idAt, type Remote } from './repository.ts';

type Verdict = Answered['reasons']['services'][number];

/** What is wrong with an answer, in sentences for people; none: it is right. */
export function faultsOf(said: Said, truth: Truth, remote: Remote): readonly string[] {
  const { services, refusal } = truth;
  if (refusal !== undefined) {
    const fits = said.kind === 'refused' && said.code.startsWith(refusal);
    return fits ? [] : [`It should refuse with ${refusal}….`];
  }
  if (said.kind === 'refused') return [`It refused: ${said.code} ${said.message}`];
  const verdicts = new Map(said.reasons.services.map((it) => [it.service, it]));
  const names = [...services.keys()].sort();
  return [
    ...same('verdicts', [...verdicts.keys()], names),
    ...same('head', said.head, idAt(remote, truth.head)),
    ...same('head of the reasons', said.reasons.head, said.head),
    ...same(
      'services',
      said.services,
      [...verdicts.values()].filter((it) => it.selected).map((it) => it.service),
    ),
    ...same('matrix', said.matrix, said.services),
    ...same('removed', said.removed, removedOf(said, services, remote)),
    ...names.flatMap((name) => {
      const [verdict, it] = [verdicts.get(name), services.get(name)];
      return verdict === undefined || it === undefined
        ? []
        : serviceFaults(verdict, it, truth, remote).map((why) => `${name}: ${why}`);
    }),
  ];
}

function same(what: string, said: unknown, expected: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(said), JSON.stringify(expected)];
  return a === b ? [] : [`${what} should be ${b}, not ${a}.`];
}

function removedOf(said: Answered, services: ReadonlyMap<string, ServiceTruth>, remote: Remote): readonly string[] {
  const used = new Set(said.reasons.services.flatMap(({ bases }) => bases.map(({ commit }) => commit)));
  const all = [...services.values()].flatMap(({ removed }) =>
    [...removed].flatMap(([at, names]) => (used.has(idAt(remote, at)) ? names : [])),
  );
  return [...new Set(all)].sort();
}

function serviceFaults(verdict: Verdict, it: ServiceTruth, truth: Truth, remote: Remote): readonly string[] {
  const bases = baseFaults(verdict, it.standings, remote);
  if (bases.length > 0) return bases;
  const used = [...it.since].filter(([at]) => verdict.bases.some(({ commit }) => commit === idAt(remote, at)));
  const must = [
    ...it.standings.flatMap(({ reason }) => reason ?? []),
    ...used.flatMap(([at, { any }]) => (any ? [`what it is made of differs from #${at}`] : [])),
  ];
  const untold = used.flatMap(([at, differences]) => {
    const told = (kind: string) =>
      verdict.reasons.some((reason) => reason.kind === kind && reason.since === idAt(remote, at));
    const expected = {
      files: differences.files,
      'dependency-paths': differences.dependencyPaths,
      'shared-paths': differences.sharedPaths,
    };
    return Object.entries(expected).flatMap(([kind, count]) =>
      count > 0 && !told(kind) ? [`no reason \`${kind}\` since #${at}`] : [],
    );
  });
  return [
    ...(must.length > 0 && !verdict.selected ? [`MISSED: ${must.join(', ')}`] : []),
    ...(verdict.selected === verdict.reasons.length > 0
      ? []
      : ['it is selected without a reason, or has one and is not']),
    ...untold,
    ...verdict.reasons
      .filter((reason) => !isTrue(reason, it, truth, remote))
      .map((reason) => `the reason is not true: ${JSON.stringify(reason)}`),
  ];
}

function baseFaults({ bases }: Verdict, standings: readonly Standing[], remote: Remote): readonly string[] {
  const allowed = standings.map(({ environment, rung, commits }) => ({
    environment: environment ?? null,
    rung,
    commits: commits.length === 0 ? [null] : commits.map((at) => idAt(remote, at)),
  }));
  const fits =
    bases.length === allowed.length &&
    bases.every((base, index) => {
      const it = allowed[index];
      return (
        it !== undefined &&
        base.environment === it.environment &&
        base.rung === it.rung &&
        it.commits.some((id) => id === base.commit)
      );
    });
  return fits ? [] : [`bases should be ${JSON.stringify(allowed)}, not ${JSON.stringify(bases)}`];
}

/** Whether the oracle sees what a reason says. */
function isTrue(
  reason: Reason,
  { service, standings, since }: ServiceTruth,
  { house }: Truth,
  remote: Remote,
): boolean {
  const differences = [...since].find(([at]) => idAt(remote, at) === reason.since)?.[1];
  switch (reason.kind) {
    case 'no-record':
    case 'in-doubt':
    case 'unbelievable':
      return standings.some((it) => it.reason === reason.kind && it.environment === reason.environment);
    case 'base-unknown':
      return standings.some((it) => it.reason === 'base-unknown');
    case 'files':
      return differences !== undefined && differences.files > 0 && differences.files === reason.count;
    case 'dependency-paths':
      return (
        differences !== undefined && differences.dependencyPaths > 0 && differences.dependencyPaths === reason.count
      );
    case 'shared-paths':
      return differences !== undefined && differences.sharedPaths > 0 && differences.sharedPaths === reason.count;
    case 'config':
      return differences?.configuration === true;
    case 'new':
      return differences?.isNew === true;
    case 'dependency': {
      const way = reason.path ?? [];
      const steps = way
        .slice(1)
        .every((to, index) => house?.services.get(way[index] ?? '')?.needs.includes(to) === true);
      return way[0] === service.name && steps && differences?.dependencies.has(way.at(-1) ?? '') === true;
    }
    default:
      return false;
  }
}
