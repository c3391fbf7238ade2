import type { LockRoot } from '../../model/index.ts';
import { Lines, type NumberedGraph, numbered } from './lines.ts';
import type { LockGraph } from './lock-graph.ts';

/**
 * Two versions of a lock file, to be asked what is different for some packages: everything that is reached from these is
 * looked at, and nothing else.
 */
export class LockComparison {
  readonly #lines = new Lines();
  readonly #before: Walker;
  readonly #after: Walker;
  /** Services of one package ask the same. */
  readonly #known = new Map<string, readonly string[]>();

  constructor(before: LockGraph, after: LockGraph) {
    const graphs = [before, after].map((it) => numbered(it, this.#lines));
    const [was = EMPTY, is = EMPTY] = graphs;
    this.#before = new Walker(was, this.#lines.size);
    this.#after = new Walker(is, this.#lines.size);
  }

  /** What is different, in words; empty when nothing is. Roots are packages by their folders, from that of the file. */
  moved(before: readonly LockRoot[], after: readonly LockRoot[]): readonly string[] {
    const key = JSON.stringify([before, after]);
    const found = this.#known.get(key) ?? this.#compare(before, after);
    this.#known.set(key, found);
    return found;
  }

  #compare(before: readonly LockRoot[], after: readonly LockRoot[]): readonly string[] {
    const was = this.#before.reach(before);
    const is = this.#after.reach(after);
    const changed = [...was.filter((line) => !this.#after.has(line)), ...is.filter((line) => !this.#before.has(line))];
    if (changed.length === 0) return [];
    const names = new Set(changed.map((line) => this.#lines.at(line).name));
    const [versionsBefore, versionsAfter] = [this.#versions(was, names), this.#versions(is, names)];
    const moved = [...names].sort().flatMap((name) => tell(name, versionsBefore.get(name), versionsAfter.get(name)));
    return moved.length > 0 ? moved : [...names].sort().map((name) => `${name} leads elsewhere`);
  }

  #versions(lines: readonly number[], names: ReadonlySet<string>): ReadonlyMap<string, string> {
    const found = new Map<string, Set<string>>();
    for (const line of lines) {
      const { name, version } = this.#lines.at(line);
      if (version !== undefined && names.has(name)) found.set(name, (found.get(name) ?? new Set()).add(version));
    }
    return new Map([...found].map(([name, versions]) => [name, [...versions].sort().join(', ')]));
  }
}

const EMPTY: NumberedGraph = { nodes: [], roots: new Map() };

function tell(name: string, was: string | undefined, is: string | undefined): readonly string[] {
  if (was === is) return [];
  if (was === undefined) return [`${name} ${is} is new`];
  return [is === undefined ? `${name} ${was} is gone` : `${name} ${was} → ${is}`];
}

/** Walks one graph again and again; what was reached last is told by marks, which need not be cleared. */
class Walker {
  readonly #graph: NumberedGraph;
  readonly #nodeMarks: Uint32Array;
  readonly #lineMarks: Uint32Array;
  #round = 0;

  constructor(graph: NumberedGraph, lines: number) {
    this.#graph = graph;
    this.#nodeMarks = new Uint32Array(graph.nodes.length);
    this.#lineMarks = new Uint32Array(lines);
  }

  /** Numbers of the lines that are reached from some roots, each once. */
  reach(roots: readonly LockRoot[]): readonly number[] {
    this.#round += 1;
    const lines: number[] = [];
    const queue: number[] = [];
    const entered = new Set<string>();
    for (const { folder, development } of roots) this.#enter(folder, development, lines, queue, entered);
    for (let at = 0; at < queue.length; at++) {
      const node = this.#graph.nodes[queue[at] ?? -1];
      if (node === undefined) continue;
      // A package of the repository: its files are inputs of their own, here only what it asks for counts.
      if (node.folder !== undefined) {
        if (!entered.has(node.folder)) this.#enter(node.folder, false, lines, queue, entered);
        continue;
      }
      this.#add(node.line, lines);
      this.#push(node.next, queue);
    }
    return lines;
  }

  /** Whether a line was reached in the last walk. */
  has(line: number): boolean {
    return this.#lineMarks[line] === this.#round;
  }

  #enter(folder: string, development: boolean, lines: number[], queue: number[], entered: Set<string>): void {
    entered.add(folder);
    // One without dependencies is often left out of the file.
    const root = this.#graph.roots.get(folder);
    if (root === undefined) return;
    if (development) this.#add(root.line, lines);
    this.#push(root.production, queue);
    if (development) this.#push(root.development, queue);
  }

  #push(nodes: readonly number[], queue: number[]): void {
    for (const node of nodes) {
      if (this.#nodeMarks[node] === this.#round) continue;
      this.#nodeMarks[node] = this.#round;
      queue.push(node);
    }
  }

  #add(line: number, lines: number[]): void {
    if (this.#lineMarks[line] === this.#round) return;
    this.#lineMarks[line] = this.#round;
    lines.push(line);
  }
}
