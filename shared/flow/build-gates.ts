import type { GateResult } from '../build/index.ts';
import { type ActionResult, markdownBlock, markdownText } from '../io/runner/index.ts';
import { formatDuration, type ImagePlan, type Json, type UserError } from '../model/index.ts';
import type { StepOutcome } from './build-steps.ts';
import type { buildAction } from './interface/index.ts';

/** What becomes of an image that a gate did not let pass: it has no tag, no output names it, and what the gates said is shown. */
export function gateFailed(
  plan: ImagePlan,
  { gates, digest }: StepOutcome,
  { problems }: UserError,
): ActionResult<keyof typeof buildAction.outputs> {
  const [{ sentence, remedy } = { sentence: '', remedy: '' }] = problems;
  const known = { 'content-key': plan.key.value, version: plan.version };
  return {
    ok: false,
    status: 'gate-failed',
    reason: 'gate-failed',
    sentence,
    remedy,
    outputs: { ...known, image: '', digest: '', tags: '[]', reused: 'false', layout: '' },
    summary: [`### ${markdownText(plan.service)}: gate-failed`, '', ...gateLines(gates), ''].join('\n'),
    report: { ...known, service: plan.service, digest: digest ?? null, tags: [], gates: gates.map(gateReport) },
  };
}

/** Lines of a report about one gate: the log has all of its output. */
const REPORTED_LINES = 10;

const MARKS = { passed: '✓', failed: '✗', 'left-out': '–' } as const;

/** The gates as Markdown: one line each, and the end of the output of those that did not pass. */
export function gateLines(gates: readonly GateResult[]): readonly string[] {
  return gates.flatMap(({ verdict, sentence, output, durationMs }) => [
    `- ${MARKS[verdict]} ${markdownText(sentence)}${verdict === 'left-out' ? '' : ` (${formatDuration(durationMs)})`}`,
    ...(output.length === 0 ? [] : gateOutput(verdict, output)),
  ]);
}

const gateOutput = (verdict: GateResult['verdict'], output: readonly string[]): readonly string[] => [
  '',
  `<details${verdict === 'failed' ? ' open' : ''}><summary>Its last lines</summary>`,
  '',
  markdownBlock(output),
  '',
  '</details>',
  '',
];

/** A gate in the `report` output. */
export const gateReport = ({ name, verdict, sentence, output, durationMs }: GateResult): Json => ({
  name,
  verdict,
  sentence,
  'duration-ms': durationMs,
  output: output.slice(-REPORTED_LINES),
});
