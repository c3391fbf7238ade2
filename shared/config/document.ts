import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type Place, type Problem, problem, type ReasonCode } from '../model/index.ts';
import { MAX_FILE_CHARACTERS } from './limits.ts';
import type { KeyPath } from './paths.ts';
import { type Fault, faultsOf, plainOf, type TopKeys } from './yaml-faults.ts';

/** A YAML file as plain values that still know where they stand. */
export interface ConfigDocument {
  readonly file: string;
  /** Code of the problems that this document has. */
  readonly code: ReasonCode;
  /** Plain data as JSON has it; undefined when the file is empty or holds only comments. */
  readonly value: unknown;
  /** Where a value stands; of one that is not there, the nearest that is above it. */
  place(path: KeyPath): Place;
  /** Where the key of a value stands. */
  keyPlace(path: KeyPath): Place;
  /** How many steps of a path are really there. */
  depth(path: KeyPath): number;
  /** Keys of a map in the order of the file, which JavaScript does not keep for keys such as `10`. */
  keys(path: KeyPath): readonly string[];
  /** Numbers that would be written otherwise than they are: `1.10`, `0x10`, `1e3`. */
  readonly inexact: readonly InexactNumber[];
}

export interface InexactNumber {
  readonly path: KeyPath;
  /** As it stands in the file. */
  readonly written: string;
}

export interface ParsedDocument {
  /** undefined when the text is no YAML that can be used. */
  readonly document: ConfigDocument | undefined;
  readonly problems: readonly Problem[];
}

/** Reads one YAML file. Duplicate keys, tags, unknown aliases and content beyond the bounds are problems. */
export function parseText(
  file: string,
  text: string,
  code: ReasonCode = 'config-invalid',
  topKeys: TopKeys = 'words',
): ParsedDocument {
  if (text.length > MAX_FILE_CHARACTERS) {
    const sentence = `The file has ${text.length} characters, more than ${MAX_FILE_CHARACTERS}.`;
    return { document: undefined, problems: [problem(code, sentence, { at: { file } })] };
  }
  const lines = new LineCounter();
  // A byte order mark would shift the columns of the first line. `core`: YAML 1.2, whatever a directive asks for.
  const parsed = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
  });
  const place = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refused = (faults: readonly Fault[]): ParsedDocument => ({
    document: undefined,
    problems: faults.map(({ sentence, remedy, offset }) => problem(code, sentence, { remedy, at: place(offset) })),
  });
  const faults = faultsOf(parsed, topKeys);
  if (faults.length > 0) return refused(faults);
  const plain = plainOf(parsed);
  if ('fault' in plain) return refused([plain.fault]);
  return { document: { file, code, value: plain.value, ...located(parsed, place) }, problems: [] };
}

type Located = Omit<ConfigDocument, 'file' | 'code' | 'value'>;

function located(parsed: Document.Parsed, place: (offset: number | undefined) => Place): Located {
  const targets = aliasTargets(parsed);
  const follow = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);
  // Looking a key up by going through all of them would take a square of the time for a map of a thousand services.
  const indices = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: YAMLMap) => {
    const index = indices.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key), pair]));
    indices.set(map, index);
    return index;
  };
  const walk = (path: KeyPath) => walkTo(parsed.contents, path, follow, pairsOf);
  return {
    place: (path) => place(offsetOf(walk(path).node)),
    keyPlace(path) {
      const { key, node, depth } = walk(path);
      return place(offsetOf(depth === path.length && key !== undefined ? key : node));
    },
    depth: (path) => walk(path).depth,
    keys(path) {
      const { node, depth } = walk(path);
      const map = follow(node);
      return depth === path.length && isMap(map) ? map.items.map(({ key }) => keyText(key)) : [];
    },
    inexact: inexactNumbers(parsed.contents, []),
  };
}

/** What each alias names: the last anchor of that name above it. */
function aliasTargets(parsed: Document.Parsed): ReadonlyMap<unknown, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<unknown, unknown>();
  visit(parsed, {
    Node(_key, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

interface Reached {
  readonly node: unknown;
  readonly key: unknown;
  readonly depth: number;
}

type PairsOf = (map: YAMLMap) => ReadonlyMap<string, Pair>;

function walkTo(top: unknown, path: KeyPath, follow: (node: unknown) => unknown, pairsOf: PairsOf): Reached {
  let reached: Reached = { node: top, key: undefined, depth: 0 };
  for (const step of path) {
    const next = stepInto(follow(reached.node), step, pairsOf);
    if (next === undefined) return reached;
    reached = { ...next, depth: reached.depth + 1 };
  }
  return reached;
}

function stepInto(node: unknown, step: string | number, pairsOf: PairsOf): Pick<Reached, 'node' | 'key'> | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item === undefined ? undefined : { node: item, key: undefined };
  }
  const pair = isMap(node) ? pairsOf(node).get(String(step)) : undefined;
  return pair === undefined ? undefined : { node: pair.value ?? pair.key, key: pair.key };
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

function inexactNumbers(node: unknown, path: KeyPath): readonly InexactNumber[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => inexactNumbers(value, [...path, keyText(key)]));
  if (isSeq(node)) return node.items.flatMap((item, index) => inexactNumbers(item, [...path, index]));
  if (!isScalar(node) || typeof node.value !== 'number') return [];
  const written = node.source ?? '';
  return written === String(node.value) ? [] : [{ path, written }];
}
