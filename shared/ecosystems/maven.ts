import { type EcosystemReader, makePackage, type Package, type ReadPackages } from './package.ts';
import { above, folderOf, fromFolder, inFolder } from './paths.ts';
import { all, type Element, parseXml, textOf, walk } from './xml.ts';

/** A chain of parents, or of properties that name properties, that is longer is a circle. */
const MAX_DEPTH = 20;
/** Elements that name another artifact (https://maven.apache.org/pom.html). */
const NAMES_ARTIFACT = new Set(['dependency', 'plugin', 'extension', 'annotationProcessorPath', 'path']);
const GOVERNS = [
  '.mvn/maven.config',
  '.mvn/jvm.config',
  '.mvn/extensions.xml',
  '.mvn/wrapper/maven-wrapper.properties',
];
/** A plugin without a group is one of Maven's. */
const PLUGIN_GROUP = 'org.apache.maven.plugins';

interface Pom {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly project: Element | undefined;
}

/**
 * Projects of Maven, by groupId and artifactId: dependencies, managed ones (imported BOMs), plugins and extensions, those
 * of profiles included. A parent hands its settings on: its pom is an input, its dependencies are inherited. Versions are
 * not compared: a build of the repository takes what lies in it.
 */
const readMaven: ReadPackages = ({ texts, there }) => {
  const poms = [...texts].map(([path, text]): Pom => ({ path, folder: folderOf(path), project: parseXml(text) }));
  const reactor = new Reactor(poms);
  return poms.map((it) => toPackage(it, reactor, there));
};

export const maven: EcosystemReader = { read: readMaven };

function toPackage(pom: Pom, reactor: Reactor, there: ReadonlySet<string>): Package {
  const { path, folder, project } = pom;
  const parent = reactor.parentOf(pom);
  const links = [...(parent === undefined ? [] : [parent.path]), ...reactor.dependenciesOf(pom)];
  const unknown = project?.name === 'project' ? undefined : 'it is no project in XML';
  return makePackage({
    manifest: path,
    name: unknown === undefined ? reactor.coordinates(pom) : folder || path,
    folder,
    content: textOf(project, 'packaging') === 'pom' ? 'manifest' : 'folder',
    links: [...new Set(links)].filter((it) => it !== path),
    governed: above(folder, GOVERNS, there),
    unknown,
    nameless: unknown !== undefined,
  });
}

/** Projects by what they are called, with properties filled in. */
class Reactor {
  readonly #byPath: ReadonlyMap<string, Pom>;
  readonly #byName = new Map<string, string[]>();

  constructor(poms: readonly Pom[]) {
    this.#byPath = new Map(poms.map((it) => [it.path, it]));
    for (const pom of poms) {
      if (pom.project === undefined) continue;
      const name = this.coordinates(pom);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), pom.path]);
    }
  }

  /** `groupId:artifactId` */
  coordinates(pom: Pom): string {
    return `${this.#value(pom, '${project.groupId}')}:${this.#value(pom, '${project.artifactId}')}`;
  }

  /** Where `relativePath` says (`../pom.xml` unless it says otherwise), as Maven does; the name must not be another one. */
  parentOf({ folder, project }: Pom): Pom | undefined {
    const [parent] = all(project, 'parent');
    if (parent === undefined) return undefined;
    const written = textOf(parent, 'relativePath') ?? '../pom.xml';
    const place = written === '' ? undefined : fromFolder(folder, written);
    const found =
      place === undefined ? undefined : (this.#byPath.get(place) ?? this.#byPath.get(inFolder(place, 'pom.xml')));
    const artifact = textOf(parent, 'artifactId');
    if (found !== undefined && (found.project === undefined || textOf(found.project, 'artifactId') === artifact))
      return found;
    const named = this.#byName.get(`${textOf(parent, 'groupId') ?? ''}:${artifact ?? ''}`)?.[0];
    return named === undefined ? undefined : this.#byPath.get(named);
  }

  dependenciesOf(pom: Pom): readonly string[] {
    if (pom.project === undefined) return [];
    const named = [...walk(pom.project)].filter((it) => NAMES_ARTIFACT.has(it.name));
    return named.flatMap((it) => {
      const group = textOf(it, 'groupId') ?? PLUGIN_GROUP;
      return this.#byName.get(`${this.#value(pom, group)}:${this.#value(pom, textOf(it, 'artifactId') ?? '')}`) ?? [];
    });
  }

  /** A text with `${…}` filled in; what is not known stays as it is. */
  #value(pom: Pom, text: string, depth = 0): string {
    if (depth > MAX_DEPTH) return text;
    return text.replace(/\$\{([^}]+)\}/g, (written, key: string) => {
      const found = this.#property(pom, key);
      return found === undefined ? written : this.#value(pom, found, depth + 1);
    });
  }

  #property(pom: Pom, key: string): string | undefined {
    const own = key.replace(/^(?:pom|project)\./, '');
    if (own !== key || key === 'groupId' || key === 'artifactId') return this.#ownField(pom, own);
    let at: Pom | undefined = pom;
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      const found = textOf(at.project, 'properties', key);
      if (found !== undefined) return found;
      at = this.parentOf(at);
    }
    return undefined;
  }

  /** `project.groupId` is inherited from the parent that is named, whether that lies here or not. */
  #ownField({ project }: Pom, field: string): string | undefined {
    const isParents = field.startsWith('parent.');
    const name = field.replace(/^parent\./, '');
    const own = isParents ? undefined : textOf(project, name);
    return own ?? (name === 'artifactId' && !isParents ? undefined : textOf(project, 'parent', name));
  }
}
