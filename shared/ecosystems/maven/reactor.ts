import { fromFolder, inFolder } from '../paths.ts';
import { all, textOf } from '../xml.ts';
import { type Pom, valuesOf } from './pom.ts';

/** A chain of parents, or of properties that name properties, that is longer is a circle. */
const MAX_DEPTH = 20;
/** A text with more meanings than this is not known. */
const MAX_MEANINGS = 32;

/** Projects by what they are called, with properties filled in. */
export class Reactor {
  readonly #byPath: ReadonlyMap<string, Pom>;
  readonly #byName = new Map<string, Pom[]>();
  readonly #byArtifact = new Map<string, Pom[]>();

  constructor(poms: readonly Pom[]) {
    this.#byPath = new Map(poms.map((it) => [it.path, it]));
    for (const pom of poms) {
      if (pom.project === undefined) continue;
      const name = this.coordinates(pom);
      push(this.#byName, name, pom);
      push(this.#byArtifact, name.slice(name.indexOf(':') + 1), pom);
    }
  }

  /** `groupId:artifactId` */
  coordinates(pom: Pom): string {
    return this.values(pom, '${project.groupId}:${project.artifactId}')[0] ?? ':';
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
    return this.#byName.get(`${textOf(parent, 'groupId') ?? ''}:${artifact ?? ''}`)?.[0];
  }

  /** Parents of a project, the nearest first. */
  parentsOf(pom: Pom): readonly Pom[] {
    const found: Pom[] = [];
    let at = this.parentOf(pom);
    while (at !== undefined && found.length < MAX_DEPTH && !found.includes(at)) {
      found.push(at);
      at = this.parentOf(at);
    }
    return found;
  }

  /** Projects of a group and an artifact as one pom writes them; undefined when nothing tells which. */
  find(pom: Pom, group: string, artifact: string): readonly Pom[] | undefined {
    const artifacts = this.values(pom, artifact);
    if (artifacts.some(isOpen)) return undefined;
    return this.values(pom, group).flatMap((it) =>
      artifacts.flatMap((name) => (isOpen(it) ? this.#byArtifact.get(name) : this.#byName.get(`${it}:${name}`)) ?? []),
    );
  }

  /** All that a text with `${…}` may mean; what is not known stays as it is. */
  values(pom: Pom, text: string, open: readonly string[] = []): readonly string[] {
    const [whole, key = ''] = /\$\{([^}]+)\}/.exec(text) ?? [];
    if (whole === undefined) return [text];
    const before = text.slice(0, text.indexOf(whole));
    const found = open.includes(key) || open.length > MAX_DEPTH ? [] : this.#property(pom, key);
    const inside = found.length === 0 ? [whole] : found.flatMap((it) => this.values(pom, it, [...open, key]));
    const after = this.values(pom, text.slice(before.length + whole.length), open);
    return [...new Set(inside.flatMap((it) => after.map((rest) => before + it + rest)))].slice(0, MAX_MEANINGS);
  }

  #property(pom: Pom, key: string): readonly string[] {
    const own = key.replace(/^(?:pom|project)\./, '');
    if (own !== key || key === 'groupId' || key === 'artifactId') return listed(this.#ownField(pom, own));
    const found: string[] = [];
    for (const it of [pom, ...this.parentsOf(pom)]) {
      const values = valuesOf(it, key);
      found.push(...values.ofProfiles, ...values.own.slice(-1));
      if (values.own.length > 0) break;
    }
    return found;
  }

  /** `project.groupId` is inherited from the parent that is named, whether that lies here or not. */
  #ownField({ project }: Pom, field: string): string | undefined {
    const isParents = field.startsWith('parent.');
    const name = field.replace(/^parent\./, '');
    const own = isParents ? undefined : textOf(project, name);
    return own ?? (name === 'artifactId' && !isParents ? undefined : textOf(project, 'parent', name));
  }
}

export const isOpen = (text: string): boolean => text.includes('${');
const listed = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

function push(map: Map<string, Pom[]>, key: string, pom: Pom): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [pom]);
  else list.push(pom);
}
