import type { LockEntry, LockGraph } from './lock-graph.ts';

/** One thing that a lock file says: an entry with its content and what it leads to, or what a package asks for. */
export interface Line {
  readonly name: string;
  /** undefined for a package of the repository. */
  readonly version: string | undefined;
}

/** Lines of both versions of a file, numbered, so that equal ones have the same number. */
export class Lines {
  readonly #numbers = new Map<string, number>();
  readonly #lines: Line[] = [];

  get size(): number {
    return this.#lines.length;
  }

  numberOf(line: Line, text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#lines.length);
    return this.#lines.push(line) - 1;
  }

  at(number: number): Line {
    return this.#lines[number] ?? { name: '', version: undefined };
  }
}

interface Node {
  readonly line: number;
  readonly next: readonly number[];
  /** The root that it stands for, where it is a package of the repository. */
  readonly folder: string | undefined;
}

interface Root {
  readonly line: number;
  readonly production: readonly number[];
  readonly development: readonly number[];
}

/** A lock file in numbers: a thousand packages may each lead to ten thousand entries. */
export interface NumberedGraph {
  readonly nodes: readonly Node[];
  readonly roots: ReadonlyMap<string, Root>;
}

export function numbered({ entries, roots }: LockGraph, lines: Lines): NumberedGraph {
  const places = new Map([...entries.keys()].map((id, index) => [id, index]));
  const place = (ids: readonly string[]) => ids.flatMap((id) => places.get(id) ?? []);
  const nodes = [...entries.values()].map((entry): Node => {
    const { name, version, content, dependencies, folder } = entry;
    const text = `${name}\0${version}\0${content}\0${labels(dependencies, entries)}`;
    return {
      line: folder === undefined ? lines.numberOf({ name, version }, text) : -1,
      next: place(dependencies),
      folder,
    };
  });
  const numberedRoots = [...roots].map(([folder, { production, development }]) => {
    const text = `${folder}\0${labels(production, entries)}\0${labels(development, entries)}`;
    const line = lines.numberOf({ name: folder || 'the root', version: undefined }, text);
    return [folder, { line, production: place(production), development: place(development) }] as const;
  });
  return { nodes, roots: new Map(numberedRoots) };
}

/** Names and versions of entries, in an order that does not depend on the file's. */
function labels(ids: readonly string[], entries: ReadonlyMap<string, LockEntry>): string {
  const found = ids.flatMap((id) => {
    const entry = entries.get(id);
    return entry === undefined ? [] : [`${entry.name}@${entry.folder ?? entry.version}`];
  });
  return [...new Set(found)].sort().join(' ');
}
