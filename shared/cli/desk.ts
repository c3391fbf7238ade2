import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type House, openHouse, openLedger } from '../flow/house.ts';
import { systemClock } from '../io/clock.ts';
import { readRun, secretsIn, type World } from '../io/runner/index.ts';
import {
  type DeployEvent,
  type Graph,
  type Log,
  openRedactor,
  type RunContext,
  type StreamState,
  UserError,
} from '../model/index.ts';
import { type Histories, type LedgerView, readHistory, readStreams } from '../record/index.ts';
import type { CommonOptions } from './options.ts';

/** Where questions are answered: the ledger, and the checkout beside it when there is one. */
export interface Desk {
  readonly world: World;
  /** Path of slipway.yml, from the working directory. */
  readonly file: string;
  /** undefined outside of a checkout with a configuration. */
  readonly house: House | undefined;
  readonly graph: () => Promise<Graph>;
  history(): Promise<{ readonly histories: Histories; readonly events: readonly DeployEvent[] }>;
  /** All streams; those that cannot be believed are in the view, not in the states. */
  streams(): Promise<{ readonly view: LedgerView; readonly states: readonly StreamState[] }>;
  /** `owner/repo` whose ledger it is. */
  repository(): Promise<string>;
}

const NO_GRAPH: Graph = { nodes: new Map(), cycles: [] };

export async function openDesk(options: CommonOptions, env: NodeJS.ProcessEnv, directory: string): Promise<Desk> {
  const world = deskWorld(env, directory, options.repository);
  const found = await houseOf(options.config, world);
  const settings = found?.config.ledger;
  const remote = options.remote === 'origin' ? (settings?.remote ?? 'origin') : options.remote;
  const ledger = { remote, shared: settings?.shared ?? false, token: settings?.token };
  const house = found === undefined ? undefined : { ...found, config: { ...found.config, ledger } };
  const store = openLedger(ledger, house?.checkout.root ?? directory, world);
  let read: ReturnType<Desk['history']> | undefined;
  const history = () => {
    read ??= readHistory(store).then(({ histories, events }) => ({ histories, events: events.map((it) => it.event) }));
    return read;
  };
  // Whoever asks beside a bare remote need not say whose ledger it is: its newest event does.
  const known = options.repository ?? env['GITHUB_REPOSITORY'];
  const repository = async () => known ?? (await history()).events.at(-1)?.commit.repo ?? world.run.repository;
  return {
    world,
    file: options.config,
    house,
    graph: async () => (await house?.graph()) ?? NO_GRAPH,
    history,
    repository,
    streams: async () => {
      const view = await readStreams(store, 'all', await repository());
      const states = [...view.streams.values()].flatMap((it) => (it.kind === 'believed' ? [it.state] : []));
      return { view, states };
    },
  };
}

/** Outside of a checkout, or without a configuration, the ledger alone answers; a configuration that is wrong is an error. */
async function houseOf(config: string, world: World): Promise<House | undefined> {
  try {
    return await openHouse(config, world);
  } catch (error) {
    if (error instanceof UserError && (error.code === 'config-missing' || error.code === 'not-a-repository'))
      return undefined;
    throw error;
  }
}

function deskWorld(env: NodeJS.ProcessEnv, directory: string, repository: string | undefined): World {
  const temp = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
  process.once('exit', () => rmSync(temp, { recursive: true, force: true }));
  const run: RunContext = readRun(env);
  return {
    run: repository === undefined ? run : { ...run, repository },
    env,
    directory,
    temp,
    token: env['GITHUB_TOKEN'],
    log: quietLog,
    ...openRedactor(secretsIn(env)),
    clock: systemClock,
    random: Math.random,
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
    saveState: () => {},
  };
}

/** The answer is what a command prints; what else there is to say goes to the error output. */
const say = (line: string) => {
  process.stderr.write(`${line}\n`);
};
const quietLog: Log = {
  info: say,
  debug: () => {},
  notice: (it) => say(`${it.code} ${it.sentence}`),
  warning: (it) => say(`${it.code} ${it.sentence} ${it.remedy}`),
  error: (it) => say(`${it.code} ${it.sentence} ${it.remedy}`),
  group: () => {},
  fold: () => () => {},
};
