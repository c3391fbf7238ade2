import { join } from 'node:path';
import {
  type Candidate,
  completeLayout,
  fetchLayout,
  type GateMachine,
  type GateResult,
  type GateSubject,
  mustPass,
  type PublishSteps,
  runGates,
} from '../build/index.ts';
import type { World } from '../io/runner/index.ts';
import { type Digest, type ImagePlan, type ImageRef, once, type Registry } from '../model/index.ts';

/** What stands between an image and its tags in one run, and what came of it. */
export class BuildSteps implements PublishSteps {
  readonly #plan: ImagePlan;
  readonly #registry: Registry;
  readonly #machine: GateMachine;
  readonly #fetched: string;
  #gates: readonly GateResult[] = [];
  #digest: Digest | undefined;

  /** @param cwd the service's folder, absolute */
  constructor(plan: ImagePlan, registry: Registry, world: World, cwd: string) {
    const { env, log, redact, clock, signal } = world;
    const { reuseKey } = plan.settings;
    const withheld = reuseKey?.private === undefined ? [] : [reuseKey.private.env];
    this.#plan = plan;
    this.#registry = registry;
    this.#machine = { env, withheld, cwd, log, redact, clock, signal };
    this.#fetched = join(world.temp, 'slipway', `fetched-${plan.service}`);
  }

  /** What the gates said, in the order of the configuration. */
  get gates(): readonly GateResult[] {
    return this.#gates;
  }

  /** Of the image that the gates looked at. */
  get digest(): Digest | undefined {
    return this.#digest;
  }

  /** An image of another run's is taken where whoever can write the registry is trusted. */
  readonly accepts = (): Promise<boolean> => Promise.resolve(this.#plan.settings.reuse === 'tag');

  readonly beforeTags = async ({ image, built }: Candidate): Promise<void> => {
    const layout = () =>
      built === undefined ? fetchLayout(this.#registry, image, this.#fetched) : completeLayout(this.#registry, built);
    await this.#pass(image.digest, image, layout);
  };

  /** The gates of an image that is pushed nowhere, or that is there and gets no tag. Throws as {@link beforeTags} does. */
  async withoutTags(image: ImageRef, directory: string | undefined): Promise<void> {
    if (directory === undefined)
      await this.#pass(image.digest, image, () => fetchLayout(this.#registry, image, this.#fetched));
    else await this.#pass(image.digest, undefined, () => Promise.resolve(directory));
  }

  async #pass(digest: Digest, image: ImageRef | undefined, layout: GateSubject['layout']): Promise<void> {
    const { service, settings } = this.#plan;
    const subject: GateSubject = { service, digest, image, layout: once(layout) };
    this.#digest = digest;
    this.#gates = await runGates(settings.gates, subject, this.#machine);
    mustPass(subject, this.#gates);
  }
}
