import { type ActionResult, markdownBlock, markdownText } from '../io/runner/index.ts';
import {
  type DeployEvent,
  type DeployPlan,
  formatDuration,
  formatImage,
  type Hold,
  type Problem,
  type Settled,
  type StreamName,
  type StreamState,
  short,
} from '../model/index.ts';
import type { deployAction } from './interface/index.ts';

type Result = ActionResult<keyof typeof deployAction.outputs>;

/** Holds that the summary and the report name. */
const HOLDS_TOLD = 5;

/** What the step says and hands on. */
export function deployResult(
  plan: DeployPlan,
  settled: Settled,
  journal: { readonly events: readonly DeployEvent[]; readonly state: StreamState | undefined } | undefined,
  verdict: { readonly ok: boolean; readonly failed: readonly Problem[] },
): Result {
  const [sink] = verdict.failed;
  const event = journal?.events.at(-1);
  const held = journal?.state?.held ?? [];
  const ok = verdict.ok && sink === undefined;
  const reason = verdict.ok && sink !== undefined ? sink.code : settled.reason;
  const durationMs = Math.max(0, Date.parse(settled.finishedAt) - Date.parse(settled.startedAt));
  const image = formatImage(plan.release.image);
  return {
    ok,
    status: settled.outcome,
    reason,
    sentence: verdict.ok && sink !== undefined ? sink.sentence : `${title(plan, settled)}. ${settled.sentence}`,
    outputs: {
      status: settled.outcome,
      reason: settled.reason ?? '',
      image,
      'previous-image': settled.previous === undefined ? '' : formatImage(settled.previous),
      changed: String(settled.changed),
      url: settled.url ?? '',
      event: event === undefined ? '' : JSON.stringify(event),
      'duration-ms': String(durationMs),
    },
    summary: deploySummary(plan, settled, held, durationMs),
    report: {
      service: plan.service,
      environment: plan.environment,
      mode: plan.mode,
      image,
      'previous-image': settled.previous === undefined ? null : formatImage(settled.previous),
      live: settled.live === undefined ? null : formatImage(settled.live),
      commit: plan.release.commit,
      version: plan.release.version,
      changed: settled.changed,
      url: settled.url ?? null,
      held: held.slice(0, HOLDS_TOLD).map(({ digest }) => digest),
      sentence: settled.sentence,
      gates: plan.gates.map((it) => ({ gate: it.gate, verdict: it.verdict, sentence: it.sentence })),
      event: event?.id ?? null,
      'duration-ms': durationMs,
    },
  };
}

function title({ service, environment, release }: DeployPlan, { outcome }: Settled): string {
  return `${service} ${release.version} in ${environment}: ${outcome}`;
}

function deploySummary(plan: DeployPlan, settled: Settled, held: readonly Hold[], durationMs: number): string {
  const rows = [
    [
      'Image',
      `\`${short(plan.release.image.digest)}\` (${markdownText(plan.release.version)}, commit \`${plan.release.commit.slice(0, 12)}\`)`,
    ],
    [
      'Before',
      plan.live === undefined ? 'nothing' : `\`${short(plan.live.image.digest)}\` (${markdownText(plan.live.version)})`,
    ],
    ['Runs now', settled.live === undefined ? 'nothing' : `\`${short(settled.live.digest)}\``],
    ...(held.length === 0 ? [] : [['Held', heldWords(held)]]),
    ['By', markdownText(plan.release.by)],
    ['Time', formatDuration(durationMs)],
    ...(settled.url === undefined ? [] : [['Address', markdownText(settled.url)]]),
    ...plan.gates
      .filter((it) => it.verdict !== 'passed')
      .map((it) => [`Gate ${it.gate}`, markdownText(`${it.verdict}: ${it.sentence}`)]),
  ];
  return [
    `### ${markdownText(title(plan, settled))}`,
    '',
    markdownText(settled.sentence),
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    ...checksOf(settled),
    ...evidenceOf(settled),
    ...plan.warnings.map((it) => `> ${markdownText(it)}\n`),
  ].join('\n');
}

/** What does not come back by itself, and why; the newest first. */
function heldWords(held: readonly Hold[]): string {
  const told = held.slice(0, HOLDS_TOLD).map(({ digest, by, reason }) => {
    const what = digest === null ? 'everything' : `\`${short(digest)}\``;
    return `${what} (${markdownText(`${by}: ${reason}`)})`;
  });
  const more = held.length - told.length;
  return `${told.join('<br>')}${more > 0 ? `<br>and ${more} more` : ''}`;
}

function checksOf({ checks }: Settled): readonly string[] {
  return checks.map(
    (it) =>
      `- ${it.passed ? 'passed' : 'failed'}: ${markdownText(it.name)}, ${markdownText(it.seen)}, ${it.attempts} attempts, ${formatDuration(it.durationMs)}`,
  );
}

function evidenceOf({ evidence }: Settled): readonly string[] {
  if (evidence === undefined) return [];
  return [
    '',
    `**Evidence.** ${markdownText(evidence.summary)}`,
    '',
    ...(evidence.log.length > 0 ? [markdownBlock(evidence.log)] : []),
    '',
  ];
}

export function cancelSummary(
  { service, environment }: Pick<StreamName, 'service' | 'environment'>,
  settled: Settled,
): string {
  return `### ${markdownText(`${service} in ${environment}: ${settled.outcome}`)}\n\n${markdownText(settled.sentence)}\n`;
}
