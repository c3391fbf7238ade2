import { openDeployments } from '../io/github/index.ts';
import type { World } from '../io/runner/index.ts';
import { type Config, type DeployEvent, type Problem, userError } from '../model/index.ts';
import { createSinks, type Projection, project, type RecordingJournal, type Sink } from '../record/index.ts';

/** The sinks of a configuration, ready to be sent to. Throws `not-yet`, `config-invalid`. */
export async function openSinks(
  config: Pick<Config, 'sinks' | 'ledger'>,
  names: readonly string[],
  world: World,
): Promise<readonly Sink[]> {
  const known = config.sinks.map((it) => it.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const remedy = `Known are: ${known.join(', ') || 'none'}.`;
    throw userError('input-invalid', `There is no sink ${unknown.join(', ')}.`, { remedy });
  }
  const chosen = names.length === 0 ? config.sinks : config.sinks.filter((it) => names.includes(it.name));
  return await createSinks(chosen, {
    fetch: world.fetch,
    clock: world.clock,
    random: world.random,
    redact: world.redact,
    learn: world.learn,
    env: (name) => world.env[name],
    deployments: () =>
      openDeployments({ token: world.token ?? '', repository: world.run.repository, apiUrl: world.run.apiUrl }),
    streamOf: (event) => ({
      environment: event.env.name,
      service: event.service,
      repository: config.ledger.shared ? event.commit.repo : undefined,
    }),
  });
}

/** Sends what a journal writes to the sinks, in order, beside the deploy: a slow sink holds nothing up but the end of the step. */
export class SinkFeed {
  readonly #sinks: readonly Sink[];
  readonly #sent = new Set<DeployEvent>();
  readonly #results: Projection[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks;
  }

  /** Looks for events that the journal has made since, and sends them. */
  catchUp(journal: RecordingJournal | undefined): void {
    for (const event of journal?.events ?? []) this.send(event);
  }

  /** Sends one event, once. */
  send(event: DeployEvent): void {
    if (this.#sinks.length === 0 || this.#sent.has(event)) return;
    this.#sent.add(event);
    this.#queue = this.#queue.then(async () => {
      this.#results.push(await project(event, this.#sinks));
    });
  }

  /** Waits for all of them. Gives what failed: as warnings, and those that must not fail. */
  async settled(): Promise<{
    readonly warnings: readonly Problem[];
    readonly failed: readonly Problem[];
    readonly results: readonly Projection[];
  }> {
    await this.#queue;
    return {
      warnings: this.#results.flatMap((it) => it.warnings),
      failed: this.#results.flatMap((it) => it.failed),
      results: this.#results,
    };
  }
}
