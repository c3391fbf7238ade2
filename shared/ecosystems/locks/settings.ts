import { parseJson } from '../../model/index.ts';
import { entriesAt } from '../data.ts';
import { parseYaml } from '../npm/yaml.ts';
import type { Requires } from '../package.ts';
import type { LockEntry, LockGraph } from './lock-graph.ts';

/** What lock files repeat, or what only says where packages lie. */
const REPEATED = new Set([
  'packages',
  'catalog',
  'catalogs',
  'overrides',
  'patchedDependencies',
  'allowedDeprecatedVersions',
]);
/** What a manifest of a root says for all of its workspace; the rest of it is its own. */
const FOR_ALL = [
  'packageManager',
  'engines',
  'devEngines',
  'volta',
  'dependenciesMeta',
  'installConfig',
  'trustedDependencies',
];
/** More of a value says nothing to people. */
const MAX_SHOWN = 40;

/** pnpm-workspace.yaml: every setting that pnpm-lock.yaml does not repeat, as one that every package below is resolved by. */
export function parsePnpmSettings(text: string, requires: ReadonlyMap<string, Requires>): LockGraph | undefined {
  const data = parseYaml(text);
  return data === undefined ? undefined : forAll(entriesAt(data), requires);
}

/** The package.json of a workspace's root: the versions of tools that it asks for, and settings of the manager. */
export function parseRootManifest(text: string, requires: ReadonlyMap<string, Requires>): LockGraph | undefined {
  const data = parseJson(text.replace(/^\uFEFF/, ''));
  if (data === undefined) return undefined;
  const own = entriesAt(data).filter(([key]) => FOR_ALL.includes(key));
  return forAll([...own, ...entriesAt(data, 'pnpm')], requires);
}

function forAll(settings: readonly (readonly [string, unknown])[], requires: ReadonlyMap<string, Requires>): LockGraph {
  const counted = settings.filter(([key]) => !REPEATED.has(key));
  const entries = counted.map(([name, value]): readonly [string, LockEntry] => {
    const content = JSON.stringify(value);
    return [name, { name, version: content.slice(0, MAX_SHOWN), content, dependencies: [] }];
  });
  const all = { production: entries.map(([id]) => id), development: [] };
  return { roots: new Map([...requires.keys()].map((folder) => [folder, all])), entries: new Map(entries) };
}
