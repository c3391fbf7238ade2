import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../io/clock.ts';
import { formatDuration, messageOf, UserError } from '../model/index.ts';
import { clearAway, stopServices } from './clear-away.ts';
import { Narrator } from './narrator.ts';
import { Pipeline } from './pipeline.ts';
import { startRegistry } from './registry.ts';
import { serveBoard } from './serve.ts';
import { Shop } from './shop.ts';
import type { Stage } from './stage.ts';
import { aBadOne } from './story/a-bad-one.ts';
import { everythingIsNew } from './story/everything-is-new.ts';
import { killed } from './story/killed.ts';
import { onDemand } from './story/on-demand.ts';
import { docsAndLibrary, onlyWhatChanged } from './story/only-what-changed.ts';
import { reuse } from './story/reuse.ts';
import { theBoard } from './story/the-board.ts';
import { whoDidIt } from './story/who-did-it.ts';

const CHAPTERS = [everythingIsNew, onlyWhatChanged, docsAndLibrary, reuse, aBadOne, onDemand, killed, whoDidIt];

/** Exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
/** How long the story may take to end after it was interrupted. */
const LAST_WORDS_MS = 3_000;
/** A signal goes to the whole group of processes: a child may have died of it before it arrives here. */
const SIGNAL_DELAY_MS = 50;

/**
 * Takes the example shop through its whole life, with the committed bundles as child processes.
 * `--keep` keeps the folder, and serves the board and the services until Ctrl-C. Ctrl-C before that leaves nothing.
 * @returns 0 only when everything that is told was observed
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  const keep = args.includes('--keep');
  const signal = interruption();
  const folder = temporary('slipway-demo-');
  const site = temporary('slipway-board-');
  const registry = await startRegistry({ directory: join(folder, 'registry') });
  let code = 1;
  try {
    code = await perform({ folder, site, registry, signal, keep });
  } finally {
    await registry.close();
    if (keep && code !== INTERRUPTED) await stopServices(folder);
    else await clearAway(folder);
    if (code !== 0) await clearAway(site);
  }
  return code;
}

type Props = Pick<Stage, 'folder' | 'site' | 'registry' | 'signal'> & { readonly keep: boolean };

/** Tells the story, and whether it was true. It has ended when this has: nothing is started any more. */
async function perform({ keep, ...props }: Props): Promise<number> {
  const { signal, folder } = props;
  const started = performance.now();
  const say = new Narrator((line) => process.stdout.write(`${line}\n`));
  const story = tell(props, say);
  try {
    const page = await untilAborted(story, signal);
    if (page === undefined) return INTERRUPTED;
    say.line('');
    for (const it of say.untrue) say.line(`NOT TRUE: ${it}`);
    say.line(
      `${say.untrue.length === 0 ? 'Everything above was observed.' : `${say.untrue.length} things were not as told.`} ${formatDuration(performance.now() - started)}`,
    );
    if (keep) await keepOpen(folder, page, signal, say);
    else process.stdout.write(`${page}\n`);
    return say.untrue.length === 0 ? 0 : 1;
  } catch (error) {
    await systemClock.sleep(SIGNAL_DELAY_MS);
    if (signal.aborted) return INTERRUPTED;
    const isBug = error instanceof Error && !(error instanceof UserError);
    say.line(`The demonstration broke off: ${isBug ? (error.stack ?? error.message) : messageOf(error)}`);
    return 1;
  }
}

/** What the story comes to; undefined when it was interrupted, once it has come to rest. */
async function untilAborted(story: Promise<string>, signal: AbortSignal): Promise<string | undefined> {
  const page = await Promise.race([story, aborted(signal)]);
  if (page !== undefined) return page;
  const rest = new AbortController();
  await Promise.race([story.catch(() => undefined), systemClock.sleep(LAST_WORDS_MS, rest.signal)]);
  rest.abort();
  return undefined;
}

const temporary = (prefix: string): string =>
  // macOS has its temporary folder behind a link; services compare real paths.
  mkdtempSync(join(realpathSync(tmpdir()), prefix));

function makeStage(props: Omit<Props, 'keep'>, say: Narrator): Stage {
  const { folder, registry, signal } = props;
  const library = fileURLToPath(new URL('..', import.meta.url));
  mkdirSync(join(folder, 'acme'));
  const shop = new Shop(folder, join(library, 'examples', 'shop'), registry.host);
  return { ...props, say, shop, library, pipeline: new Pipeline(shop, folder, library, signal), memory: new Map() };
}

async function tell(props: Omit<Props, 'keep'>, say: Narrator): Promise<string> {
  const stage = makeStage(props, say);
  say.line(`Slipway: a shop of five services, from a clone to a healed production. In ${stage.folder}`);
  for (const chapter of CHAPTERS) {
    stage.signal.throwIfAborted();
    await chapter(stage);
  }
  return theBoard(stage);
}

/** Aborts when someone presses Ctrl-C, or the terminal goes away. Once more changes nothing: it is being cleared away then. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort());
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

async function keepOpen(folder: string, page: string, signal: AbortSignal, say: Narrator): Promise<void> {
  const board = await serveBoard(join(page, '..'));
  say.line(`The folder is kept: ${folder}. The services run on. Ctrl-C ends them.`);
  say.line(`the board: ${board.url} and ${page}`);
  await aborted(signal);
  await board.close();
}
