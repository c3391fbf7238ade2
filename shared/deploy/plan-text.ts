import { type DeployPlan, formatImage, type GateResult, short } from '../model/index.ts';
import { type DeployFacts, isGated } from './facts.ts';
import { releaseName } from './names.ts';

/** The steps of a plan, each a line for people. */
export function stepsOf(plan: Omit<DeployPlan, 'steps' | 'warnings'>): readonly string[] {
  const { verdict, release, scope } = plan;
  if (verdict.kind === 'stop') return verdict.record ? [`record commit ${short(release.commit)} as what is live`] : [];
  const held = scope === 'stream' ? 'the whole stream' : short(release.image.digest);
  switch (plan.mode) {
    case 'hold':
      return [`hold ${held}`];
    case 'release':
      return [`end the hold of ${held}`];
    case 'remove':
      return [`take the lease of ${plan.environment}`, 'record the start', 'take the service down', 'record the end'];
    default:
      return imageSteps(plan);
  }
}

function imageSteps({ mode, release, live, environment, automatic }: Omit<DeployPlan, 'steps' | 'warnings'>) {
  const back = live === undefined ? 'take it down' : `bring ${releaseName(live)} back`;
  const failing = automatic ? `if it is bad: ${back}` : 'if it is bad: leave it, and keep the evidence';
  return [
    `take the lease of ${environment}`,
    'write the intent, record the start',
    `make ${formatImage(release.image)} (${release.version}) ready to run`,
    mode === 'rollback' ? 'switch to it in one wave' : 'switch to it',
    'wait until it is ready, and verify it',
    ...(mode === 'rollback' ? [] : [failing]),
    'record the end',
  ];
}

/** What the reader should know before it starts. */
export function warningsOf(
  facts: DeployFacts,
  { live, mode, verdict }: Pick<DeployPlan, 'live' | 'mode' | 'verdict'>,
): readonly string[] {
  const warnings: string[] = [];
  const place = facts.environment.name;
  if (facts.record === 'unbelievable') {
    warnings.push(`The record of ${place} cannot be believed: what is live, held or in doubt there is not known.`);
  }
  const writes = verdict.kind === 'go' && isGated(mode);
  if (writes && live === undefined) warnings.push('There is no image to go back to: if it fails, it is taken down.');
  if (facts.shows.kind === 'not-looked') {
    warnings.push(
      `What runs in ${place} is told by the ledger alone; its target was not looked at: ${facts.shows.why}`,
    );
  }
  if (live !== undefined && facts.shows.kind === 'digest' && facts.shows.digest !== live.image.digest) {
    warnings.push(
      `The ledger says that ${short(live.image.digest)} is live, but the target runs ${short(facts.shows.digest)}.`,
    );
  }
  return warnings;
}

const MARKS: Readonly<Record<GateResult['verdict'], string>> = {
  passed: 'passed    ',
  overridden: 'overridden',
  stopped: 'stopped   ',
};

/** The plan in lines for people: what, over what, each gate, the verdict, the steps. */
export function describePlan(plan: DeployPlan): readonly string[] {
  const { release, live, verdict } = plan;
  return [
    `${plan.mode} ${plan.service} in ${plan.environment}: ${release.version} from commit ${short(release.commit)}`,
    `  image    ${formatImage(release.image)}`,
    `  live     ${live === undefined ? 'nothing' : `${live.version} (${short(live.image.digest)}) since ${live.since}`}`,
    ...plan.gates.map((it) => `  ${MARKS[it.verdict]} ${it.gate}: ${it.sentence}`),
    ...plan.warnings.map((it) => `  warning  ${it}`),
    verdict.kind === 'go' ? '  verdict  go' : `  verdict  ${verdict.outcome}: ${verdict.sentence}`,
    ...plan.steps.map((step, at) => `  ${at + 1}. ${step}`),
  ];
}
