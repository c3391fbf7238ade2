import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain, type MadeOf, reasonsFile, rowsOf } from '../detect/index.ts';
import { type ActionResult, markdownText, type World } from '../io/runner/index.ts';
import {
  type Commit,
  type Config,
  formatDuration,
  isShipping,
  type Json,
  problem,
  type Selection,
  type ServiceName,
  type Verdict,
} from '../model/index.ts';
import { type FittedRows, fitNames, fitRows, LARGEST_LIST } from './detect-outputs.ts';
import type { Stages } from './detect-stages.ts';
import type { detectAction } from './interface/index.ts';

type Result = ActionResult<keyof typeof detectAction.outputs>;

/** Services that the log and the summary explain; the file of reasons has all. */
const EXPLAINED = 20;
/** Characters of the log that explain services; unless the debug log is on. */
const LARGEST_LOG = 6 * 1024;

type House = Pick<MadeOf, 'graph'> & { readonly config: Config };

/** A detection, and what it was made in. */
export interface Detected extends House {
  readonly selection: Selection;
  readonly stages: Stages;
}

/** Everything that a step says of a detection: log, outputs, summary, report, and the file of reasons. */
export function resultOf({ selection, stages, ...house }: Detected, started: number, world: World): Result {
  const { chain, runner, isPipeline } = stages;
  const chosen = selection.verdicts.filter((it) => it.selected);
  const rows = fitRows(rowsOf(selection, house.config, { runner, stages: isPipeline ? chain.first : undefined }));
  const removed = fitNames(selection.removed);
  const file = writeReasons(selection, world);
  const base = onlyBase(selection.verdicts);
  for (const it of selection.warnings) world.log.warning(it);
  tellWhatIsLeftOut({ rows, count: chosen.length, removed, all: selection.removed, file }, world);
  const isDetailed = isDebugged(world);
  const explained = isDetailed ? inDetail(selection, house) : chosen.slice(0, EXPLAINED).map(briefly);
  const count = isDetailed ? explained.length : chosen.length;
  tell(selection, explained, count, world);
  const duration = world.clock.now() - started;
  return {
    ok: true,
    status: chosen.length > 0 ? 'changed' : 'unchanged',
    reason: undefined,
    sentence: `${chosen.length} of ${selection.verdicts.length} services selected in ${formatDuration(duration)}`,
    outputs: {
      any: String(chosen.length > 0),
      count: String(chosen.length),
      services: JSON.stringify(rows.services),
      matrix: JSON.stringify(rows.matrix),
      'matrix-chunks': JSON.stringify(rows.chunks),
      stages: JSON.stringify({
        ships: isShipping(world.run),
        environments: chain.first,
        approval: chain.approvals[0] ?? '',
      }),
      removed: JSON.stringify(removed),
      base: base ?? '',
      head: selection.head,
      'reasons-file': file,
    },
    summary: summaryOf(selection, chosen.length, explained, count),
    report: {
      count: chosen.length,
      ...shortLists({ services: chosen.map((it) => it.service), removed: selection.removed }),
      head: selection.head,
      base: base ?? null,
      'duration-ms': duration,
    },
  };
}

/** The lists of a report; those that are too long are named under `omitted`. */
function shortLists(lists: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, Json>> {
  const all = Object.entries(lists);
  const omitted = all
    .filter(([, list]) => Buffer.byteLength(JSON.stringify(list)) > LARGEST_LIST)
    .map(([name]) => name);
  const kept = all.filter(([name]) => !omitted.includes(name));
  return { ...Object.fromEntries(kept), ...(omitted.length > 0 ? { omitted } : {}) };
}

interface LeftOut {
  readonly rows: FittedRows;
  readonly count: number;
  readonly removed: readonly string[];
  readonly all: readonly string[];
  readonly file: string;
}

/** No service is left out of an output without an error that says so. */
function tellWhatIsLeftOut({ rows, count, removed, all, file }: LeftOut, { log }: World): void {
  const shown = rows.services.length;
  if (shown < count) {
    const sentence = `${count} services are selected, and only the first ${shown} have room in \`services\`, \`matrix\` and \`matrix-chunks\`: all are in ${file}.`;
    const remedy = 'Run what is left out with `select`, or put less under `matrix` of the services.';
    log.error(problem('config-invalid', sentence, { remedy }));
  } else if (rows.chunks.length > 1) {
    const sentence = `${count} services are selected; the output \`matrix\` has the first ${rows.matrix.include.length}.`;
    log.error(problem('config-invalid', sentence, { remedy: 'Use `matrix-chunks`: one matrix job for each chunk.' }));
  }
  if (removed.length < all.length) {
    const sentence = `${all.length} services are no more, and only the first ${removed.length} have room in \`removed\`: all are in ${file}.`;
    log.error(problem('config-invalid', sentence, { remedy: 'Read the file where all are needed.' }));
  }
}

/** Writes the reasons to a file of their own: there may be several detections in a job. */
function writeReasons(selection: Selection, { temp, redact, clock, random }: World): string {
  const scratch = join(temp, 'slipway');
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, `reasons-${clock.now().toString(36)}${random().toString(36).slice(2)}.json`);
  writeFileSync(file, redact(reasonsFile(selection)), { flag: 'wx' });
  return file;
}

/** The base, when all services have one and the same. */
function onlyBase(verdicts: readonly Verdict[]): Commit | undefined {
  const lists = new Set(verdicts.map(({ bases }) => bases));
  const commits = new Set([...lists].flatMap((bases) => bases.map(({ commit }) => commit)));
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

function tell({ removed }: Selection, explained: readonly Explained[], count: number, world: World): void {
  const lines = explained.slice(0, EXPLAINED).flatMap((it) => it.lines);
  const more = count > EXPLAINED ? [`… and ${count - EXPLAINED} more`] : [];
  const gone = removed.slice(0, EXPLAINED).map((name) => `${name}: removed`);
  const all = [...lines, ...more, ...gone];
  world.log.group('Why', isDebugged(world) ? all : bounded(all));
}

/** The first lines, as far as the log should be read. */
function bounded(lines: readonly string[]): readonly string[] {
  let room = LARGEST_LOG;
  const fitting = lines.findIndex((line) => {
    room -= Buffer.byteLength(line) + 1;
    return room < 0;
  });
  return fitting < 0
    ? lines
    : [...lines.slice(0, fitting), `… and ${lines.length - fitting} more lines, in the summary`];
}

function summaryOf(
  { verdicts, removed }: Selection,
  count: number,
  explained: readonly Explained[],
  explainable: number,
): string {
  const rows = explained
    .slice(0, EXPLAINED)
    .map(({ service, lines }) => `| ${markdownText(service)} | ${lines.map(markdownText).join('<br>')} |`);
  const more = explainable > EXPLAINED ? [`\n… and ${explainable - EXPLAINED} more.`] : [];
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
