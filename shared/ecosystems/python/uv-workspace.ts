import picomatch from 'picomatch';
import { at, entriesAt, listAt, textAt, textsAt } from '../data.ts';
import { linkFrom, upwards } from '../paths.ts';

/** A manifest of Python in TOML. */
export interface PythonFile {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly data: unknown;
}

/** Manifests by the name of the project. */
export type Names = ReadonlyMap<string, readonly string[]>;

export const nameOfProject = (data: unknown): string | undefined =>
  textAt(data, 'project', 'name') ?? textAt(data, 'tool', 'poetry', 'name');

export function namesOf(projects: readonly PythonFile[]): Names {
  const found = new Map<string, string[]>();
  for (const { path, data } of projects) {
    const name = nameOfProject(data);
    if (name !== undefined) found.set(normal(name), [...(found.get(normal(name)) ?? []), path]);
  }
  return found;
}

/** Names are equal without regard to case and to which of `-_.` they have (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Names in requirements of PEP 508, of every group. */
export function namesRequired(data: unknown): ReadonlySet<string> {
  const groups = [
    ...entriesAt(data, 'project', 'optional-dependencies'),
    ...entriesAt(data, 'dependency-groups'),
    ...entriesAt(data, 'tool', 'pdm', 'dev-dependencies'),
  ];
  const requirements = [
    ...textsAt(data, 'project', 'dependencies'),
    ...textsAt(data, 'build-system', 'requires'),
    ...textsAt(data, 'tool', 'uv', 'dev-dependencies'),
    ...groups.flatMap(([, list]) => textsAt(list)),
  ];
  return new Set(requirements.map((text) => normal(/^\s*([A-Za-z0-9][\w.-]*)/.exec(text)?.[1] ?? '')));
}

/** `tool.uv.sources`: a path, or a member of the workspace; one source or several. */
export function sourcesIn({ data, folder }: PythonFile, byName: Names): readonly (readonly [string, string])[] {
  return entriesAt(data, 'tool', 'uv', 'sources').flatMap(([name, written]) =>
    listAt(written).flatMap((source) => {
      if (at(source, 'workspace') === true)
        return (byName.get(normal(name)) ?? []).map((it) => [normal(name), it] as const);
      return linkFrom(folder, textAt(source, 'path')).map((link) => [normal(name), link] as const);
    }),
  );
}

/** The root of the workspace of uv that a project is in: the nearest above that takes it in, or itself. */
export function rootOf({ folder }: PythonFile, byFolder: ReadonlyMap<string, PythonFile>): PythonFile | undefined {
  for (const up of upwards(folder)) {
    const root = byFolder.get(up);
    const workspace = at(root?.data, 'tool', 'uv', 'workspace');
    if (workspace === undefined) continue;
    const inner = up === '' ? folder : folder.slice(up.length + 1);
    const patterns = (key: string) => textsAt(workspace, key).map((it) => it.replace(/^(?:\.\/)+|\/+$/g, ''));
    const matches = (key: string) => picomatch.isMatch(inner, patterns(key), { windows: false });
    if (up === folder || (matches('members') && !matches('exclude'))) return root;
  }
  return undefined;
}
