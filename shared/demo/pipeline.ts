import { join } from 'node:path';
import { Job, type StepOptions, type StepResult } from './runner/index.ts';
import type { Push, Shop } from './shop.ts';

/** What one service went through in one run. */
export interface ServiceRun {
  readonly service: string;
  readonly build: StepResult;
  /** Environment → how the deploy went; an environment that was not reached is missing. */
  readonly deploys: ReadonlyMap<string, StepResult>;
}

export interface PipelineRun {
  readonly push: Push;
  readonly detect: StepResult;
  readonly services: readonly ServiceRun[];
  readonly durationMs: number;
}

/** How many services go at the same time; each is a process or two. */
const SIDE_BY_SIDE = 4;
const ENVIRONMENTS = ['dev', 'production'] as const;

/** Runs the actions of the shop's workflow, one job each, in checkouts of their own. */
export class Pipeline {
  readonly #shop: Shop;
  readonly #folder: string;
  readonly #library: string;
  readonly #signal: AbortSignal;
  #runs = 0;
  #jobs = 0;

  /**
   * @param library folder with `actions/` and `dist/`
   * @param signal once it aborts, jobs that run are killed, and none begins
   */
  constructor(shop: Shop, folder: string, library: string, signal: AbortSignal) {
    this.#shop = shop;
    this.#folder = folder;
    this.#library = library;
    this.#signal = signal;
  }

  /** detect, then for each selected service: build, deploy to dev, promote to production; a red service holds nobody back. */
  async run(push: Push): Promise<PipelineRun> {
    const started = performance.now();
    this.#runs += 1;
    const run = this.#runs;
    const detect = await this.job(push, run, 'detect', { action: 'detect-changed-services' });
    const names = parseNames(detect.outputs['services'] ?? '[]');
    const services = await sideBySide(names, (service) => this.#service(push, run, service));
    return { push, detect, services, durationMs: performance.now() - started };
  }

  async #service(push: Push, run: number, service: string): Promise<ServiceRun> {
    const deploys = new Map<string, StepResult>();
    const build = await this.job(push, run, `build (${service})`, { action: 'build-and-tag-image', with: { service } });
    if (build.conclusion === 'failure') return { service, build, deploys };
    for (const environment of ENVIRONMENTS) {
      const image: Record<string, string> =
        environment === 'dev' ? { image: build.outputs['image'] ?? '' } : { 'promote-from': 'dev' };
      const result = await this.job(push, run, `deploy (${service}, ${environment})`, {
        action: 'deploy-to-env',
        with: { service, environment, ...image },
      });
      deploys.set(environment, result);
      if (result.conclusion === 'failure') break;
    }
    return { service, build, deploys };
  }

  /** One job with one step. Throws once the signal has aborted. */
  async job(
    push: Push,
    run: number,
    name: string,
    step: { readonly action: string; readonly attempt?: number; readonly home?: string } & Omit<StepOptions, 'uses'>,
  ): Promise<StepResult> {
    this.#signal.throwIfAborted();
    this.#jobs += 1;
    const workspace = join(this.#folder, 'work', `job-${this.#jobs}`);
    this.#shop.checkout(push.after, workspace);
    const job = new Job({
      node: process.execPath,
      library: this.#library,
      workspace,
      temp: join(this.#folder, 'temp', `job-${this.#jobs}`),
      token: 'demo-token-of-this-run',
      event: {
        name: 'push',
        payload: {
          ref: 'refs/heads/main',
          before: push.before,
          after: push.after,
          forced: false,
          repository: { default_branch: 'main' },
        },
      },
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: step.home ?? this.#folder,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_REF: 'refs/heads/main',
        GITHUB_SHA: push.after,
        GITHUB_RUN_ID: String(1000 + run),
        GITHUB_RUN_ATTEMPT: String(step.attempt ?? 1),
        GITHUB_JOB: name,
        GITHUB_ACTOR: 'dana',
        GITHUB_SERVER_URL: 'https://github.example',
      },
    });
    const kill = () => job.kill();
    this.#signal.addEventListener('abort', kill, { once: true });
    try {
      const result = await job.step({ ...step, uses: join(this.#library, 'actions', step.action) });
      await job.end();
      this.#signal.throwIfAborted();
      return result;
    } finally {
      this.#signal.removeEventListener('abort', kill);
    }
  }

  /** A new run id for a job outside `run`. */
  nextRun(): number {
    this.#runs += 1;
    return this.#runs;
  }
}

/** Does something for each item, a few at a time, and keeps the order. What fails is thrown when nothing goes on any more. */
async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  for (const it of await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, worker))) {
    if (it.status === 'rejected') throw it.reason;
  }
  return results;
}

function parseNames(text: string): readonly string[] {
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) ? names.filter((it): it is string => typeof it === 'string') : [];
}
