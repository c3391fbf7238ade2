/**
 * What git keeps under one path. Paths and texts are bytes: each character stands for one (latin1), so that every name
 * which git can hold can be written down here.
 */
export type Entry =
  | { readonly mode: '100644' | '100755' | '120000'; readonly text: string }
  | { readonly mode: '160000'; readonly id: string };

/** A whole tree: path → entry. */
export type Tree = ReadonlyMap<string, Entry>;

/** A tree that is being changed. A file and a folder of one name never stand side by side. */
export class Draft {
  readonly #entries: Map<string, Entry>;

  constructor(tree: Tree) {
    this.#entries = new Map(tree);
  }

  get tree(): Tree {
    return new Map([...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  paths(under = ''): readonly string[] {
    const folder = under === '' ? '' : `${under}/`;
    return [...this.#entries.keys()].filter((path) => path.startsWith(folder)).sort();
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  set(path: string, entry: Entry): void {
    this.remove(path);
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) this.#entries.delete(parts.slice(0, length).join('/'));
    this.#entries.set(path, entry);
  }

  /** The path, and all that is below it. */
  remove(path: string): void {
    this.#entries.delete(path);
    for (const below of this.paths(path)) this.#entries.delete(below);
  }

  /** Moves a path with all that is below it. */
  move(from: string, to: string): void {
    if (to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) return;
    const moved = [from, ...this.paths(from)].map((path) => [path, this.#entries.get(path)] as const);
    this.remove(from);
    for (const [path, entry] of moved) if (entry !== undefined) this.set(to + path.slice(from.length), entry);
  }

  json(path: string): Record<string, unknown> | undefined {
    const entry = this.get(path);
    if (entry === undefined || entry.mode === '160000') return undefined;
    try {
      const value: unknown = JSON.parse(entry.text);
      return isRecord(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Writes a configuration file; JSON is YAML. */
  setJson(path: string, value: object, space = 0): void {
    this.set(path, { mode: '100644', text: JSON.stringify(value, null, space) });
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
