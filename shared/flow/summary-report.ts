import { type Chain, MAX_MATRIX_ROWS } from '../detect/index.ts';
import { type ActionResult, markdownText, type World } from '../io/runner/index.ts';
import { type Commit, formatImage, type Json, problem, short } from '../model/index.ts';
import type { GateVerdict } from './gate.ts';
import type { summaryAction } from './interface/index.ts';
import { type Ready, readyRows } from './ready.ts';
import type { RunRecord, StageRecord } from './run-record.ts';

type Result = ActionResult<keyof typeof summaryAction.outputs>;

/** What a run has brought, and what of it waits for an approval. */
export interface RunSummary {
  readonly records: readonly RunRecord[];
  readonly environments: readonly string[];
  readonly ready: readonly Ready[];
  readonly chain: Chain;
}

export const NOTHING_BROUGHT: RunSummary = {
  records: [],
  environments: [],
  ready: [],
  chain: { first: [], approvals: [], approved: [] },
};

/** Services that the summary lists. */
const MOST_LISTED = 200;
/** What `images` and `statuses` may take, in bytes each: both fit beside the other outputs of a job. */
const ROOM = 128 * 1024;

/** The step fails by the verdict alone. */
export function summaryResult(
  services: readonly string[],
  brought: RunSummary,
  verdict: GateVerdict | undefined,
  world: World,
): Result {
  const rows = readyRows(brought.ready, brought.chain, {});
  const sentence = verdict?.sentence ?? `${rows.length} services wait for ${brought.chain.approvals[0] ?? 'nobody'}.`;
  const ok = verdict?.ok !== false;
  return {
    ok,
    status: ok ? 'passed' : 'failed',
    reason: ok ? undefined : 'pipeline-failed',
    sentence,
    outputs: {
      services: JSON.stringify(services),
      images: fitted('images', imagesOf(brought.records), world),
      statuses: fitted('statuses', statusesOf(brought.records), world),
      ready: JSON.stringify(chunksOf(rows)),
      'ready-count': String(rows.length),
    },
    summary: [...statusTable(sentence, brought), ...approvalTable(brought, world)].join('\n'),
    report: { services: services.length, ready: rows.length },
  };
}

const chunksOf = <Row>(rows: readonly Row[]) =>
  Array.from({ length: Math.ceil(rows.length / MAX_MATRIX_ROWS) }, (_, at) => ({
    include: rows.slice(at * MAX_MATRIX_ROWS, (at + 1) * MAX_MATRIX_ROWS),
  }));

type Entries = readonly (readonly [string, Json])[];

/** The image that the run brought the farthest. */
function imagesOf(records: readonly RunRecord[]): Entries {
  return records.flatMap(({ service, stages }) => {
    const image = stages.findLast(({ stage }) => stage?.image !== undefined)?.stage?.image;
    return image === undefined ? [] : [[service.name, formatImage(image)] as const];
  });
}

function statusesOf(records: readonly RunRecord[]): Entries {
  return records.map(({ service, stages }) => {
    const reached = stages.flatMap(({ environment, stage }) => (stage ? [[environment, stage.status] as const] : []));
    return [service.name, Object.fromEntries(reached)];
  });
}

/** As many entries as there is room for; a warning tells when not all have any. */
function fitted(name: string, entries: Entries, { log }: World): string {
  let left = ROOM - 2;
  const fitting = entries.findIndex((entry) => {
    left -= Buffer.byteLength(JSON.stringify(entry));
    return left < 0;
  });
  if (fitting < 0) return JSON.stringify(Object.fromEntries(entries));
  log.warning(
    problem('config-invalid', `Only the first ${fitting} of ${entries.length} services have room in \`${name}\`.`, {
      remedy: 'Read the ledger where all are needed.',
    }),
  );
  return JSON.stringify(Object.fromEntries(entries.slice(0, fitting)));
}

function statusTable(sentence: string, { records, environments }: RunSummary): readonly string[] {
  const title = [`### ${markdownText(sentence)}`, ''];
  if (records.length === 0 || environments.length === 0) return title;
  const cellOf = (stages: readonly StageRecord[], environment: string) => {
    const found = stages.find((it) => it.environment === environment);
    return found === undefined ? '' : (found.stage?.status ?? 'not reached');
  };
  const rows = records
    .slice(0, MOST_LISTED)
    .map(({ service, stages }) => tableRow([service.name, ...environments.map((it) => cellOf(stages, it))]));
  return [
    ...title,
    tableRow(['Service', ...environments]),
    tableRow(['---', ...environments.map(() => '---')]),
    ...rows,
    ...more(records),
    '',
  ];
}

/** What the reviewers are asked about: services, digests, changes. */
function approvalTable({ ready, chain }: RunSummary, { run }: World): readonly string[] {
  if (ready.length === 0) return [];
  const rows = ready.slice(0, MOST_LISTED).map(({ service, image, version, commit, liveCommit }) => {
    const cells = [service.name, version, `\`${short(image.digest)}\``, chain.approved.join(', ')];
    return `| ${[...cells, changes(`${run.serverUrl}/${run.repository}`, liveCommit, commit)].join(' | ')} |`;
  });
  return [
    `### ${markdownText(`${chain.approvals[0] ?? ''} approves ${ready.length} services`)}`,
    '',
    tableRow(['Service', 'Version', 'Image', 'For', 'Changes']),
    tableRow(['---', '---', '---', '---', '---']),
    ...rows,
    ...more(ready),
    '',
  ];
}

function changes(repository: string, from: Commit | undefined, to: Commit): string {
  if (from === undefined) return `all of \`${to.slice(0, 12)}\`: nothing runs there yet`;
  const range = `${from.slice(0, 12)}...${to.slice(0, 12)}`;
  return from === to ? 'none' : `[${range}](${repository}/compare/${range})`;
}

const tableRow = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;

const more = (all: readonly unknown[]): readonly string[] =>
  all.length > MOST_LISTED ? ['', `… and ${all.length - MOST_LISTED} more.`] : [];
