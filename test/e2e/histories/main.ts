import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Met, meetAll } from '../../support/histories/histories.ts';

/*
 * Random histories, met one after the other by as many processes as there are processors: each takes its share of the
 * seeds, and tells of every history in one line. `SLIPWAY_SEED` is the first seed, `SLIPWAY_HISTORIES` how many there are.
 */

const HISTORIES = 10_000;
const FAULTS_SHOWN = 5;
const AT_ONCE = 3;

const first = Number(process.env['SLIPWAY_SEED'] ?? 1);
const count = Number(process.env['SLIPWAY_HISTORIES'] ?? HISTORIES);
const library = process.env['SLIPWAY_LIBRARY'] || undefined;
const share = process.env['SLIPWAY_SHARE'];

if (share === undefined) await direct();
else await workOn(share);

async function workOn(text: string): Promise<void> {
  const [mine = 0, of = 1] = text.split('/').map(Number);
  const seeds = Array.from({ length: count }, (_, index) => first + index).filter((_, index) => index % of === mine);
  await meetAll(seeds, { atOnce: AT_ONCE, library, done: (met) => process.send?.(met) });
  process.disconnect();
}

async function direct(): Promise<void> {
  const started = Date.now();
  const workers = Math.min(count, availableParallelism());
  const met: Met[] = [];
  let shown = 0;
  const take = (it: Met) => {
    met.push(it);
    if (it.faults.length === 0 || shown++ >= FAULTS_SHOWN) return;
    console.log(`\nSLIPWAY_SEED=${it.seed} SLIPWAY_HISTORIES=1\n  ${it.faults.join('\n  ')}`);
  };
  const codes = await Promise.all(Array.from({ length: workers }, (_, index) => start(`${index}/${workers}`, take)));
  const failed = met.filter((it) => it.faults.length > 0);
  const sum = (of: (it: Met) => number) => met.reduce((total, it) => total + of(it), 0);
  console.log(`\n${met.length} histories in ${Math.round((Date.now() - started) / 1000)} s: ${kinds(met)}`);
  console.log(`${sum((it) => it.selected)} services selected, ${sum((it) => it.leftOut)} left out`);
  if (failed.length > 0)
    console.log(
      `Failed seeds: ${failed
        .slice(0, 100)
        .map(({ seed }) => seed)
        .join(' ')}`,
    );
  const lost = count - met.length;
  const bad = failed.length + lost;
  console.log(`Tests:       ${bad > 0 ? `${bad} failed, ` : ''}${count - bad} passed, ${count} total`);
  process.exitCode = bad > 0 || codes.some((code) => code !== 0) ? 1 : 0;
}

function start(mine: string, take: (met: Met) => void): Promise<number | null> {
  const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, SLIPWAY_SHARE: mine } });
  child.on('message', (message: Met) => take(message));
  return new Promise((resolve) => child.once('close', resolve));
}

function kinds(met: readonly Met[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of met) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, many]) => `${many} ${kind}`)
    .join(', ');
}
