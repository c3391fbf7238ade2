import type { PlatformContent } from '../build/index.ts';
import { markdownText } from '../io/runner/index.ts';
import { formatDuration, type ImagePlan, type RegistryTraffic, short } from '../model/index.ts';
import type { Built } from './build.ts';
import { gateLines } from './build-gates.ts';
import type { StepOutcome } from './build-steps.ts';

/** The plan as lines for the log, before anything is written. */
export function describeImagePlan(plan: ImagePlan): readonly string[] {
  return [
    `${plan.decision.kind}: ${plan.decision.why}`,
    `builder: ${plan.builder}`,
    `repository: ${plan.repository}${plan.push ? '' : ' (not pushed)'}`,
    `content key: ${plan.key.value}`,
    ...Object.entries(plan.key.parts).map(([part, hash]) => `  ${part}: ${hash.slice(0, 16)}`),
    `version: ${plan.version}`,
    `tags: ${plan.tags.map((it) => it.tag).join(', ')}`,
  ];
}

interface SummaryFacts {
  readonly status: string;
  /** `''` when it is in no registry. */
  readonly image: string;
  readonly platforms: readonly string[];
  readonly traffic: RegistryTraffic;
}

/** The job summary: built or reused and why, digests, tags, sizes and seconds, gates, and how to run it locally. */
export function buildSummary(built: Built, facts: SummaryFacts): string {
  const { plan, published, outcome } = built;
  const left = (published?.left ?? []).map(
    (it) => `- The tag \`${it.tag}\` was left at \`${short(it.digest)}\`: ${markdownText(it.why)}`,
  );
  return [
    `### ${markdownText(plan.service)}: ${facts.status}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rowsOf(built, facts).map(([name, value]) => `| ${name} | ${value} |`),
    '',
    ...contentLines(built.contents, facts.platforms),
    ...left,
    ...gateLines(outcome.gates),
    ...(facts.image === '' ? [] : ['', '```console', `docker run --rm -P ${facts.image}`, '```']),
    '',
  ].join('\n');
}

function rowsOf(
  { plan, published, outcome, image, laps, durationMs }: Built,
  { platforms, traffic }: SummaryFacts,
): readonly (readonly [string, string])[] {
  return [
    ['Image', `\`${plan.repository}@${short(image.digest)}…\``],
    ['Why', markdownText(plan.decision.why)],
    ['Version', markdownText(plan.version)],
    ['Tags', (published?.tags ?? []).map((tag) => `\`${tag}\``).join(' ') || 'none'],
    ['Platforms', platforms.join(', ')],
    ['Builder', plan.builder],
    ['Content key', `\`${plan.key.value.slice(0, 16)}…\``],
    ...saidOf(outcome),
    [
      'Registry',
      `${traffic.requests} requests, ${traffic.uploads} uploads, ${size(traffic.uploadedBytes)}, ${traffic.retries} retries`,
    ],
    ['Time', `${formatDuration(durationMs)} (${laps.map((it) => `${it.name} ${formatDuration(it.ms)}`).join(', ')})`],
  ];
}

/** What was said about the image, and attached to it. */
function saidOf({ signature, cosigned, sboms }: StepOutcome): readonly (readonly [string, string])[] {
  const signatures = [
    ...(signature === undefined ? [] : [`of \`image.reuse-key\`, \`${short(signature)}…\``]),
    ...(cosigned ? ['of cosign'] : []),
  ];
  return [
    ...(signatures.length === 0 ? [] : [['Signature', signatures.join('; ')] as const]),
    ...(sboms === 0 ? [] : [['Components', `${sboms} ${sboms === 1 ? 'list' : 'lists'} attached`] as const]),
  ];
}

/** A table of the digests of each platform, with what it weighs where that is known. */
function contentLines(contents: readonly PlatformContent[], platforms: readonly string[]): readonly string[] {
  if (contents.length === 0) return [];
  const rows = contents.map(({ platform, digest, layers }) => {
    const name = platform ?? (contents.length === 1 ? platforms[0] : undefined) ?? 'unknown';
    return `| ${markdownText(name)} | \`${digest}\` | ${layers?.count ?? ''} | ${layers === undefined ? '' : size(layers.bytes)} |`;
  });
  return ['| Platform | Digest | Layers | Size |', '| --- | --- | ---: | ---: |', ...rows, ''];
}

const KIBIBYTE = 1024;

/** Bytes for people: `12.3 MiB`. */
function size(bytes: number): string {
  const unit = bytes < KIBIBYTE ** 2 ? (['KiB', KIBIBYTE] as const) : (['MiB', KIBIBYTE ** 2] as const);
  return `${(bytes / unit[1]).toFixed(1)} ${unit[0]}`;
}
