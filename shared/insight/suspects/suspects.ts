import type { DeployEvent, Graph, ServiceName } from '../../model/index.ts';
import { deployRows } from '../rows.ts';
import { byName, listed } from '../words.ts';
import { waysFrom } from './distance.ts';
import { type Factor, factorsOf, type Scene } from './factors.ts';
import { type AskedQuestion, type Dependencies, type Question, readQuestion, type SuspectDeploy } from './question.ts';
import { couldMatter, ruledOut } from './ruled-out.ts';

/** A deploy goes on to be noticed for this long after its end: caches fill, pools drain, alerts wait for their window. */
const BAKE_MS = 30 * 60_000;
/** More suspects than this help nobody. */
const SUSPECTS_SHOWN = 50;

export interface Suspects {
  readonly question: Required<Question>;
  /** The most suspect first. */
  readonly ranked: readonly Suspect[];
  /** How many more there are beyond {@link SUSPECTS_SHOWN}. */
  readonly more: number;
  /** What can be ruled out, and why. */
  readonly ruledOut: readonly string[];
  /** Those of the ranked whose image ran at T, in the order to take them back in: the last to finish first. */
  readonly rollbackOrder: readonly SuspectDeploy[];
  readonly hints: readonly string[];
}

export interface Suspect {
  readonly deploy: SuspectDeploy;
  /** The product of the factors. It orders; it is no probability. */
  readonly score: number;
  readonly factors: readonly Factor[];
}

/**
 * Which deploy broke it? Ranks the deploys that may have caused what was seen at time T in one environment.
 *
 * Deploys are intervals, not points: one is a suspect when [started, finished + {@link BAKE_MS}] touches the window
 * before T and it changed what runs (or nobody knows whether it did). Then, after record.md §5.2 item 4:
 *
 *     score = time × distance × what changed hands
 *     time     = exp(−Δ/τ), Δ from its finish to T, τ = 20 min; 1 when it was under way at T
 *     distance = 1 the service itself, 0.6 a direct dependency, 0.3 a transitive one, 0.1 any other; left out when no
 *                service is named
 *     changed  = first deploy 1.5, hotfix 1.5, rollback 0.7, verification failed 2, nothing verified it 1.3, gates
 *                passed by hand 1.5, its image no longer ran at T 0.5
 *
 * Every factor is shown with a sentence. Ties go to the later finish, then to the name.
 *
 * @throws UserError `input-invalid` for a time or window that cannot be read
 */
export function suspects(question: Question, events: readonly DeployEvent[], graph: Graph): Suspects {
  const dependencies = new Map([...graph.nodes].map(([name, node]) => [name, node.dependencies]));
  return rankSuspects(question, deployRows(events), dependencies);
}

/** The same for rows of the board's history: the page asks with what it has. */
export function rankSuspects(
  question: Question,
  deploys: readonly SuspectDeploy[],
  dependencies: Dependencies,
): Suspects {
  const asked = readQuestion(question);
  const here = deploys.filter((it) => it.environment === asked.environment);
  const candidates = here.filter((it) => couldMatter(it) && touchesWindow(it, asked));
  const ways = asked.service === undefined ? undefined : waysFrom(asked.service, dependencies);
  const ranked = candidates
    .map((it) => weigh(it, { question: asked, ways, replacedBy: replacedBefore(it, asked, here) }))
    .sort(byScore);
  return {
    question: {
      at: question.at,
      environment: asked.environment,
      service: asked.service,
      windowMs: asked.windowMs,
    },
    ranked: ranked.slice(0, SUSPECTS_SHOWN),
    more: Math.max(0, ranked.length - SUSPECTS_SHOWN),
    ruledOut: ruledOut(asked, here, candidates, dependencies),
    rollbackOrder: rollbackOrder(ranked),
    hints: [...trains(candidates), ...strangers(asked, here, dependencies)],
  };
}

function touchesWindow(deploy: SuspectDeploy, { at, from }: AskedQuestion): boolean {
  return Date.parse(deploy.started) <= at && endOf(deploy) + BAKE_MS >= from;
}

/** What has no end yet is not over. */
const endOf = (deploy: SuspectDeploy): number =>
  deploy.finished === null ? Number.POSITIVE_INFINITY : Date.parse(deploy.finished);

function weigh(deploy: SuspectDeploy, scene: Scene): Suspect {
  const factors = factorsOf(deploy, scene);
  return { deploy, factors, score: factors.reduce((product, it) => product * it.value, 1) };
}

/** The first deploy of the same service that went live after this one and before T. */
function replacedBefore(
  deploy: SuspectDeploy,
  { at }: AskedQuestion,
  here: readonly SuspectDeploy[],
): SuspectDeploy | undefined {
  const [mine, end] = [deploy.service, endOf(deploy)];
  return here
    .filter((it) => it.service === mine && it.status === 'success' && it.changed && it.digest !== deploy.digest)
    .filter((it) => endOf(it) > end && endOf(it) <= at)
    .reduce<SuspectDeploy | undefined>((a, b) => (a === undefined || endOf(b) < endOf(a) ? b : a), undefined);
}

function byScore(a: Suspect, b: Suspect): number {
  if (a.score !== b.score) return b.score - a.score;
  const [endA, endB] = [endOf(a.deploy), endOf(b.deploy)];
  if (endA !== endB) return endB - endA;
  return byName(a.deploy.service, b.deploy.service) || byName(a.deploy.id, b.deploy.id);
}

/** To go back is to undo the last step first. A rollback and a removal are no steps to be undone. */
function rollbackOrder(ranked: readonly Suspect[]): readonly SuspectDeploy[] {
  return ranked
    .filter(({ factors, deploy }) => {
      return !factors.some((it) => it.name === 'left-before') && !deploy.rollback && deploy.kind !== 'remove';
    })
    .map(({ deploy }) => deploy)
    .sort((a, b) => {
      const [endA, endB] = [endOf(a), endOf(b)];
      return endA === endB ? byName(a.service, b.service) : endB - endA;
    });
}

/** Deploys of one commit went out together: they carry one change, and are best taken back together. */
function trains(candidates: readonly SuspectDeploy[]): readonly string[] {
  const byCommit = new Map<string, Set<ServiceName>>();
  for (const { commit, service } of candidates) {
    byCommit.set(commit, (byCommit.get(commit) ?? new Set()).add(service));
  }
  return [...byCommit]
    .filter(([, services]) => services.size > 1)
    .sort(([a], [b]) => byName(a, b))
    .map(
      ([commit, services]) =>
        `${listed([...services].sort(byName))} went out in one train (commit ${commit.slice(0, 12)}): look at what they share.`,
    );
}

function strangers(
  { service, environment }: AskedQuestion,
  here: readonly SuspectDeploy[],
  dependencies: Dependencies,
): readonly string[] {
  if (service === undefined || dependencies.has(service)) return [];
  const seen = here.some((it) => it.service === service) ? '' : `, and was never deployed to ${environment}`;
  return [`${service} is not in the graph of services${seen}: distance says nothing here.`];
}
