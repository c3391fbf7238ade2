import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type BuildJob,
  type BuildMachine,
  buildImage,
  gatherImageFacts,
  type Layout,
  lookUp,
  type PublishSteps,
  type Trust,
} from '../../../shared/build/index.ts';
import type { Around } from '../../../shared/demo/registry.ts';
import { earlierTags, keyOf, type NativeFacts, planImage, type SourceFacts } from '../../../shared/image/index.ts';
import {
  type ImagePlan,
  type ImageSettings,
  type NativeSettings,
  type Registry,
  type Reuse,
  UserError,
} from '../../../shared/model/index.ts';
import { startWorld, type World } from '../../support/registry-world.ts';
import { NATIVE, SETTINGS, sourceFacts } from '../image/facts.ts';
import { fakeLog } from '../record/samples.ts';

/** A work tree with one service, and a registry beside it. */
export interface Workshop {
  readonly world: World;
  readonly root: string;
  /** For layouts and what is unpacked. */
  readonly scratch: string;
  /** Changes for what is built next. */
  settings: Partial<ImageSettings>;
  native: Partial<NativeSettings>;
  source: Partial<SourceFacts>;
  covers: (path: string) => boolean;
  now: number;
  readonly repository: string;
  put(path: string, text: string, mode?: number): Promise<void>;
  link(path: string, target: string): Promise<void>;
  facts(registry?: Registry): Promise<NativeFacts>;
  /** Facts, key, lookup and plan. */
  plan(options?: {
    force?: boolean;
    push?: boolean;
    registry?: Registry;
  }): Promise<{ facts: NativeFacts; plan: ImagePlan }>;
  /** Builds whatever the plan says. */
  build(options?: {
    force?: boolean;
    push?: boolean;
    registry?: Registry;
  }): Promise<{ facts: NativeFacts; plan: ImagePlan; layout: Layout }>;
  close(): Promise<void>;
}

export async function openWorkshop(options: { around?: Around } = {}): Promise<Workshop> {
  const world = await startWorld(options);
  const root = await mkdtemp(join(tmpdir(), 'slipway-build-'));
  let layouts = 0;
  const put = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode });
  };
  const workshop: Workshop = {
    world,
    root,
    scratch: await mkdtemp(join(tmpdir(), 'slipway-scratch-')),
    settings: {},
    native: {},
    source: {},
    covers: () => false,
    now: Date.UTC(2026, 0, 15),
    repository: world.at('acme/shop/checkout'),
    put,
    async link(path, target) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    },
    async facts(registry = world.client) {
      const native = { ...NATIVE, ...workshop.native };
      const image: ImageSettings = { ...SETTINGS, repository: workshop.repository, native, ...workshop.settings };
      const service = { name: 'checkout', path: 'services/checkout', image };
      const { covers, now } = workshop;
      const facts = await gatherImageFacts({
        root,
        service,
        covers,
        source: 'https://github.com/acme/shop',
        now,
        registry,
        scratch: workshop.scratch,
      });
      if (facts?.builder !== 'native') throw new Error('nothing that the native builder builds');
      return facts;
    },
    async plan({ force = false, push = true, registry = world.client } = {}) {
      const image = await workshop.facts(registry);
      const key = keyOf(image);
      const { repository, reuse } = image.settings;
      const source = sourceFacts(workshop.source);
      const earlier = earlierTags(image.settings.tags, source, key);
      const place = { repository, key, platforms: image.platforms, earlier };
      const lookup = await lookUp(registry, place, trustOf(reuse));
      return { facts: image, plan: planImage({ image, source, key, lookup, push, force, reuse }) };
    },
    async build(how = {}) {
      const { facts, plan } = await workshop.plan(how);
      layouts += 1;
      const directory = join(workshop.scratch, `layout-${layouts}`);
      const job: BuildJob = { plan, root, directory, date: '2026-01-02T23:30:00-03:00', cache: 'off' };
      const machine = { ...MACHINE, registry: how.registry ?? world.client };
      return { facts, plan, layout: await buildImage(facts, job, machine) };
    },
    async close() {
      await world.close();
      await rm(root, { recursive: true, force: true });
      await rm(workshop.scratch, { recursive: true, force: true });
    },
  };
  await put('services/checkout/src/server.js', 'console.log("hello")');
  await put('services/checkout/src/lib/money.js', 'export {}');
  return workshop;
}

export const MACHINE: Omit<BuildMachine, 'registry'> = {
  env: {},
  log: fakeLog(),
  learn: () => {},
  signal: new AbortController().signal,
};

/** As an action without keys has it: `verified` can prove nothing. */
const trustOf = (reuse: Reuse): Trust =>
  reuse === 'verified' ? { kind: 'proven', verifiers: [], why: 'nothing is there to verify.' } : { kind: 'anyone' };

/** As an action without gates takes them: an image of another run's where the plan trusts the registry. */
export const stepsOf = (plan: ImagePlan): PublishSteps => ({
  accepts: () => Promise.resolve(plan.settings.reuse === 'tag'),
  beforeTags: () => Promise.resolve(),
  order: {
    successors: () => Promise.resolve({ commits: [], rewritten: false }),
    dateOf: () => Promise.resolve(undefined),
  },
});

/** What a promise was rejected with, as an error for people. */
export async function failure(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (it: unknown) => it,
  );
  if (error instanceof UserError) return error;
  throw error;
}
