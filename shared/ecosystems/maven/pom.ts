import { folderOf } from '../paths.ts';
import { all, type Element, parseXml, textOf, walk } from '../xml.ts';

export interface Pom {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly project: Element | undefined;
}

export const parsePom = (path: string, text: string): Pom => ({
  path,
  folder: folderOf(path),
  project: parseXml(text),
});

/** Another artifact that a pom names, as it is written. */
export interface Named {
  readonly group: string;
  readonly artifact: string;
  readonly type: string | undefined;
}

/** A plugin without a group is one of Maven's. */
const PLUGIN_GROUP = 'org.apache.maven.plugins';
/** What is not taken, or is handled by itself. */
const NOT_TAKEN = new Set(['exclusion', 'parent', 'project']);
/** Texts that say where other poms are. */
const PLACES = new Set(['relativePath', 'module', 'subproject']);

/** Everything with an artifactId (https://maven.apache.org/pom.html), whichever plugin it is a setting of. */
export function namedIn({ project }: Pom): readonly Named[] {
  return elementsOf(project).flatMap((it) => {
    const artifact = textOf(it, 'artifactId');
    if (artifact === undefined || NOT_TAKEN.has(it.name)) return [];
    return [{ group: textOf(it, 'groupId') ?? PLUGIN_GROUP, artifact, type: textOf(it, 'type') }];
  });
}

/** Texts that may be paths; of elements that have no others in them. */
export const textsIn = ({ project }: Pom): readonly string[] =>
  elementsOf(project).flatMap((it) => (it.children.length > 0 || PLACES.has(it.name) ? [] : [it.text]));

/** All values of a property, those of profiles too: which of them are active is not known. */
export function valuesOf(
  { project }: Pom,
  key: string,
): { readonly own: readonly string[]; readonly ofProfiles: readonly string[] } {
  const texts = (way: readonly string[]) => all(project, ...way, 'properties', key).map(({ text }) => text);
  return { own: texts([]), ofProfiles: texts(['profiles', 'profile']) };
}

/** Paths of poms that are named from one: its parent's and its modules', from its folder. */
export const placesIn = ({ project }: Pom): readonly string[] =>
  elementsOf(project).flatMap((it) => (PLACES.has(it.name) ? [it.text] : []));

const elementsOf = (project: Element | undefined): readonly Element[] =>
  project === undefined ? [] : [...walk(project)];
