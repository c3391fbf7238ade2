import type { Dice } from './dice.ts';
import { type Draft, isRecord } from './tree.ts';

/*
 * What the configuration of a random repository can say, and how it is changed. It is written as JSON into the tree like
 * any file, so that reverts and merges bring back and mix configurations as they do in life.
 */

export const ROOT_FILE = 'slipway.yml';
export const SERVICE_FILE = 'slipway.service.yml';
export const DOCKERFILE = 'Dockerfile';
export const FOLDERS = [
  'services/a',
  'services/b',
  'services/c',
  'services/d e',
  'services/[x]',
  'tools/t',
  'services/a/inner',
];
const LISTS = [['services/*'], ['services/*', 'tools/*'], ['services/*', 'tools/*', 'services/*/inner']];
export const ENVIRONMENTS = ['dev', 'production'];

const OWN_PATHS = [
  ['**'],
  ['**', '!**/*.md'],
  ['src/**', '*.js'],
  ['*', '!*.txt', 'b.txt'],
  ['/main.js', 'lib/'],
  ['?.txt', '.*'],
  ['[a-m]*'],
  ['{a,b}.txt', 'src'],
  ['**', '!docs', 'docs/README.md'],
  ['**/er/*', './run.sh'],
];
const OTHER_PATHS = [
  [],
  ['libs/**'],
  ['libs/**'],
  ['libs/money'],
  ['libs/*.txt'],
  ['libs/**', '!**/README.md'],
  ['**/*.mk'],
  ['services/a/src'],
];
const SHARED = [[], [], ['ci/**'], ['ci'], ['/Makefile'], ['ci/**', '!ci/*.md'], ['.github/*']];

/** The folders that hold a service file, or a Dockerfile. */
export const serviceFolders = (draft: Draft): readonly string[] =>
  FOLDERS.filter(
    (folder) =>
      draft.json(`${folder}/${SERVICE_FILE}`) !== undefined || draft.get(`${folder}/${DOCKERFILE}`) !== undefined,
  );

/** The first configuration of a repository. */
export function furnish(dice: Dice, draft: Draft): void {
  const environments = dice.weighted([
    [45, []],
    [35, ['production']],
    [20, ENVIRONMENTS],
  ]);
  draft.setJson(ROOT_FILE, {
    version: 1,
    registry: 'registry.example/shop',
    services: dice.pick(LISTS),
    'shared-paths': dice.pick(SHARED),
    environments: Object.fromEntries(environments.map((it) => [it, {}])),
    image: { builder: 'none' },
    deploy: { target: { kind: 'local', directory: '/srv/{environment}/{service}' } },
  });
  const count = dice.between(2, 4);
  for (const folder of [...FOLDERS].sort(() => dice.below(2) - 0.5).slice(0, count)) addService(dice, draft, folder);
}

export function addService(dice: Dice, draft: Draft, folder: string): string {
  if (isPlain(folder) && dice.percent(12)) {
    draft.set(`${folder}/${DOCKERFILE}`, { mode: '100644', text: 'FROM scratch\n' });
    return `made ${folder} a service by a Dockerfile`;
  }
  const paths = dice.percent(45) ? { paths: dice.pick(OWN_PATHS) } : {};
  const other = dice.percent(45) ? { paths: dice.pick(OTHER_PATHS) } : {};
  draft.setJson(`${folder}/${SERVICE_FILE}`, {
    ...(isPlain(folder) ? {} : { name: `odd-${FOLDERS.indexOf(folder)}` }),
    ...paths,
    dependencies: { services: dice.some(names(draft), 35), ...other },
  });
  for (let count = dice.between(1, 3); count > 0; count--) {
    draft.set(`${folder}/${dice.pick(['main.js', 'a.txt', 'src/z.txt', 'README.md'])}`, {
      mode: '100644',
      text: folder,
    });
  }
  return `wrote the service of ${folder} anew`;
}

/** Names of the services as their files say them. */
export function names(draft: Draft): readonly string[] {
  return serviceFolders(draft).map((folder) => nameOf(draft, folder));
}

export function nameOf(draft: Draft, folder: string): string {
  const name = draft.json(`${folder}/${SERVICE_FILE}`)?.['name'];
  return typeof name === 'string' ? name : (folder.split('/').at(-1) ?? '');
}

/** Changes one thing that the configuration says. */
export function reconfigure(dice: Dice, draft: Draft): string {
  const folders = serviceFolders(draft);
  if (folders.length === 0 || dice.percent(25)) changeRoot(dice, draft);
  else changeService(dice, draft, dice.pick(folders));
  return 'changed the configuration';
}

function changeService(dice: Dice, draft: Draft, folder: string): void {
  const path = `${folder}/${SERVICE_FILE}`;
  const said = draft.json(path) ?? {};
  const needs = isRecord(said['dependencies']) ? said['dependencies'] : {};
  const others = names(draft).filter((it) => it !== nameOf(draft, folder));
  const changed = dice.weighted<() => object>([
    [3, () => ({ ...said, team: dice.pick(['red', 'blue']) })],
    [5, () => ({ ...said, paths: dice.pick(OWN_PATHS) })],
    [6, () => ({ ...said, dependencies: { ...needs, services: dice.some(others, 40) } })],
    [3, () => ({ ...said, dependencies: { ...needs, paths: dice.pick(OTHER_PATHS) } })],
    [2, () => ({ ...said, deploy: { timeout: dice.pick(['5m', '7m']) } })],
    [2, () => ({ ...said, environments: Object.fromEntries(dice.some(ENVIRONMENTS, 60).map((it) => [it, {}])) })],
    [3, () => ({ ...said, name: dice.pick(['first', 'second']), aliases: [nameOf(draft, folder)] })],
    // The same, written otherwise.
    [3, () => Object.fromEntries(Object.entries(said).reverse())],
  ])();
  draft.setJson(path, changed, dice.below(2));
}

function changeRoot(dice: Dice, draft: Draft): void {
  const said = draft.json(ROOT_FILE);
  if (said === undefined) return;
  const environments = isRecord(said['environments']) ? said['environments'] : {};
  const changed = dice.weighted<() => object>([
    [4, () => ({ ...said, 'shared-paths': dice.pick(SHARED) })],
    [2, () => ({ ...said, services: dice.pick(LISTS) })],
    [2, () => ({ ...said, environments: { ...environments, [dice.pick(ENVIRONMENTS)]: {} } })],
    [1, () => ({ ...said, registry: dice.pick(['registry.example/shop', 'registry.example/other']) })],
    [3, () => Object.fromEntries(Object.entries(said).reverse())],
  ])();
  draft.setJson(ROOT_FILE, changed, dice.below(2));
}

/** Takes out of the configuration what would make it wrong: names that are not there, and names that two have. */
export function repair(draft: Draft): void {
  const root = draft.json(ROOT_FILE);
  const environments = isRecord(root?.['environments']) ? Object.keys(root['environments']) : [];
  const taken = new Set<string>();
  for (const folder of serviceFolders(draft)) {
    const isFree = isName(nameOf(draft, folder)) && !taken.has(nameOf(draft, folder));
    if (!isFree) rewrite(draft, folder, (said) => ({ ...said, name: `odd-${FOLDERS.indexOf(folder)}` }));
    taken.add(nameOf(draft, folder));
  }
  const listed = new Set(listedFolders(draft).map((folder) => nameOf(draft, folder)));
  for (const folder of serviceFolders(draft)) {
    const own = nameOf(draft, folder);
    rewrite(draft, folder, (said) => ({
      ...said,
      ...kept(said, 'aliases', (it) => !taken.has(it) && taken.add(it).size > 0),
      ...keptNeeds(said, (it) => it !== own && listed.has(it)),
      ...keptKeys(said, 'environments', (it) => environments.includes(it)),
    }));
  }
}

type Said = Readonly<Record<string, unknown>>;
type Keep = (name: string) => boolean;

/** Whether the name of a folder can be that of a service. */
const isPlain = (folder: string): boolean => /^[\w/]+$/.test(folder);
const isName = (text: string): boolean => /^[\w.-]+$/.test(text);

function rewrite(draft: Draft, folder: string, change: (said: Said) => Said): void {
  const path = `${folder}/${SERVICE_FILE}`;
  const said = draft.json(path) ?? {};
  const changed = change(said);
  if (JSON.stringify(changed) !== JSON.stringify(said)) draft.setJson(path, changed);
}

function kept(said: Said, key: string, keep: Keep): Said {
  const list: unknown = said[key];
  return Array.isArray(list) ? { [key]: list.map(String).filter(keep) } : {};
}

const keptNeeds = ({ dependencies }: Said, keep: Keep): Said =>
  isRecord(dependencies) ? { dependencies: { ...dependencies, ...kept(dependencies, 'services', keep) } } : {};

function keptKeys(said: Said, key: string, keep: Keep): Said {
  const map = said[key];
  return isRecord(map) ? { [key]: Object.fromEntries(Object.entries(map).filter(([name]) => keep(name))) } : {};
}

/** Folders that the patterns of `services` lead to. */
export function listedFolders(draft: Draft): readonly string[] {
  const root = draft.json(ROOT_FILE);
  const lists: readonly unknown[] = Array.isArray(root?.['services']) ? root['services'] : [];
  return serviceFolders(draft).filter((folder) => {
    const parts = folder.split('/');
    return lists.some((list) => {
      const wanted = String(list).split('/');
      return wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at]);
    });
  });
}
