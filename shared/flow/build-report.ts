import { markdownText } from '../io/runner/index.ts';
import { formatDuration, formatImage, type ImagePlan, type RegistryTraffic, short } from '../model/index.ts';
import type { Built } from './build.ts';
import { gateLines } from './build-gates.ts';

/** The plan as lines for the log, before anything is written. */
export function describeImagePlan(plan: ImagePlan): readonly string[] {
  return [
    `${plan.decision.kind === 'reuse' ? 'reuse' : 'build'}: ${plan.decision.why}`,
    `builder: ${plan.builder}`,
    `repository: ${plan.repository}${plan.push ? '' : ' (not pushed)'}`,
    `content key: ${plan.key.value}`,
    ...Object.entries(plan.key.parts).map(([part, hash]) => `  ${part}: ${hash.slice(0, 16)}`),
    `version: ${plan.version}`,
    `tags: ${plan.tags.map((it) => it.tag).join(', ')}`,
  ];
}

/** The job summary: built or reused and why, digest, tags, sizes and seconds, and how to run it locally. */
export function buildSummary(
  built: Built,
  status: string,
  platforms: readonly string[],
  traffic: RegistryTraffic,
): string {
  const { plan, published } = built;
  const rows = [
    ['Image', `\`${plan.repository}@${short(built.image.digest)}…\``],
    ['Why', markdownText(plan.decision.why)],
    ['Version', markdownText(plan.version)],
    ['Tags', (published?.tags ?? []).map((tag) => `\`${tag}\``).join(' ') || 'none'],
    ['Platforms', platforms.join(', ')],
    ...(built.signature === undefined ? [] : [['Signature', `\`${short(built.signature)}…\``]]),
    ['Content key', `\`${plan.key.value.slice(0, 16)}…\``],
    [
      'Registry',
      `${traffic.requests} requests, ${traffic.uploads} uploads, ${kibibytes(traffic.uploadedBytes)}, ${traffic.retries} retries`,
    ],
    ['Time', formatDuration(built.durationMs)],
  ];
  const left = (published?.left ?? []).map(
    (it) => `- The tag \`${it.tag}\` was left at \`${short(it.digest)}\`: ${markdownText(it.why)}`,
  );
  return [
    `### ${markdownText(plan.service)}: ${status}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    ...left,
    ...gateLines(built.gates),
    ...(published === undefined ? [] : ['', '```console', `docker run --rm -P ${formatImage(built.image)}`, '```']),
    '',
  ].join('\n');
}

const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
