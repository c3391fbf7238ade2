import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import {
  attachSboms,
  type Candidate,
  type CommitOrder,
  completeLayout,
  fetchLayout,
  type GateMachine,
  type GateResult,
  type GateSubject,
  mustPass,
  type PublishSteps,
  prove,
  runGates,
  signImage,
  signWithCosign,
  type Trust,
} from '../build/index.ts';
import type { World } from '../io/runner/index.ts';
import { type Digest, type ImagePlan, type ImageRef, once, type Registry } from '../model/index.ts';
import type { Laps } from './build-laps.ts';

interface StepFacts {
  readonly plan: ImagePlan;
  readonly registry: Registry;
  /** Whose images are taken. */
  readonly trust: Trust;
  /** Whether images of this run are signed at all. */
  readonly signs: boolean;
  /** What they are signed with, so that others may take them. */
  readonly signingKey: KeyObject | undefined;
  /** The service's folder, absolute. */
  readonly cwd: string;
  readonly order: CommitOrder;
  readonly laps: Laps;
}

/** What became of an image before it got its tags. */
export interface StepOutcome {
  /** Of the image that the gates looked at. */
  readonly digest: Digest | undefined;
  /** What the gates said, in the order of the configuration. */
  readonly gates: readonly GateResult[];
  /** Lists of components that were attached. */
  readonly sboms: number;
  /** What was attached as the signature of `reuse-key`; undefined when it was not signed by it now. */
  readonly signature: Digest | undefined;
  readonly cosigned: boolean;
}

/** What stands between an image and its tags in one run. */
export class BuildSteps implements PublishSteps {
  readonly #facts: StepFacts;
  readonly #machine: GateMachine;
  readonly #fetched: string;
  #outcome: StepOutcome = { digest: undefined, gates: [], sboms: 0, signature: undefined, cosigned: false };

  constructor(facts: StepFacts, world: World) {
    const { env, log, redact, clock, signal } = world;
    this.#facts = facts;
    this.#machine = { env, withheld: keysOf(facts.plan), cwd: facts.cwd, log, redact, clock, signal };
    this.#fetched = join(world.temp, 'slipway', `fetched-${facts.plan.service}`);
  }

  get outcome(): StepOutcome {
    return this.#outcome;
  }

  get order(): CommitOrder {
    return this.#facts.order;
  }

  readonly accepts = async (image: ImageRef): Promise<boolean> => {
    const { trust, plan } = this.#facts;
    return (await prove(trust, image, plan.key)).kind === 'proven';
  };

  readonly beforeTags = async (candidate: Candidate): Promise<void> => {
    const { image, built, maker } = candidate;
    const { registry, laps } = this.#facts;
    const layout = once(() =>
      built === undefined ? fetchLayout(registry, image, this.#fetched) : completeLayout(registry, built),
    );
    await this.#pass(image.digest, image, layout);
    await this.#describe(candidate, layout);
    // An image that was there is not vouched for: this run has not seen how it was made.
    if (maker !== 'earlier') await this.#sign(image, maker);
    laps.next('tags');
  };

  /** The gates of an image that is pushed nowhere, or that is there and gets no tag. Throws as {@link beforeTags} does. */
  async withoutTags(image: ImageRef, directory: string | undefined): Promise<void> {
    const layout = () =>
      directory === undefined ? fetchLayout(this.#facts.registry, image, this.#fetched) : Promise.resolve(directory);
    await this.#pass(image.digest, directory === undefined ? image : undefined, once(layout));
  }

  async #pass(digest: Digest, image: ImageRef | undefined, layout: GateSubject['layout']): Promise<void> {
    const { plan, laps } = this.#facts;
    const { service, settings } = plan;
    laps.next('gates');
    const gates = await runGates(settings.gates, { service, digest, image, layout }, this.#machine);
    this.#outcome = { ...this.#outcome, digest, gates };
    mustPass({ service, digest }, gates);
  }

  async #describe({ image, manifest }: Candidate, layout: GateSubject['layout']): Promise<void> {
    const { plan, registry, laps } = this.#facts;
    if (!plan.settings.sbom) return;
    laps.next('components');
    const sboms = await attachSboms(registry, { image, manifest, layout }, this.#machine);
    this.#outcome = { ...this.#outcome, sboms };
  }

  async #sign(image: ImageRef, maker: Exclude<Candidate['maker'], 'earlier'>): Promise<void> {
    const { signingKey, trust, registry, plan, laps, signs } = this.#facts;
    laps.next('signatures');
    // A build that comes out the same was signed before.
    const known = trust.kind === 'proven' && (await this.accepts(image));
    // What is joined is vouched for as far as its parts were proven.
    const seen = maker === 'this-run' || trust.kind === 'proven';
    if (signingKey !== undefined && seen && !known) {
      const signature = await signImage(registry, image, plan.key, signingKey);
      this.#outcome = { ...this.#outcome, signature };
    }
    const { sign } = plan.settings;
    if (sign === undefined || !signs) return;
    // Its password is cosign's own business.
    await signWithCosign(image, sign, { ...this.#machine, withheld: [] });
    this.#outcome = { ...this.#outcome, cosigned: true };
  }
}

/** Variables that hold keys to sign with: no gate has any business with them. */
function keysOf({ settings }: ImagePlan): readonly string[] {
  const { reuseKey, sign } = settings;
  const cosign = sign?.cosign;
  const names = [reuseKey?.private?.env, typeof cosign === 'object' && 'env' in cosign ? cosign.env : undefined];
  const held = names.filter((it) => it !== undefined);
  return held.length === 0 ? [] : [...held, 'COSIGN_PASSWORD'];
}
