import type { ImageFacts } from '../image/index.ts';
import type { Builder, BuildJob, BuildMachine, FactsOf } from './builder.ts';
import { docker } from './docker/builder.ts';
import type { Layout } from './layout.ts';
import { native } from './native.ts';
import { readyMade } from './ready-made.ts';

type Kind = ImageFacts['builder'];

/** The builders that there are. A new one is a file with a {@link Builder}, and its line here. */
const BUILDERS: { readonly [Each in Kind]: Builder<Each> } = { docker, native, source: readyMade };

/** Builds what the facts describe into an OCI layout, by the builder that they are for. */
export const buildImage = (facts: ImageFacts, job: BuildJob, machine: BuildMachine): Promise<Layout> =>
  buildWith(facts.builder, facts, job, machine);

function buildWith<Each extends Kind>(
  kind: Each,
  facts: FactsOf<Each>,
  job: BuildJob,
  machine: BuildMachine,
): Promise<Layout> {
  return BUILDERS[kind].build(facts, job, machine);
}
