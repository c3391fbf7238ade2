import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatDuration, messageOf, UserError } from '../model/index.ts';
import { Narrator } from './narrator.ts';
import { Pipeline } from './pipeline.ts';
import { startRegistry } from './registry.ts';
import { serveBoard } from './serve.ts';
import { Shop } from './shop.ts';
import type { Stage } from './stage.ts';
import { stopServices } from './stop-services.ts';
import { aBadOne } from './story/a-bad-one.ts';
import { everythingIsNew } from './story/everything-is-new.ts';
import { killed } from './story/killed.ts';
import { onDemand } from './story/on-demand.ts';
import { docsAndLibrary, onlyWhatChanged } from './story/only-what-changed.ts';
import { reuse } from './story/reuse.ts';
import { theBoard } from './story/the-board.ts';
import { whoDidIt } from './story/who-did-it.ts';

const CHAPTERS = [everythingIsNew, onlyWhatChanged, docsAndLibrary, reuse, aBadOne, onDemand, killed, whoDidIt];

/**
 * Takes the example shop through its whole life, with the committed bundles as child processes.
 * `--keep` keeps the folder, and serves the board and the services until Ctrl-C.
 * @returns 0 only when everything that is told was observed
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  const keep = args.includes('--keep');
  const started = performance.now();
  // macOS has its temporary folder behind a link; services compare real paths.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-demo-'));
  const interrupted = interruption();
  const registry = await startRegistry({ directory: join(folder, 'registry') });
  const say = new Narrator((line) => process.stdout.write(`${line}\n`));
  try {
    const page = await Promise.race([tell(makeStage(folder, registry, say)), interrupted]);
    if (page === undefined) return 130;
    say.line('');
    for (const it of say.untrue) say.line(`NOT TRUE: ${it}`);
    say.line(
      `${say.untrue.length === 0 ? 'Everything above was observed.' : `${say.untrue.length} things were not as told.`} ${formatDuration(performance.now() - started)}`,
    );
    if (keep) await keepOpen(folder, page, interrupted, say);
    else process.stdout.write(`${page}\n`);
    return say.untrue.length === 0 ? 0 : 1;
  } catch (error) {
    const isBug = error instanceof Error && !(error instanceof UserError);
    say.line(`The demonstration broke off: ${isBug ? (error.stack ?? error.message) : messageOf(error)}`);
    return 1;
  } finally {
    await stopServices(folder);
    await registry.close();
    if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function makeStage(folder: string, registry: Stage['registry'], say: Narrator): Stage {
  const library = fileURLToPath(new URL('..', import.meta.url));
  mkdirSync(join(folder, 'acme'));
  const shop = new Shop(folder, join(library, 'examples', 'shop'), registry.host);
  const site = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-board-'));
  return {
    say,
    shop,
    registry,
    folder,
    site,
    library,
    pipeline: new Pipeline(shop, folder, library),
    memory: new Map(),
  };
}

async function tell(stage: Stage): Promise<string> {
  stage.say.line(`Slipway: a shop of five services, from a clone to a healed production. In ${stage.folder}`);
  for (const chapter of CHAPTERS) await chapter(stage);
  return theBoard(stage);
}

/** Resolves when someone presses Ctrl-C, or the terminal goes away. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
}

async function keepOpen(folder: string, page: string, interrupted: Promise<undefined>, say: Narrator): Promise<void> {
  const board = await serveBoard(join(page, '..'));
  say.line(`The folder is kept: ${folder}. The services run on. Ctrl-C ends them.`);
  say.line(`the board: ${board.url} and ${page}`);
  await interrupted;
  await board.close();
}
