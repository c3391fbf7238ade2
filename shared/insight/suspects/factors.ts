import type { ServiceName } from '../../model/index.ts';
import { listed, span } from '../words.ts';
import type { AskedQuestion, SuspectDeploy } from './question.ts';

/** One reason to suspect a deploy, or to trust it. */
export interface Factor {
  readonly name: FactorName;
  /** What the score is multiplied by; 1 says nothing. */
  readonly value: number;
  readonly sentence: string;
}

export type FactorName =
  | 'time'
  | 'distance'
  | 'left-before'
  | 'first-deploy'
  | 'rollback'
  | 'hotfix'
  | 'verification'
  | 'overridden-gates';

/** Time constant of the factor time: after this long the suspicion has fallen to 1/e. */
const TAU_MS = 20 * 60_000;

/** Factors of distance by the graph: the service itself, what it calls, what that calls, anything else. */
const DISTANCE = { same: 1, direct: 0.6, transitive: 0.3, unrelated: 0.1 } as const;

/**
 * What changed hands. These are weights to order by, not probabilities: what is riskier than an ordinary deploy that
 * passed its checks is above 1, what is less risky below.
 */
const WEIGHT = {
  leftBefore: 0.5,
  first: 1.5,
  rollback: 0.7,
  hotfix: 1.5,
  failed: 2,
  unverified: 1.3,
  overridden: 1.5,
} as const;

/** What the factors need beside the deploy itself. */
export interface Scene {
  readonly question: AskedQuestion;
  /** From the service that was asked for to everything it depends on; undefined: no service was named. */
  readonly ways: ReadonlyMap<ServiceName, readonly ServiceName[]> | undefined;
  /** The deploy that replaced this one before T, if any. */
  readonly replacedBy: SuspectDeploy | undefined;
}

/** All factors that speak of one deploy, the two that always do first. */
export function factorsOf(deploy: SuspectDeploy, scene: Scene): readonly Factor[] {
  const distance = distanceFactor(deploy, scene);
  return [timeFactor(deploy, scene.question), ...distance, ...leftFactor(deploy, scene), ...changeFactors(deploy)];
}

function timeFactor(deploy: SuspectDeploy, { at }: AskedQuestion): Factor {
  const finished = deploy.finished === null ? undefined : Date.parse(deploy.finished);
  if (finished === undefined || finished > at) {
    const since = span(at - Date.parse(deploy.started));
    const end = deploy.finished === null ? ', and no end of it is recorded' : '';
    return { name: 'time', value: 1, sentence: `It was under way at T: started ${since} before${end}.` };
  }
  const gap = at - finished;
  return { name: 'time', value: Math.exp(-gap / TAU_MS), sentence: `It finished ${span(gap)} before T.` };
}

function distanceFactor(deploy: SuspectDeploy, { question, ways }: Scene): readonly Factor[] {
  if (ways === undefined) return [];
  const say = (value: number, sentence: string): readonly Factor[] => [{ name: 'distance', value, sentence }];
  const asked = question.service ?? '';
  const way = ways.get(deploy.service);
  if (way === undefined) return say(DISTANCE.unrelated, `${asked} does not depend on ${deploy.service}.`);
  if (way.length === 1) return say(DISTANCE.same, `It is ${asked} itself.`);
  if (way.length === 2) return say(DISTANCE.direct, `${asked} depends on ${deploy.service} directly.`);
  return say(DISTANCE.transitive, `${asked} depends on ${deploy.service} by way of ${listed(way.slice(1, -1))}.`);
}

function leftFactor(deploy: SuspectDeploy, { question, replacedBy }: Scene): readonly Factor[] {
  const name = 'left-before';
  const value = WEIGHT.leftBefore;
  const finished = deploy.finished === null ? Number.NaN : Date.parse(deploy.finished);
  if (deploy.outcome === 'rolled-back-after-failure' && finished <= question.at) {
    return [{ name, value, sentence: 'It took itself back, so its image no longer ran at T.' }];
  }
  if (replacedBy?.finished == null) return [];
  const when = span(question.at - Date.parse(replacedBy.finished));
  const verb = replacedBy.rollback ? 'rolled back' : 'replaced';
  return [{ name, value, sentence: `It was ${verb} ${when} before T, so its image no longer ran.` }];
}

function changeFactors(deploy: SuspectDeploy): readonly Factor[] {
  const factors: Factor[] = [];
  const add = (name: FactorName, value: number, sentence: string) => factors.push({ name, value, sentence });
  if (deploy.first) add('first-deploy', WEIGHT.first, 'It is the first deploy of this service here.');
  if (deploy.rollback) add('rollback', WEIGHT.rollback, 'It is a rollback: it went back to an image that ran before.');
  if (deploy.kind === 'hotfix') add('hotfix', WEIGHT.hotfix, 'It is a hotfix.');
  if (deploy.verified === 'failed') add('verification', WEIGHT.failed, 'Its verification failed.');
  if (deploy.verified === 'none') add('verification', WEIGHT.unverified, 'Nothing verified it.');
  if (deploy.overridden.length > 0) {
    const gates = `${deploy.overridden.length === 1 ? 'gate' : 'gates'} ${listed(deploy.overridden)}`;
    add('overridden-gates', WEIGHT.overridden, `The ${gates} had been passed by hand.`);
  }
  return factors;
}
