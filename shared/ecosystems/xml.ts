import { parseXml as parse, XmlElement } from '@rgrove/parse-xml';

/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The text in it, without white space around it. */
  readonly text: string;
}

/** The root of a document; undefined when it is not well-formed. */
export function parseXml(text: string): Element | undefined {
  try {
    const { root } = parse(text, { ignoreUndefinedEntities: true });
    return root === null ? undefined : toElement(root);
  } catch {
    // The caller says which file it is, and what follows from it.
    return undefined;
  }
}

function toElement(from: XmlElement): Element {
  const children = from.children.filter((it) => it instanceof XmlElement).map(toElement);
  // Prefixes of namespaces say nothing here: neither Maven nor MSBuild has a second vocabulary.
  return { name: from.name.replace(/^.*:/, ''), attributes: from.attributes, children, text: from.text.trim() };
}

/** Elements under a way of names, from an element down. */
export function all(element: Element | undefined, ...way: readonly string[]): readonly Element[] {
  let found = element === undefined ? [] : [element];
  for (const name of way) found = found.flatMap((it) => it.children.filter((child) => child.name === name));
  return found;
}

/** The text of the first element under a way of names; undefined when there is none. */
export const textOf = (element: Element | undefined, ...way: readonly string[]): string | undefined =>
  all(element, ...way)[0]?.text;

/** An element and everything in it, from the top down. */
export function* walk(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) yield* walk(child);
}
