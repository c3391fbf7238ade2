import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { detect, explain, matrixOf, reasonsFile } from '../detect/index.ts';
import { writeWhole } from '../io/files.ts';
import { type ActionFlow, type ActionResult, type InputValues, markdownText, type World } from '../io/runner/index.ts';
import {
  type Checkout,
  type Commit,
  type Config,
  formatDuration,
  type Graph,
  messageOf,
  problem,
  type Selection,
  type Service,
  type StreamReading,
  UserError,
  userError,
  type Verdict,
} from '../model/index.ts';
import { readDependencies } from './graph.ts';
import { openLedger, openWorkTree, pathInRepository, readConfig, streamNameOf } from './house.ts';
import type { detectAction } from './interface/index.ts';

type Inputs = InputValues<typeof detectAction.inputs>;
type Result = ActionResult<keyof typeof detectAction.outputs>;

/** Finds the services whose inputs differ from what their environments run. */
export const detectFlow: ActionFlow<typeof detectAction.inputs, keyof typeof detectAction.outputs> = { main };

/** Services that the log and the summary explain; the file of reasons has all. */
const EXPLAINED = 20;
/** Circles of dependencies that are told. */
const CIRCLES_TOLD = 3;

async function main(inputs: Inputs, world: World): Promise<Result> {
  const started = world.clock.now();
  const checkout = await openWorkTree(world);
  const config = await configured(inputs, checkout, world);
  refuseClasses(inputs, config);
  const ledger = await readLedger(config, checkout, world);
  const { graph, importsSince } = await readDependencies(checkout, config, world);
  tellCircles(graph, world);
  const selection = await detect({
    config,
    graph,
    run: world.run,
    checkout,
    request: {
      base: inputs.base,
      head: inputs.head,
      select: selectOf(inputs.select),
      environments: inputs.environments.length > 0 ? inputs.environments : undefined,
      onUnknownBase: inputs['on-unknown-base'],
    },
    stream: ledger.stream,
    streamNote: ledger.note,
    configAt: (commit) => configAt(commit, inputs, checkout, world),
    importsSince,
  });
  return resultOf(selection, config, started, world);
}

/** Services from the input, else from the files. YAML and schemas are loaded only here. */
async function configured(inputs: Inputs, checkout: Checkout, world: World): Promise<Config> {
  if (inputs.services === undefined) return readConfig(checkout, inputs.config, world);
  const { inlineConfig } = await import('../config/index.ts');
  return inlineConfig(inputs.services, { repository: world.run.repository });
}

/** The configuration as it was; undefined when it was not there or cannot be read any more. */
async function configAt(commit: Commit, inputs: Inputs, checkout: Checkout, world: World): Promise<Config | undefined> {
  if (inputs.services !== undefined) return undefined;
  const { loadConfig } = await import('../config/index.ts');
  const file = pathInRepository(checkout.root, world.directory, inputs.config);
  try {
    return await loadConfig(checkout.at(commit), { file, repository: world.run.repository });
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
    if (!(error instanceof UserError)) throw error;
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

function refuseClasses(inputs: Inputs, config: Config): void {
  const refused = config.environments.find(
    (it) => inputs.environments.includes(it.name) && inputs['refuse-classes'].includes(it.class),
  );
  if (refused === undefined) return;
  throw userError(
    'input-invalid',
    `The environment ${refused.name} is of class ${refused.class}, which is refused here.`,
    {
      remedy:
        'Build and deploy in separate jobs: the deploy job then needs no rights to push images, and the build job none to deploy.',
    },
  );
}

function selectOf(text: string): 'changed' | 'all' | readonly string[] {
  return text === 'changed' || text === 'all' ? text : text.split(/[\s,]+/).filter((it) => it !== '');
}

async function resultOf(selection: Selection, config: Config, started: number, world: World): Promise<Result> {
  const chosen = selection.verdicts.filter((it) => it.selected);
  const names = chosen.map((it) => it.service);
  const { matrix, chunks } = matrixOf(selection, config);
  if (chunks.length > 1) {
    const sentence = `${names.length} services are selected; the output \`matrix\` has the first ${matrix.include.length}.`;
    world.log.error(
      problem('config-invalid', sentence, { remedy: 'Use `matrix-chunks`: one matrix job for each chunk.' }),
    );
  }
  const file = await writeReasons(selection, world);
  const base = onlyBase(selection.verdicts);
  for (const it of selection.warnings) world.log.warning(it);
  tell(selection, chosen, world);
  return {
    ok: true,
    status: chosen.length > 0 ? 'changed' : 'unchanged',
    reason: undefined,
    sentence: `${chosen.length} of ${selection.verdicts.length} services selected in ${formatDuration(world.clock.now() - started)}`,
    outputs: {
      any: String(chosen.length > 0),
      count: String(chosen.length),
      services: JSON.stringify(names),
      matrix: JSON.stringify(matrix),
      'matrix-chunks': JSON.stringify(chunks),
      removed: JSON.stringify(selection.removed),
      base: base ?? '',
      head: selection.head,
      'reasons-file': file,
    },
    summary: summaryOf(selection, chosen),
    report: {
      count: chosen.length,
      services: names,
      removed: selection.removed,
      head: selection.head,
      base: base ?? null,
      'duration-ms': world.clock.now() - started,
    },
  };
}

async function writeReasons(selection: Selection, world: World): Promise<string> {
  const folder = join(world.temp, 'slipway');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `reasons-${randomUUID()}.json`);
  await writeWhole(file, world.redact(`${JSON.stringify(reasonsFile(selection), null, 1)}\n`));
  return file;
}

/** The base, when all services have one and the same. */
function onlyBase(verdicts: readonly Verdict[]): Commit | undefined {
  const commits = new Set(verdicts.flatMap((it) => it.bases.map((base) => base.commit)));
  const [only] = commits;
  return commits.size === 1 ? only : undefined;
}

function tell(selection: Selection, chosen: readonly Verdict[], world: World): void {
  const lines = chosen.slice(0, EXPLAINED).flatMap((it) => explain(it));
  const more = chosen.length > EXPLAINED ? [`… and ${chosen.length - EXPLAINED} more`] : [];
  const removed = selection.removed.map((name) => `${name}: removed`);
  world.log.group('Why', [...lines, ...more, ...removed.slice(0, EXPLAINED)]);
}

function summaryOf(selection: Selection, chosen: readonly Verdict[]): string {
  const rows = chosen.slice(0, EXPLAINED).map((it) => {
    const [name = '', ...why] = [it.service, ...explain(it)];
    return `| ${markdownText(name)} | ${why.map(markdownText).join('<br>')} |`;
  });
  const more = chosen.length > EXPLAINED ? [`\n… and ${chosen.length - EXPLAINED} more.`] : [];
  const table = rows.length > 0 ? ['| Service | Why |', '| --- | --- |', ...rows] : [];
  const removed =
    selection.removed.length > 0
      ? ['', `Removed: ${selection.removed.slice(0, EXPLAINED).map(markdownText).join(', ')}`]
      : [];
  return [
    `### ${chosen.length} of ${selection.verdicts.length} services selected`,
    '',
    ...table,
    ...more,
    ...removed,
    '',
  ].join('\n');
}
