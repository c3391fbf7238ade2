import type { Dice } from './dice.ts';
import { ENVIRONMENTS, listedFolders, nameOf, ROOT_FILE, SERVICE_FILE } from './houses.ts';
import { type At, near, type Story } from './occasions.ts';
import { Draft, isRecord } from './tree.ts';

/** What the ledger says of one service in one environment. */
export type Fate =
  | { readonly kind: 'live'; readonly at: At; readonly held: boolean }
  | { readonly kind: 'in-doubt'; readonly at: number }
  | { readonly kind: 'on-hold'; readonly at: number }
  | { readonly kind: 'removed'; readonly at: number }
  | { readonly kind: 'forged'; readonly how: 'state' | 'event' | 'nonsense' | 'other stream'; readonly at: number };

/** `environment/service` → what became of it; a stream that is not named is not there. */
export type Ledger = ReadonlyMap<string, Fate>;

/** Records for the services of the head, some of them under the names that they had before. */
export function recordAll(dice: Dice, story: Story): Ledger {
  const head = story.occasion.checkedOut;
  const draft = new Draft(story.commits[head]?.tree ?? new Map());
  const environments = draft.json(ROOT_FILE)?.['environments'];
  const streams = ENVIRONMENTS.filter((it) => isRecord(environments) && it in environments).flatMap((environment) =>
    listedFolders(draft).flatMap((folder) => {
      const aliases = draft.json(`${folder}/${SERVICE_FILE}`)?.['aliases'];
      const earlier = Array.isArray(aliases) ? aliases.map(String).filter(() => dice.percent(60)) : [];
      const own = earlier.length === 0 || dice.percent(40) ? [nameOf(draft, folder)] : [];
      return [...own, ...earlier.slice(0, 1)].map((name) => `${environment}/${name}`);
    }),
  );
  return new Map(streams.flatMap((stream) => fateOf(dice, story, head).map((fate) => [stream, fate] as const)));
}

function fateOf(dice: Dice, { commits }: Story, head: number): readonly Fate[] {
  const at = near(dice, commits, head);
  return dice.weighted<readonly Fate[]>([
    [65, [{ kind: 'live', at, held: dice.percent(15) }]],
    [4, [{ kind: 'live', at: 'lost', held: false }]],
    [8, [{ kind: 'in-doubt', at }]],
    [7, [{ kind: 'on-hold', at }]],
    [4, [{ kind: 'removed', at }]],
    [6, [{ kind: 'forged', how: dice.pick(['state', 'event', 'nonsense', 'other stream']), at }]],
    [6, []],
  ]);
}
