import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import {
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
  type Trust,
} from '../build/index.ts';
import type { World } from '../io/runner/index.ts';
import { type Digest, type ImagePlan, type ImageRef, once, type Registry } from '../model/index.ts';

interface StepFacts {
  readonly plan: ImagePlan;
  readonly registry: Registry;
  /** Whose images are taken. */
  readonly trust: Trust;
  /** What images of this run are signed with. */
  readonly signingKey: KeyObject | undefined;
  /** The service's folder, absolute. */
  readonly cwd: string;
  readonly order: CommitOrder;
}

/** What stands between an image and its tags in one run, and what came of it. */
export class BuildSteps implements PublishSteps {
  readonly #facts: StepFacts;
  readonly #machine: GateMachine;
  readonly #fetched: string;
  #gates: readonly GateResult[] = [];
  #digest: Digest | undefined;
  #signature: Digest | undefined;

  constructor(facts: StepFacts, world: World) {
    const { env, log, redact, clock, signal } = world;
    const { reuseKey } = facts.plan.settings;
    const withheld = reuseKey?.private === undefined ? [] : [reuseKey.private.env, 'COSIGN_PASSWORD'];
    this.#facts = facts;
    this.#machine = { env, withheld, cwd: facts.cwd, log, redact, clock, signal };
    this.#fetched = join(world.temp, 'slipway', `fetched-${facts.plan.service}`);
  }

  /** What the gates said, in the order of the configuration. */
  get gates(): readonly GateResult[] {
    return this.#gates;
  }

  /** Of the image that the gates looked at. */
  get digest(): Digest | undefined {
    return this.#digest;
  }

  /** What was attached to the image as its signature; undefined when it was not signed now. */
  get signature(): Digest | undefined {
    return this.#signature;
  }

  get order(): CommitOrder {
    return this.#facts.order;
  }

  readonly accepts = async (image: ImageRef): Promise<boolean> => {
    const { trust, plan } = this.#facts;
    return (await prove(trust, image, plan.key)).kind === 'proven';
  };

  readonly beforeTags = async ({ image, built }: Candidate): Promise<void> => {
    const { registry } = this.#facts;
    const layout = () =>
      built === undefined ? fetchLayout(registry, image, this.#fetched) : completeLayout(registry, built);
    await this.#pass(image.digest, image, layout);
    // An image that was there is not vouched for: this run has not seen how it was made.
    if (built !== undefined) await this.#sign(image);
  };

  /** The gates of an image that is pushed nowhere, or that is there and gets no tag. Throws as {@link beforeTags} does. */
  async withoutTags(image: ImageRef, directory: string | undefined): Promise<void> {
    const layout = () =>
      directory === undefined ? fetchLayout(this.#facts.registry, image, this.#fetched) : Promise.resolve(directory);
    await this.#pass(image.digest, directory === undefined ? image : undefined, layout);
  }

  async #pass(digest: Digest, image: ImageRef | undefined, layout: GateSubject['layout']): Promise<void> {
    const { service, settings } = this.#facts.plan;
    const subject: GateSubject = { service, digest, image, layout: once(layout) };
    this.#digest = digest;
    this.#gates = await runGates(settings.gates, subject, this.#machine);
    mustPass(subject, this.#gates);
  }

  async #sign(image: ImageRef): Promise<void> {
    const { signingKey, trust, registry, plan } = this.#facts;
    if (signingKey === undefined) return;
    // A build that comes out the same was signed before.
    if (trust.kind === 'proven' && (await this.accepts(image))) return;
    this.#signature = await signImage(registry, image, plan.key, signingKey);
  }
}
