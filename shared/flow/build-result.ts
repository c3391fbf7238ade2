import type { ActionResult } from '../io/runner/index.ts';
import { formatImage, type Json, type RegistryTraffic } from '../model/index.ts';
import type { Built } from './build.ts';
import { gateReport } from './build-gates.ts';
import { buildSummary } from './build-report.ts';
import type { buildAction } from './interface/index.ts';

/**
 * What a run that went well hands on.
 *
 * @param platforms of the plan, as text
 */
export function resultOf(
  built: Built,
  traffic: RegistryTraffic,
  platforms: readonly string[],
): ActionResult<keyof typeof buildAction.outputs> {
  const { plan, published } = built;
  const reused = plan.decision.kind === 'reuse' || published?.adopted === true;
  const status = reused ? 'reused' : plan.decision.kind === 'build' && plan.decision.forced ? 'forced' : 'built';
  // An image that was not pushed has no place that it could be pulled from.
  const image = published === undefined && !reused ? '' : formatImage(built.image);
  const tags = published?.tags ?? [];
  return {
    ok: true,
    status,
    reason: undefined,
    sentence: `${plan.service} ${plan.version}: ${status}, ${image || `${built.image.digest}, not pushed`}`,
    outputs: {
      image,
      digest: built.image.digest,
      tags: JSON.stringify(tags),
      reused: String(reused),
      'content-key': plan.key.value,
      version: plan.version,
      layout: built.layout ?? '',
    },
    summary: buildSummary(built, { status, image, platforms, traffic }),
    report: { ...identityOf(built), image, tags, reused, ...costsOf(built, traffic), ...stepsOf(built) },
  };
}

const identityOf = ({ plan, image, contents }: Built): Readonly<Record<string, Json>> => ({
  service: plan.service,
  builder: plan.builder,
  digest: image.digest,
  'content-key': plan.key.value,
  'key-parts': plan.key.parts,
  version: plan.version,
  why: plan.decision.why,
  contents: contents.map(({ platform, digest, layers }) => ({
    platform: platform ?? null,
    digest,
    layers: layers?.count ?? null,
    bytes: layers?.bytes ?? null,
  })),
});

const costsOf = ({ durationMs, laps }: Built, traffic: RegistryTraffic): Readonly<Record<string, Json>> => ({
  'duration-ms': durationMs,
  laps: laps.map(({ name, ms }) => ({ name, ms })),
  uploads: traffic.uploads,
  'uploaded-bytes': traffic.uploadedBytes,
  requests: traffic.requests,
  retries: traffic.retries,
});

const stepsOf = ({ outcome, published }: Built): Readonly<Record<string, Json>> => ({
  ...(outcome.gates.length === 0 ? {} : { gates: outcome.gates.map(gateReport) }),
  signature: outcome.signature ?? null,
  ...(outcome.cosigned ? { cosigned: true } : {}),
  ...(outcome.sboms === 0 ? {} : { sboms: outcome.sboms }),
  ...((published?.left.length ?? 0) === 0
    ? {}
    : { left: published?.left.map(({ tag, digest, why }) => ({ tag, digest, why })) ?? [] }),
});
