import { loadConfig } from '../config/index.ts';
import { type DetectRequest, detect, type Head } from '../detect/index.ts';
import type { World } from '../io/runner/index.ts';
import {
  type Checkout,
  type Commit,
  type Config,
  type Graph,
  messageOf,
  type Problem,
  problem,
  type Selection,
  type Service,
  type StreamReading,
  UserError,
} from '../model/index.ts';
import { readDependencies } from './graph.ts';
import { openLedger, pathInRepository, streamNameOf } from './house.ts';

/** Circles of dependencies that are told. */
const CIRCLES_TOLD = 3;

/** What is asked, and where. */
export interface Asked {
  readonly checkout: Checkout;
  readonly config: Config;
  /** Path of slipway.yml from the working directory; undefined: the services came from an input. */
  readonly file: string | undefined;
  readonly request: DetectRequest;
  /** Where it was found before. */
  readonly head?: Head | undefined;
  /** Whether a file of the configuration lies behind a symbolic link. */
  readonly behindLinks?: boolean | undefined;
}

/** The answer, and the graph that it was found with. */
export interface Found {
  readonly selection: Selection;
  readonly graph: Graph;
}

/**
 * Reads the ledger and the dependencies, and has the services selected: what the action and the command line have in common.
 * Throws what detection throws; a ledger that cannot be read is told, and what it would have said counts as unknown.
 */
export async function findSelection(asked: Asked, world: World): Promise<Found> {
  const { checkout, config, request } = asked;
  const reading = [readLedger(config, checkout, world), readDependencies(checkout, config, world)] as const;
  const [ledger, { graph, importsSince }] = await Promise.all(reading);
  if (config.services.length === 0) world.log.warning(noService(asked));
  tellCircles(graph, world);
  const selection = await detect({
    config,
    graph,
    run: world.run,
    checkout,
    request,
    head: asked.head,
    behindLinks: asked.behindLinks,
    stream: ledger.stream,
    streamNote: ledger.note,
    configAt: (commit) => configAt(commit, asked, world),
    importsSince,
  });
  return { selection, graph };
}

/** Right in a repository that is yet to begin; elsewhere a slip in a pattern would make every run green that ships nothing. */
function noService({ file }: Asked): Problem {
  const where = file === undefined ? 'the input `services`' : `${file}`;
  const remedy =
    'Patterns of `services` lead to folders with a slipway.service.yml or a Dockerfile, from the root of the repository.';
  return problem('config-invalid', `There is no service in ${where}, so nothing will ever be selected.`, { remedy });
}

/** The configuration as it was; undefined when it was not there or cannot be read any more. */
async function configAt(commit: Commit, { checkout, file }: Asked, world: World): Promise<Config | undefined> {
  if (file === undefined) return undefined;
  try {
    return await loadConfig(checkout.at(commit), {
      file: pathInRepository(checkout.root, world.directory, file),
      repository: world.run.repository,
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.log.debug(`The configuration at ${commit} cannot be read: ${error.message}`);
    return undefined;
  }
}

interface Ledger {
  readonly stream: ((environment: string, service: Service) => StreamReading) | undefined;
  readonly note: string;
}

/** Where every stream stands, in one fetch. Without environments nothing is deployed, and nothing is asked. */
async function readLedger(config: Config, checkout: Checkout, world: World): Promise<Ledger> {
  if (config.environments.length === 0) return { stream: undefined, note: 'no environments are configured' };
  const { readStreams } = await import('../record/index.ts');
  try {
    const store = openLedger(config.ledger, checkout.root, world);
    const view = await readStreams(store, 'all', world.run.repository);
    const stream = (environment: string, service: Service) =>
      view.reading(streamNameOf(config, world.run.repository, service.name, environment), service.aliases);
    return { stream, note: '' };
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'git-missing') throw error;
    const sentence = `The ledger could not be read, so the base is not what runs: ${messageOf(error)}`;
    world.log.warning(
      problem('ledger-unavailable', sentence, { remedy: 'What cannot be compared counts as changed.' }),
    );
    return { stream: undefined, note: 'the ledger could not be read' };
  }
}

/** Detection works with them, but whoever made one did so by mistake more often than not. */
function tellCircles({ cycles }: Graph, world: World): void {
  for (const circle of cycles.slice(0, CIRCLES_TOLD)) {
    const sentence = `Services depend on each other in a circle, so a change to one selects all of it: ${[...circle, ...circle.slice(0, 1)].join(' → ')}.`;
    world.log.notice(problem('dependency-cycle', sentence));
  }
}
