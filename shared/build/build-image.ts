import type { ImageFacts } from '../image/index.ts';
import { type ImagePlan, notYet, type Registry } from '../model/index.ts';
import type { Layout } from './layout.ts';
import { buildNative } from './native.ts';

/** Builds what the facts describe into an OCI layout, by the builder that they are for. */
export function buildImage(
  facts: ImageFacts,
  plan: Pick<ImagePlan, 'labels' | 'annotations'>,
  options: { readonly registry: Registry; readonly directory: string; readonly complete: boolean },
): Promise<Layout> {
  if (facts.builder === 'native') return buildNative(facts, plan, options);
  throw notYet({ key: 'image.builder', value: 'docker', service: facts.service });
}
