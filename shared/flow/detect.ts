import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inlineConfig } from '../config/index.ts';
import { explain, type MadeOf, matrixOf, reasonsFile } from '../detect/index.ts';
import { type ActionFlow, type ActionResult, type InputValues, markdownText, type World } from '../io/runner/index.ts';
import {
  type Commit,
  type Config,
  formatDuration,
  problem,
  type Selection,
  type ServiceName,
  userError,
  type Verdict,
} from '../model/index.ts';
import { readConfig } from './house.ts';
import type { detectAction } from './interface/index.ts';
import { findSelection } from './selection.ts';
import { openSource, type Source } from './source.ts';

type Inputs = InputValues<typeof detectAction.inputs>;
type Result = ActionResult<keyof typeof detectAction.outputs>;

/** Finds the services whose inputs differ from what their environments run. */
export const detectFlow: ActionFlow<typeof detectAction.inputs, keyof typeof detectAction.outputs> = { main };

/** Services that the log and the summary explain; the file of reasons has all. */
const EXPLAINED = 20;

async function main(inputs: Inputs, world: World): Promise<Result> {
  const started = world.clock.now();
  const source = await openSource(world);
  const { checkout } = source;
  const config = await configured(inputs, source, world);
  refuseClasses(inputs, config);
  const { selection, graph } = await findSelection(
    {
      checkout,
      config,
      file: inputs.services === undefined ? inputs.config : undefined,
      request: {
        base: inputs.base,
        head: inputs.head,
        select: selectOf(inputs.select),
        environments: inputs.environments.length > 0 ? inputs.environments : undefined,
        onUnknownBase: inputs['on-unknown-base'],
      },
    },
    world,
  );
  return resultOf(selection, { config, graph }, started, world);
}

/** Services from the input, else from the files. */
async function configured(inputs: Inputs, { checkout, files, placed }: Source, world: World): Promise<Config> {
  if (inputs.services !== undefined) return inlineConfig(inputs.services, { repository: world.run.repository });
  return placed(await readConfig(checkout, inputs.config, world, files));
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

type House = Pick<MadeOf, 'graph'> & { readonly config: Config };

async function resultOf(selection: Selection, house: House, started: number, world: World): Promise<Result> {
  const chosen = selection.verdicts.filter((it) => it.selected);
  const names = chosen.map((it) => it.service);
  const { matrix, chunks } = matrixOf(selection, house.config);
  if (chunks.length > 1) {
    const sentence = `${names.length} services are selected; the output \`matrix\` has the first ${matrix.include.length}.`;
    world.log.error(
      problem('config-invalid', sentence, { remedy: 'Use `matrix-chunks`: one matrix job for each chunk.' }),
    );
  }
  const file = writeReasons(selection, world);
  const base = onlyBase(selection.verdicts);
  for (const it of selection.warnings) world.log.warning(it);
  const explained = isDebugged(world) ? inDetail(selection, house) : chosen.map(briefly);
  tell(selection, explained, world);
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
    summary: summaryOf(selection, chosen.length, explained),
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

/** Writes the reasons to a file of their own: there may be several detections in a job. */
function writeReasons(selection: Selection, { temp, redact, clock, random }: World): string {
  const scratch = join(temp, 'slipway');
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, `reasons-${clock.now().toString(36)}${random().toString(36).slice(2)}.json`);
  writeFileSync(file, redact(`${JSON.stringify(reasonsFile(selection), null, 1)}\n`), { flag: 'wx' });
  return file;
}

/** The base, when all services have one and the same. */
function onlyBase(verdicts: readonly Verdict[]): Commit | undefined {
  const commits = new Set(verdicts.flatMap((it) => it.bases.map((base) => base.commit)));
  const [only] = commits;
  return commits.size === 1 ? only : undefined;
}

/** A service with the lines that explain its verdict. */
interface Explained {
  readonly service: ServiceName;
  readonly lines: readonly string[];
}

const briefly = (verdict: Verdict): Explained => ({ service: verdict.service, lines: explain(verdict) });

/** Whether the run was started with its debug log on: then services that are left out are explained too. */
const isDebugged = ({ env }: World): boolean => env['RUNNER_DEBUG'] === '1';

function inDetail({ verdicts }: Selection, { config, graph }: House): readonly Explained[] {
  const services = new Map(config.services.map((it) => [it.name, it]));
  return verdicts.flatMap((verdict) => {
    const service = services.get(verdict.service);
    return service === undefined
      ? []
      : [{ service: service.name, lines: explain(verdict, { service, config, graph }) }];
  });
}

function tell({ removed }: Selection, explained: readonly Explained[], world: World): void {
  const lines = explained.slice(0, EXPLAINED).flatMap((it) => it.lines);
  const more = explained.length > EXPLAINED ? [`… and ${explained.length - EXPLAINED} more`] : [];
  const gone = removed.map((name) => `${name}: removed`);
  world.log.group('Why', [...lines, ...more, ...gone.slice(0, EXPLAINED)]);
}

function summaryOf({ verdicts, removed }: Selection, count: number, explained: readonly Explained[]): string {
  const rows = explained
    .slice(0, EXPLAINED)
    .map(({ service, lines }) => `| ${markdownText(service)} | ${lines.map(markdownText).join('<br>')} |`);
  const more = explained.length > EXPLAINED ? [`\n… and ${explained.length - EXPLAINED} more.`] : [];
  const table = rows.length > 0 ? ['| Service | Why |', '| --- | --- |', ...rows] : [];
  const gone = removed.slice(0, EXPLAINED).map(markdownText).join(', ');
  return [
    `### ${count} of ${verdicts.length} services selected`,
    '',
    ...table,
    ...more,
    ...(removed.length > 0 ? ['', `Removed: ${gone}`] : []),
    '',
  ].join('\n');
}
