import { byName, deployRows, dora, followRenames, type Running, whatRuns } from '../insight/index.ts';
import type {
  Board,
  BoardCell,
  BoardEvent,
  BoardService,
  DeployEvent,
  Environment,
  EnvironmentName,
  Graph,
  Release,
  ServiceName,
  StreamState,
} from '../model/index.ts';
import { clipRow } from './clip.ts';
import { type Naming, naming } from './naming.ts';

/** Rows of history in the page; older ones stay in the ledger. */
export const HISTORY_ROWS = 5_000;
/** Findings of the verification that are listed. */
export const FINDINGS_SHOWN = 100;

/** What the board is drawn from, as it was read. */
export interface BoardFacts {
  /** ISO 8601 UTC: when the ledger was read. */
  readonly asOf: string;
  /** `owner/repo` whose board this is; services of other repositories in its ledger carry theirs in their name. */
  readonly repository: string;
  /** In promotion order. */
  readonly environments: readonly Pick<Environment, 'name' | 'class'>[];
  readonly states: readonly StreamState[];
  readonly events: readonly DeployEvent[];
  readonly graph: Graph;
  readonly verification: Board['verified'];
  /** Window of the metrics. */
  readonly days: number;
}

/** Draws the board: the facts as the page shows them, bounded, under the names of today. */
export function drawBoard(facts: BoardFacts): Board {
  const names = naming(facts);
  const events = followRenames(facts.events, facts.graph, facts.repository).map((event) => ({
    ...event,
    service: names.of(event.commit.repo, event.service),
  }));
  const rows = deployRows(events);
  return {
    v: 1,
    asOf: facts.asOf,
    repository: facts.repository,
    environments: environmentsOf(facts),
    services: servicesOf(facts, names, rows),
    history: rows.slice(0, HISTORY_ROWS).map(clipRow),
    metrics: dora(events, { now: facts.asOf, days: facts.days }),
    verified: { ok: facts.verification.ok, findings: facts.verification.findings.slice(0, FINDINGS_SHOWN) },
  };
}

/** The configured ones in promotion order, then those that only the ledger knows: previews, and what was taken out. */
function environmentsOf(facts: BoardFacts): Board['environments'] {
  const configured = facts.environments.map(({ name, class: kind }) => ({ name, class: kind }));
  const known = new Set(configured.map((it) => it.name));
  const classes = new Map(facts.events.map(({ env }) => [env.name, env.class]));
  const others = [...classes.keys(), ...facts.states.map((it) => it.environment)].filter((name) => !known.has(name));
  const found = [...new Set(others)].sort(byName);
  return [...configured, ...found.map((name) => ({ name, class: classes.get(name) ?? 'production' }))];
}

function servicesOf(facts: BoardFacts, names: Naming, rows: readonly BoardEvent[]): readonly BoardService[] {
  const cells = cellsOf(facts, names, rows);
  const all = new Set([...facts.graph.nodes.keys(), ...cells.keys(), ...rows.map((it) => it.service)]);
  return [...all].sort(byName).map((name) => {
    const node = facts.graph.nodes.get(name);
    return {
      name,
      team: node?.service.team ?? null,
      dependencies: node?.dependencies ?? [],
      cells: Object.fromEntries(cells.get(name) ?? []),
    };
  });
}

type Cells = Map<ServiceName, Map<EnvironmentName, BoardCell>>;

function cellsOf(facts: BoardFacts, names: Naming, rows: readonly BoardEvent[]): Cells {
  const cells: Cells = new Map();
  const newest = newestRows(rows);
  // Of two streams that a rename made one, the one that was written last says what runs.
  const oldestFirst = [...whatRuns(facts.states)].sort((a, b) => Date.parse(a.updated) - Date.parse(b.updated));
  for (const running of oldestFirst) {
    const service = names.of(running.repository, running.service);
    const cell = cellOf(running, newest.get(streamKey(service, running.environment)));
    const row = cells.get(service) ?? new Map<EnvironmentName, BoardCell>();
    if (cell !== undefined) cells.set(service, row.set(running.environment, cell));
  }
  return cells;
}

const streamKey = (service: ServiceName, environment: EnvironmentName): string =>
  JSON.stringify([service, environment]);

/** The newest deploy of each stream that settled and changed what runs. */
function newestRows(rows: readonly BoardEvent[]): ReadonlyMap<string, BoardEvent> {
  const settled = rows.filter((it) => it.changed && it.status !== 'in-doubt');
  return new Map(settled.map((it): [string, BoardEvent] => [streamKey(it.service, it.environment), it]).reverse());
}

/** undefined: nothing ever ran here, and nobody needs to look. */
function cellOf(running: Running, newest: BoardEvent | undefined): BoardCell | undefined {
  const shown = running.live ?? running.inDoubt?.release ?? running.previous;
  if (shown === null && running.state !== 'needs-human') return undefined;
  return {
    ...shownRelease(shown, newest),
    since: sinceOf(running),
    state: running.state,
    held: running.held,
    rolledBack: newest !== undefined && (newest.rollback || newest.outcome === 'rolled-back-after-failure'),
    inDoubt: running.inDoubt && { version: running.inDoubt.release.version, started: running.inDoubt.started },
    needsHuman: running.needsHuman,
    previous: running.previous && { version: running.previous.version, digest: running.previous.image.digest },
  };
}

function shownRelease(
  release: Release | null,
  newest: BoardEvent | undefined,
): Pick<BoardCell, 'version' | 'digest' | 'commit' | 'by'> {
  if (release === null) {
    const { version = 'unknown', digest, commit = '', by = '' } = newest ?? {};
    return { version, digest: digest ?? '', commit, by };
  }
  return { version: release.version, digest: release.image.digest, commit: release.commit, by: release.by };
}

function sinceOf({ live, inDoubt, updated }: Running): string {
  return live?.since ?? inDoubt?.started ?? updated;
}
