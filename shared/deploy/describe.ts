import { type DeployPlan, formatImage, type GateResult, short } from '../model/index.ts';

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
