import assets from 'board:assets';
import { mkdirSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { drawBoard, renderBoard } from '../board/index.ts';
import { isErrno } from '../io/disk.ts';
import { type ActionFlow, type ActionResult, type InputValues, markdownText, type World } from '../io/runner/index.ts';
import { writeWhole } from '../io/write-whole.ts';
import { messageOf, problem, type StreamState, type StreamStore, userError } from '../model/index.ts';
import { formatFinding, publishFold, readHistory, readStreams, verify } from '../record/index.ts';
import { type House, openHouse, openLedger } from './house.ts';
import type { boardAction } from './interface/index.ts';
import { type Swept, sweep } from './sweep.ts';

type Inputs = InputValues<typeof boardAction.inputs>;
type Result = ActionResult<keyof typeof boardAction.outputs>;

/** Closes what died, verifies and folds the ledger, and draws the board. */
export const boardFlow: ActionFlow<typeof boardAction.inputs, keyof typeof boardAction.outputs> = { main };

/** Findings that are told one by one; the board and the report have all. */
const FINDINGS_TOLD = 10;

async function main(inputs: Inputs, world: World): Promise<Result> {
  const house = await openHouse(inputs.config, world);
  const site = siteFolder(
    resolve(world.directory, inputs.output ?? join(world.temp, 'slipway-board')),
    house.checkout.root,
  );
  const store = openLedger(house.config.ledger, house.checkout.root, world);
  const swept = await sweep(await believedStates(store, world), house.config, store, world);
  const folded = inputs.push
    ? await publishFold({ store, clock: world.clock, random: world.random }, world.run.repository)
    : undefined;
  const { histories, events } = await readHistory(store);
  const found = folded?.findings ?? verify(histories, world.run.repository);
  const findings = found.map(formatFinding);
  const states = await believedStates(store, world);
  await writeSite(
    site,
    house,
    states,
    events.map((it) => it.event),
    findings,
    inputs.days,
    world,
  );
  tell(swept, findings, world);
  const ok = findings.length === 0;
  return {
    ok: true,
    status: ok ? 'published' : 'published-with-findings',
    reason: ok ? undefined : 'ledger-unbelievable',
    sentence: `${events.length} events, ${ok ? 'all verified' : `${findings.length} findings`}; the board is ${join(site, 'index.html')}`,
    outputs: { site, events: String(events.length), verified: String(ok) },
    summary: summaryOf(events.length, swept, findings),
    report: {
      events: events.length,
      verified: ok,
      findings,
      swept: swept.map((it) => `${it.service} in ${it.environment}: ${it.settled.outcome}`),
      root: folded?.root ?? null,
    },
  };
}

/** Makes the folder of the site before anything is written to the ledger. Refuses one whose files are not the board's to replace. */
function siteFolder(site: string, root: string): string {
  const [from, repository] = [`${site}${sep}`, `${root}${sep}`];
  if (repository.startsWith(from) || from.startsWith(join(root, '.git', sep))) {
    throw userError(
      'input-invalid',
      `The board cannot be written to ${site}: it is the repository, or git's own folder.`,
      {
        remedy: 'Name a folder of its own with `output`, such as `site`.',
      },
    );
  }
  try {
    mkdirSync(site, { recursive: true });
  } catch (thrown) {
    if (!isErrno(thrown, 'EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS')) throw thrown;
    throw userError('input-invalid', `The folder ${site} cannot be made: ${messageOf(thrown)}.`, {
      remedy: 'Name another folder with `output`.',
      cause: thrown,
    });
  }
  return site;
}

async function believedStates(store: StreamStore, world: World): Promise<readonly StreamState[]> {
  const view = await readStreams(store, 'all', world.run.repository);
  return [...view.streams.values()].flatMap((it) => (it.kind === 'believed' ? [it.state] : []));
}

async function writeSite(
  site: string,
  { config, graph }: House,
  states: readonly StreamState[],
  events: Parameters<typeof drawBoard>[0]['events'],
  findings: readonly string[],
  days: number,
  world: World,
): Promise<void> {
  const board = drawBoard({
    asOf: new Date(world.clock.now()).toISOString(),
    repository: world.run.repository,
    environments: config.environments,
    states,
    events,
    graph: await graph(),
    verification: { ok: findings.length === 0, findings },
    days,
  });
  for (const [name, text] of renderBoard(board, assets)) await writeWhole(join(site, name), text);
}

function tell(swept: readonly Swept[], findings: readonly string[], world: World): void {
  for (const { service, environment, settled } of swept)
    world.log.info(`settled: ${service} in ${environment}: ${settled.outcome}. ${settled.sentence}`);
  for (const finding of findings.slice(0, FINDINGS_TOLD)) world.log.warning(problem('ledger-unbelievable', finding));
}

function summaryOf(events: number, swept: readonly Swept[], findings: readonly string[]): string {
  return [
    `### Deploy board: ${events} events, ${findings.length === 0 ? 'all verified' : `${findings.length} findings`}`,
    '',
    ...swept.map(
      (it) =>
        `- settled: ${markdownText(`${it.service} in ${it.environment}: ${it.settled.outcome}. ${it.settled.sentence}`)}`,
    ),
    ...findings.slice(0, FINDINGS_TOLD).map((it) => `- ${markdownText(it)}`),
    '',
  ].join('\n');
}
