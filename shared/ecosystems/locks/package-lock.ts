import { isRecord, parseJson } from '../../model/index.ts';
import { at, entriesAt, textAt } from '../data.ts';
import { folderOf, inFolder, nameOf } from '../paths.ts';
import type { LockEntry, LockGraph } from './lock-graph.ts';

const RUNTIME = ['dependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * package-lock.json and npm-shrinkwrap.json, `lockfileVersion` 2 and 3: `packages` has every folder that npm makes, and a
 * dependency is what node would find from there, going up. Version 1 has no such tree.
 */
export function parsePackageLock(text: string): LockGraph | undefined {
  const data = parseJson(text.replace(/^\uFEFF/, ''));
  const packages = at(data, 'packages');
  const version = at(data, 'lockfileVersion');
  if (!isRecord(packages) || (version !== 2 && version !== 3)) return undefined;
  const places = new Set(Object.keys(packages));
  const entries = new Map<string, LockEntry>();
  const roots = new Map<string, { production: readonly string[]; development: readonly string[] }>();
  for (const [place, entry] of entriesAt(packages)) {
    const production = find(places, place, entry, RUNTIME);
    if (isInstalled(place)) entries.set(place, toEntry(place, entry, production));
    else roots.set(place, { production, development: find(places, place, entry, ['devDependencies']) });
  }
  return { roots, entries };
}

const isInstalled = (place: string): boolean => /(?:^|\/)node_modules\//.test(place);

function toEntry(place: string, entry: unknown, dependencies: readonly string[]): LockEntry {
  const name = textAt(entry, 'name') ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const resolved = textAt(entry, 'resolved') ?? '';
  const folder = at(entry, 'link') === true ? resolved : undefined;
  const content = textAt(entry, 'integrity') ?? resolved;
  return { name, version: textAt(entry, 'version') ?? '', content, dependencies, folder };
}

function find(places: ReadonlySet<string>, place: string, entry: unknown, keys: readonly string[]): readonly string[] {
  const names = keys.flatMap((key) => entriesAt(entry, key).map(([name]) => name));
  return names.flatMap((name) => {
    for (let folder = place; ; folder = folderOf(folder)) {
      const candidate = inFolder(folder, `node_modules/${name}`);
      if (nameOf(folder) !== 'node_modules' && places.has(candidate)) return [candidate];
      if (folder === '') return [];
    }
  });
}
