import { accessSync, constants, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askBundle, askHere, type Said } from './asking.ts';
import { faultsOf } from './checking.ts';
import { Dice } from './dice.ts';
import { grow } from './growth.ts';
import { type Ledger, recordAll } from './ledgers.ts';
import { happen, type Story } from './occasions.ts';
import { findTruth } from './oracle/oracle.ts';
import { checkOut, type Remote, writeRemote } from './repository.ts';
import { tell, tellAnswer } from './telling.ts';

/** How often the same question is asked twice, and how often the bundle is asked too: once in so many histories. */
const AGAIN_EVERY = 16;
const BUNDLE_EVERY = 64;

/** What became of one history. */
export interface Met {
  readonly seed: number;
  /** What is wrong, with all that is needed to see why; empty: nothing. */
  readonly faults: readonly string[];
  readonly selected: number;
  readonly leftOut: number;
  readonly kind: string;
}

export function storyOf(seed: number): { readonly story: Story; readonly ledger: Ledger } {
  const dice = new Dice(seed);
  const story = happen(dice, grow(dice));
  return { story, ledger: recordAll(dice, story) };
}

/**
 * Makes the history of a seed, asks the product about it, and compares the answer with that of the oracle.
 *
 * @param library where `dist/` is, for those histories about which the bundle is asked as well; undefined: never
 */
export async function meet(seed: number, root: string, library: string | undefined): Promise<Met> {
  const { story, ledger } = storyOf(seed);
  const folder = mkdtempSync(join(root, `${seed}-`));
  try {
    const remote = await writeRemote(join(folder, 'remote'), story, ledger);
    const checkout = join(folder, 'work');
    await checkOut(remote, checkout, story);
    const said = await askHere(story, remote, checkout, join(folder, 'temp'));
    const faults = [
      ...faultsOf(said, await findTruth(story, ledger, remote), remote),
      ...(await askOthers(seed, said, { story, remote, checkout, folder, library })),
    ];
    const told = faults.length === 0 ? [] : [...faults, ...tellAnswer(said, remote), '', ...tell(story, ledger)];
    const verdicts = said.kind === 'refused' ? [] : said.reasons.services;
    const selected = verdicts.filter((it) => it.selected).length;
    const kind = said.kind === 'refused' ? 'refused' : story.occasion.event.kind;
    return { seed, faults: told, selected, leftOut: verdicts.length - selected, kind };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly story: Story;
  readonly remote: Remote;
  readonly checkout: string;
  readonly folder: string;
  readonly library: string | undefined;
}

/** The same question again, and to the bundle: the answers must be the same. */
async function askOthers(
  seed: number,
  said: Said,
  { story, remote, checkout, folder, library }: Place,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const compare = (who: string, other: Said) => {
    if (comparable(other) !== comparable(said))
      faults.push(`${who} says something else: ${comparable(other)}, not ${comparable(said)}`);
  };
  if (seed % AGAIN_EVERY === 0)
    compare('The same again', await askHere(story, remote, checkout, join(folder, 'again')));
  if (library !== undefined && seed % BUNDLE_EVERY === 0) {
    compare('The bundle', await askBundle(library, story, remote, checkout, join(folder, 'bundle')));
  }
  return faults;
}

const comparable = (said: Said): string => JSON.stringify(said.kind === 'refused' ? { ...said, message: '' } : said);

/** Where temporary files are quick: in memory, if there is such a place. */
function fastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** Meets the histories of many seeds, some at once; tells of each as it is done. */
export async function meetAll(
  seeds: readonly number[],
  {
    atOnce,
    library,
    done,
  }: { readonly atOnce: number; readonly library: string | undefined; readonly done: (met: Met) => void },
): Promise<void> {
  const root = mkdtempSync(join(realpathSync(fastFolder()), 'slipway-histories-'));
  const waiting = [...seeds];
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      try {
        done(await meet(seed, root, library));
      } catch (thrown) {
        const told = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        done({ seed, faults: [`It broke: ${told}`], selected: 0, leftOut: 0, kind: 'broken' });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
