import type { ImageFacts } from '../image/index.ts';
import type { ImagePlan, Log, Registry } from '../model/index.ts';
import type { Layout } from './layout.ts';

/** Where layers are kept between builds; `actions` is the cache of GitHub Actions. */
export type LayerCache = 'registry' | 'actions' | 'off';

/** What a builder may need of the world. */
export interface BuildMachine {
  readonly registry: Registry;
  /** The action's environment; a builder that starts programs takes our own secrets out of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Is told every secret that the build is given: nothing leaves with it. */
  readonly learn: (secret: string) => void;
  readonly signal: AbortSignal;
}

/** One image to build. */
export interface BuildJob {
  readonly plan: ImagePlan;
  /** Absolute path of the work tree, from which files are named. */
  readonly root: string;
  /** Where the layout goes; what is there is replaced when the new one is whole. */
  readonly directory: string;
  /** Date of the commit, ISO 8601: what stands in an image where a time must. */
  readonly date: string;
  readonly cache: LayerCache;
}

/** What builds images of one kind. */
export interface Builder<Kind extends ImageFacts['builder']> {
  /** Builds what the facts describe into an OCI layout. Throws `build-failed`, `cancelled`, and what its kind may. */
  build(facts: FactsOf<Kind>, job: BuildJob, machine: BuildMachine): Promise<Layout>;
}

export type FactsOf<Kind extends ImageFacts['builder']> = Extract<ImageFacts, { readonly builder: Kind }>;
