import type { Dice } from './dice.ts';
import {
  addService,
  DOCKERFILE,
  FOLDERS,
  furnish,
  nameOf,
  ROOT_FILE,
  reconfigure,
  repair,
  SERVICE_FILE,
  serviceFolders,
} from './houses.ts';
import { pathIn } from './names.ts';
import { Draft, type Entry, type Tree } from './tree.ts';

/** One commit of a history: its number is its place in the list. */
export interface PlannedCommit {
  /** Numbers of its parents. */
  readonly parents: readonly number[];
  readonly tree: Tree;
  /** What was done, for people. */
  readonly what: readonly string[];
}

/** Commits, and where branches point. */
export interface Growth {
  readonly commits: readonly PlannedCommit[];
  readonly branches: ReadonlyMap<string, number>;
}

const MAIN = 'main';

/** Grows a history: commits, branches, merges, reverts, force pushes. */
export function grow(dice: Dice): Growth {
  const commits: PlannedCommit[] = [];
  const branches = new Map<string, number>();
  const add = (branch: string, commit: PlannedCommit) => {
    commits.push(commit);
    branches.set(branch, commits.length - 1);
  };
  const treeOf = (at: number): Tree => commits[at]?.tree ?? new Map();
  add(MAIN, { parents: [], tree: founded(dice), what: ['founded'] });
  for (let left = dice.between(2, 8); left > 0; left--) {
    const branch = dice.pick([...branches.keys(), MAIN]);
    const tip = branches.get(branch) ?? 0;
    dice.weighted<() => void>([
      [60, () => add(branch, changed(dice, treeOf(tip), [tip]))],
      [12, () => branches.set(dice.pick(['topic', 'release', 'x/y']), dice.below(commits.length))],
      [
        12,
        () => {
          const other = dice.pick([...branches.values()]);
          if (other !== tip) add(branch, merged(dice, commits, [tip, other]));
        },
      ],
      [6, () => add(branch, reverted(dice, commits, tip))],
      [4, () => add(branch, { parents: [tip], tree: treeOf(tip), what: ['nothing'] })],
      // A force push: what was the tip hangs in the air.
      [4, () => branches.set(branch, dice.below(commits.length))],
      [2, () => add(branch, changed(dice, treeOf(tip), []))],
    ])();
  }
  return { commits, branches };
}

function founded(dice: Dice): Tree {
  const draft = new Draft(new Map());
  furnish(dice, draft);
  for (const folder of ['libs', 'libs/money', 'ci', '', 'docs']) {
    if (dice.percent(60)) draft.set(pathIn(dice, folder), { mode: '100644', text: `of ${folder}` });
  }
  repair(draft);
  return draft.tree;
}

/** A commit that changes one or a few things of a tree. */
export function changed(dice: Dice, tree: Tree, parents: readonly number[]): PlannedCommit {
  const draft = new Draft(tree);
  const what = Array.from(
    {
      length: dice.weighted([
        [60, 1],
        [30, 2],
        [10, 4],
      ]),
    },
    () => change(dice, draft),
  );
  const isBroken = what.includes(BROKE);
  if (!isBroken) repair(draft);
  return { parents, tree: draft.tree, what };
}

/** The trees of two commits, mixed: usually one side's version of each path, as a person with a merge tool may leave it. */
export function merged(
  dice: Dice,
  commits: readonly PlannedCommit[],
  parents: readonly [number, number],
): PlannedCommit {
  const [ours, theirs] = parents.map((it) => commits[it]?.tree ?? new Map<string, Entry>());
  const draft = new Draft(ours ?? new Map());
  for (const [path, entry] of theirs ?? []) {
    if (dice.percent(draft.get(path) === undefined ? 85 : 60)) draft.set(path, entry);
  }
  for (const path of draft.paths()) if (theirs?.has(path) === false && dice.percent(20)) draft.remove(path);
  restore(draft, ours ?? new Map());
  repair(draft);
  return { parents, tree: draft.tree, what: [`merged #${parents[1]}`] };
}

function reverted(dice: Dice, commits: readonly PlannedCommit[], tip: number): PlannedCommit {
  const to = dice.below(commits.length);
  const draft = new Draft(commits[to]?.tree ?? new Map());
  restore(draft, commits[0]?.tree ?? new Map());
  return { parents: [tip], tree: draft.tree, what: [`went back to the tree of #${to}`] };
}

/** A configuration that cannot be read is taken from elsewhere. */
function restore(draft: Draft, from: Tree): void {
  const root = from.get(ROOT_FILE);
  if (draft.json(ROOT_FILE) === undefined && root !== undefined) draft.set(ROOT_FILE, root);
}

/** What a change can do to files. */
function change(dice: Dice, draft: Draft): string {
  const files = draft
    .paths()
    .filter((path) => path !== ROOT_FILE && !path.endsWith(`/${SERVICE_FILE}`) && !path.endsWith(`/${DOCKERFILE}`));
  const somewhere = () =>
    pathIn(dice, dice.pick(['', 'ci', 'libs', 'libs', 'libs/money', 'docs', ...serviceFolders(draft), ...FOLDERS]));
  const file = files.length === 0 || dice.percent(20) ? somewhere() : dice.pick(files);
  const said = (words: string, ...paths: readonly string[]) =>
    `${words} ${paths.map((it) => JSON.stringify(it)).join(' → ')}`;
  if (draft.json(ROOT_FILE) === undefined) return mend(draft);
  return dice.weighted<() => string>([
    [20, () => put(draft, somewhere(), plainFile(dice), said)],
    [20, () => put(draft, file, plainFile(dice), said)],
    [9, () => remove(draft, file, said)],
    [7, () => flip(draft, file, said)],
    [5, () => put(draft, file, { mode: '120000', text: dice.pick(['a.txt', '../x', '/etc/passwd', '.']) }, said)],
    [5, () => put(draft, file, { mode: '160000', id: hex(dice) }, said)],
    [9, () => move(draft, file, somewhere(), said)],
    [3, () => put(draft, `${file}/${dice.pick(['x', 'a.txt'])}`, plainFile(dice), said)],
    [
      2,
      () =>
        put(
          draft,
          dice.pick(['.gitattributes', 'libs/.gitattributes']),
          { mode: '100644', text: '* -diff -text\n*.txt diff=none\n' },
          said,
        ),
    ],
    [3, () => removeFolder(dice, draft, said)],
    [3, () => moveService(dice, draft, said)],
    [4, () => addService(dice, draft, dice.pick(FOLDERS))],
    [16, () => reconfigure(dice, draft)],
    [1, () => breakRoot(draft)],
  ])();
}

type Said = (words: string, ...paths: readonly string[]) => string;

function put(draft: Draft, path: string, entry: Entry, said: Said): string {
  // A file in place of the folder of a service takes its configuration away; that has a change of its own.
  if (FOLDERS.includes(path)) return said('let be', path);
  draft.set(path, entry);
  return said(`wrote ${entry.mode}`, path);
}

function remove(draft: Draft, path: string, said: Said): string {
  draft.remove(path);
  return said('removed', path);
}

const BROKE = 'broke the configuration';

function breakRoot(draft: Draft): string {
  draft.set(ROOT_FILE, { mode: '100644', text: '{ "version": 1, "services": [' });
  return BROKE;
}

function flip(draft: Draft, path: string, said: Said): string {
  const entry = draft.get(path);
  if (entry === undefined || entry.mode === '160000') return said('let be', path);
  draft.set(path, { mode: entry.mode === '100644' ? '100755' : '100644', text: entry.text });
  return said('turned the mode of', path);
}

function move(draft: Draft, from: string, to: string, said: Said): string {
  draft.move(from, to);
  return said('moved', from, to);
}

function removeFolder(dice: Dice, draft: Draft, said: Said): string {
  const folder = dice.pick(serviceFolders(draft).length > 1 ? serviceFolders(draft) : ['docs']);
  draft.remove(folder);
  return said('removed', folder);
}

/** Moves a service to another folder; half of the time the new one knows its earlier name. */
function moveService(dice: Dice, draft: Draft, said: Said): string {
  const from = dice.pick([...serviceFolders(draft), 'docs']);
  const to = dice.pick(FOLDERS);
  if (serviceFolders(draft).includes(to)) return said('let be', from);
  const name = nameOf(draft, from);
  draft.move(from, to);
  const settled = draft.json(`${to}/${SERVICE_FILE}`);
  if (settled !== undefined && dice.percent(50))
    draft.setJson(`${to}/${SERVICE_FILE}`, { ...settled, aliases: [name] });
  return said('moved', from, to);
}

function mend(draft: Draft): string {
  draft.setJson(ROOT_FILE, { version: 1, services: ['services/*', 'tools/*'], image: { builder: 'none' } });
  return 'mended the configuration';
}

const plainFile = (dice: Dice): Entry => ({ mode: dice.percent(15) ? '100755' : '100644', text: `${dice.below(6)}\n` });
const hex = (dice: Dice): string => Array.from({ length: 40 }, () => dice.below(16).toString(16)).join('');
