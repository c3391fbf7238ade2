import {
  backoffMs,
  clip,
  type DeployEvent,
  formatDuration,
  mapBounded,
  messageOf,
  notYet,
  type Problem,
  problem,
  Refused,
  reasonOf,
  type SinkSettings,
  type UserError,
} from '../../model/index.ts';
import { KINDS } from './kinds.ts';
import type { Send, Sent, Sink, SinkDeps, SinkKind, SinkResult } from './sink.ts';
import { TryLater } from './sink.ts';

/** How often one event is sent to one sink, all within the sink's own time limit. */
const SINK_ATTEMPTS = 3;
const PAUSES = { first: 500, longest: 5_000 };
const SINKS_AT_ONCE = 8;
const LONGEST_WHY = 300;

/** What became of one event in all sinks. */
export interface Projection {
  /** Name of the sink → result. */
  readonly results: Readonly<Record<string, SinkResult>>;
  /** One for each sink that failed. */
  readonly warnings: readonly Problem[];
  /** Of those, the ones that are marked `required`: they fail the step. */
  readonly failed: readonly Problem[];
}

/** Makes sinks from their settings. Throws `not-yet` for a kind that this version does not have, `config-invalid`. */
export async function createSinks(
  settings: readonly SinkSettings[],
  deps: SinkDeps,
  kinds: Readonly<Record<string, () => Promise<SinkKind>>> = KINDS,
): Promise<readonly Sink[]> {
  return await Promise.all(
    settings.map(async (it) => {
      const load = Object.hasOwn(kinds, it.kind) ? kinds[it.kind] : undefined;
      if (load === undefined) throw unknownKind(it, kinds);
      return guard(it, (await load()).create(it, deps), deps);
    }),
  );
}

/** Sends one event to all sinks; a failure in one is no failure of another, nor of the deploy. */
export async function project(event: DeployEvent, sinks: readonly Sink[]): Promise<Projection> {
  const sent = await mapBounded(sinks, SINKS_AT_ONCE, async (sink) => ({ sink, result: await sink.send(event) }));
  const failures = sent.flatMap(({ sink, result }) =>
    result.kind === 'failed'
      ? [{ sink, it: problem('sink-failed', `The sink ${sink.name} did not take the event: ${result.why}.`) }]
      : [],
  );
  return {
    results: Object.fromEntries(sent.map(({ sink, result }) => [sink.name, result])),
    warnings: failures.map(({ it }) => it),
    failed: failures.filter(({ sink }) => sink.required).map(({ it }) => it),
  };
}

function guard(settings: SinkSettings, send: Send, deps: SinkDeps): Sink {
  const { environments } = settings;
  return {
    name: settings.name,
    required: settings.required,
    send: async (event) => {
      if (environments !== undefined && !environments.includes(event.env.name)) {
        return { kind: 'skipped', why: `it takes no events of ${event.env.name}` };
      }
      try {
        return resultOf(
          await within(deps, settings.timeoutMs, (signal) => repeat(deps, () => send(event, signal), signal)),
        );
      } catch (error) {
        return { kind: 'failed', why: clip(deps.redact(explain(error)), LONGEST_WHY) };
      }
    },
  };
}

const resultOf = (sent: Sent): SinkResult => (sent.kind === 'sent' ? { kind: 'ok', id: sent.id } : sent);

/** What we say about it, and what it came from. */
function explain(error: unknown): string {
  const [said, reason] = [messageOf(error), reasonOf(error)];
  return said.includes(reason) ? said : `${said} (${reason})`;
}

async function repeat(deps: SinkDeps, send: () => Promise<Sent>, signal: AbortSignal): Promise<Sent> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof Refused || tried >= SINK_ATTEMPTS || signal.aborted) throw error;
      const asked = error instanceof TryLater ? error.afterMs : 0;
      await deps.clock.sleep(Math.max(asked, backoffMs(PAUSES, tried, deps.random)), signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Gives up after a time, also on work that does not listen to its signal. */
async function within<T>(deps: SinkDeps, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const timer = deps.clock.sleep(ms, done.signal).then((): never | undefined => {
    if (done.signal.aborted) return undefined;
    late.abort();
    throw new Error(`no answer within ${formatDuration(ms)}`);
  });
  try {
    const working = work(late.signal);
    await Promise.race([working, timer]);
    return await working;
  } finally {
    done.abort();
  }
}

function unknownKind({ kind }: SinkSettings, kinds: object): UserError {
  const remedy = `Take it out, or use one of: ${Object.keys(kinds).sort().join(', ')}.`;
  return notYet({ key: 'sinks.kind', value: kind, remedy });
}
