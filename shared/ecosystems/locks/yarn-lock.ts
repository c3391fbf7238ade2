import { parse } from 'yaml';
import { at, textAt, textEntriesAt } from '../data.ts';
import type { Requires } from '../package.ts';
import type { LockEntry, LockGraph } from './lock-graph.ts';
import { parseClassic } from './yarn-classic.ts';

/**
 * yarn.lock of both kinds: the classic one (`# yarn lockfile v1`) and that of yarn 2 and later (YAML with `__metadata`).
 * Keys are lists of `name@what is asked for`. Only the later kind knows the packages of the repository; for both, what
 * these ask for is taken from their manifests.
 *
 * @param requires by the folder of each package
 */
export function parseYarnLock(text: string, requires: ReadonlyMap<string, Requires>): LockGraph | undefined {
  const data: unknown = /^# yarn lockfile v1/m.test(text) ? parseClassic(text) : parse(text, { logLevel: 'silent' });
  if (data === undefined || (at(data, '__metadata') === undefined && !/^# yarn lockfile v1/m.test(text)))
    return undefined;
  const index = new Descriptors();
  const found = Object.entries(data ?? {}).filter(([key]) => key !== '__metadata');
  for (const [key] of found) index.add(key);
  const entries = new Map<string, LockEntry>(found.map(([key, value]) => [key, toEntry(key, value, index)]));
  const roots = new Map(
    [...requires].map(([folder, { production, development }]) => [
      folder,
      { production: index.all(production), development: index.all(development) },
    ]),
  );
  return { roots, entries };
}

/** Which entry is meant by a name and what is asked for. */
class Descriptors {
  readonly #exact = new Map<string, string>();
  readonly #byName = new Map<string, string[]>();

  add(key: string): void {
    for (const descriptor of key.split(/,\s*/)) {
      this.#exact.set(descriptor, key);
      const name = nameIn(descriptor);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), key]);
    }
  }

  all(wanted: Iterable<readonly [string, string]>): readonly string[] {
    return [...wanted].flatMap(([name, range]) => this.#find(name, range));
  }

  /** An entry whose key says so, with its patches; else, since resolutions and catalogs change what is asked for, all of the name. */
  #find(name: string, range: string): readonly string[] {
    const exact = this.#exact.get(`${name}@${range}`) ?? this.#exact.get(`${name}@npm:${range}`);
    const named = this.#byName.get(name) ?? [];
    return exact === undefined ? named : [exact, ...named.filter((key) => key.includes('@patch:'))];
  }
}

const nameIn = (descriptor: string): string => /^(@?[^@]+)/.exec(descriptor)?.[1] ?? descriptor;

function toEntry(key: string, value: unknown, index: Descriptors): LockEntry {
  const resolution = textAt(value, 'resolution') ?? '';
  const folder = /@workspace:(.*)$/.exec(resolution)?.[1];
  const asked = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
    textEntriesAt(value, kind),
  );
  return {
    name: nameIn(key),
    version: String(at(value, 'version') ?? ''),
    content: textAt(value, 'integrity') ?? textAt(value, 'checksum') ?? textAt(value, 'resolved') ?? resolution,
    dependencies: index.all(asked),
    folder: folder === '.' ? '' : folder,
  };
}
