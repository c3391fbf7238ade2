import { parse } from 'yaml';
import { isRecord } from '../../model/index.ts';
import { at, entriesAt, textAt, textEntriesAt } from '../data.ts';
import { fromFolder } from '../paths.ts';
import type { LockEntry, LockGraph } from './lock-graph.ts';

const RUNTIME = ['dependencies', 'optionalDependencies'];

/**
 * pnpm-lock.yaml, `lockfileVersion` 6.x and 9.x. Both have `importers` with what each package of the workspace gets (6.x
 * of a single package has it at the top); 9.x keeps what entries lead to under `snapshots`, apart from where they come
 * from under `packages`, whose keys have no peers in parentheses.
 */
export function parsePnpmLock(text: string): LockGraph | undefined {
  const data: unknown = parse(text, { logLevel: 'silent' });
  const version = Number.parseInt(String(at(data, 'lockfileVersion')), 10);
  if (version !== 6 && version !== 9) return undefined;
  const snapshots = at(data, version === 9 ? 'snapshots' : 'packages') ?? {};
  if (!isRecord(snapshots)) return undefined;
  const keys = new Set(Object.keys(snapshots));
  const entries = new Map<string, LockEntry>();
  const linked = (folder: string, name: string, written: string) => {
    const id = `link:${folder}`;
    entries.set(id, { name, version: written, content: '', dependencies: [], folder });
    return id;
  };
  for (const [key, entry] of Object.entries(snapshots)) {
    const dependencies = RUNTIME.flatMap((it) => textEntriesAt(entry, it)).flatMap(([name, written]) =>
      resolve(keys, '', name, written, linked),
    );
    entries.set(key, { ...describe(data, key), dependencies });
  }
  const importers = isRecord(at(data, 'importers')) ? entriesAt(data, 'importers') : [['.', data] as const];
  const roots = new Map(
    importers.map(([folder, importer]) => {
      const path = folder === '.' ? '' : folder;
      const find = (kinds: readonly string[]) =>
        kinds
          .flatMap((kind) => entriesAt(importer, kind))
          .flatMap(([name, it]) => resolve(keys, path, name, textAt(it, 'version') ?? '', linked));
      return [path, { production: find(RUNTIME), development: find(['devDependencies']) }];
    }),
  );
  return { roots, entries };
}

/** A version leads to `name@version` (6.x: `/name@version`), or is a key itself: an alias, a URL, a path. */
function resolve(
  keys: ReadonlySet<string>,
  folder: string,
  name: string,
  version: string,
  linked: (folder: string, name: string, version: string) => string,
): readonly string[] {
  if (version.startsWith('link:')) {
    const path = fromFolder(folder, version.slice('link:'.length));
    return path === undefined ? [] : [linked(path, name, version)];
  }
  const found = [`${name}@${version}`, `/${name}@${version}`, version].find((key) => keys.has(key));
  return found === undefined ? [] : [found];
}

/** Peers in parentheses stand among the dependencies as well; the hash of a patch stands nowhere else. */
function describe(data: unknown, key: string): Pick<LockEntry, 'name' | 'version' | 'content'> {
  const bare = key.replace(/\(.*$/, '');
  const plain = bare.replace(/^\//, '');
  const cut = plain.indexOf('@', 1);
  const name = cut < 0 ? plain : plain.slice(0, cut);
  const version = cut < 0 ? '' : plain.slice(cut + 1);
  const resolution = at(data, 'packages', key, 'resolution') ?? at(data, 'packages', bare, 'resolution');
  const patch = /\(patch_hash=[^)]*\)/.exec(key)?.[0] ?? '';
  return { name, version, content: `${textAt(resolution, 'integrity') ?? JSON.stringify(resolution ?? null)}${patch}` };
}
