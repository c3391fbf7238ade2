import { type Document, isAlias, isCollection, isScalar, type Node, visit } from 'yaml';
import { MAX_ALIASES, MAX_NESTING } from './limits.ts';

/** What is wrong with a YAML text, and where: an offset into the text. */
export interface Fault {
  readonly sentence: string;
  readonly remedy: string;
  readonly offset: number | undefined;
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Keep one of the two keys.',
  TAB_AS_INDENT: 'Indent with spaces.',
  TAG_RESOLVE_FAILED: 'Put a value that begins with `!` in quotes.',
  MULTIPLE_DOCS: 'Keep one document in the file; take the line `---` out.',
};

/** Whether the keys at the top are words of a schema, or names that users choose. */
export type TopKeys = 'words' | 'names';

/** What the parser says, duplicate keys and unknown tags included, and what it lets pass although nobody means it. */
export function faultsOf(parsed: Document.Parsed, topKeys: TopKeys): readonly Fault[] {
  const { faults, tooDeep } = contentFaults(parsed, topKeys);
  // What the parser says of a text that is too deep for it is of no use to anybody.
  return tooDeep === undefined ? [...syntaxFaults(parsed), ...faults] : [tooDeep];
}

function syntaxFaults(parsed: Document.Parsed): readonly Fault[] {
  // A warning is a tag that is not known, such as `!docs/**` without quotes: its value would be lost.
  return [...parsed.errors, ...parsed.warnings].map(({ code, message, pos }) => ({
    sentence: `The YAML cannot be read: ${message.replace(/; please use YAML\.parseAllDocuments\(\)$/, '')}.`,
    remedy: REMEDIES[code] ?? 'Correct the YAML at this place.',
    offset: pos[0],
  }));
}

/** Aliases that lead nowhere or into themselves, nesting that no configuration has, and keys that are no data. */
function contentFaults(
  parsed: Document.Parsed,
  topKeys: TopKeys,
): { readonly faults: readonly Fault[]; readonly tooDeep?: Fault } {
  const faults: Fault[] = [];
  let tooDeep: Fault | undefined;
  const anchors = new Set<string>();
  const add = (node: Node, sentence: string, remedy: string) =>
    faults.push({ sentence, remedy, offset: node.range?.[0] });
  visit(parsed, {
    Node(key, node, path) {
      const above = path.filter(isCollection);
      if (above.length > MAX_NESTING) {
        const sentence = `Values are nested more than ${MAX_NESTING} levels deep.`;
        tooDeep = { sentence, remedy: 'Make it flatter.', offset: node.range?.[0] };
        return visit.BREAK;
      }
      if (isAlias(node)) {
        const wrong = aliasFault(node.source, anchors, above);
        if (wrong !== undefined) add(node, wrong.sentence, wrong.remedy);
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      // In JavaScript it would name no property, and schemas pass over it; names at the top are read without either.
      const isName = topKeys === 'names' && above.length === 1;
      if (key === 'key' && isScalar(node) && node.value === '__proto__' && !isName) {
        add(node, 'The key `__proto__` cannot be used.', 'Use another name.');
      }
      return undefined;
    },
  });
  return tooDeep === undefined ? { faults } : { faults, tooDeep };
}

function aliasFault(
  source: string,
  anchors: ReadonlySet<string>,
  above: readonly { anchor?: string }[],
): Pick<Fault, 'sentence' | 'remedy'> | undefined {
  if (!anchors.has(source)) {
    return {
      sentence: `No anchor \`&${source}\` stands above this alias.`,
      remedy: 'Put a value that begins with `*` in quotes.',
    };
  }
  if (!above.some(({ anchor }) => anchor === source)) return undefined;
  return { sentence: `The alias \`*${source}\` stands in the value that it names.`, remedy: 'Take the alias out.' };
}

/** The document as plain data, or the fault of one whose aliases would blow it up. */
export function plainOf(parsed: Document.Parsed): { readonly value: unknown } | { readonly fault: Fault } {
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: MAX_ALIASES });
    return { value: value ?? undefined };
  } catch (thrown) {
    // The library's own bound; everything else that it throws is a bug.
    if (!(thrown instanceof ReferenceError)) throw thrown;
    const sentence = `Aliases repeat content more than ${MAX_ALIASES} times.`;
    return { fault: { sentence, remedy: 'Use the defaults of slipway.yml, or write it out.', offset: 0 } };
  }
}
