import { textsAt, textsWithin } from '../data.ts';
import { fromFolder, inFolder, isWithin, linkFrom } from '../paths.ts';
import type { NpmManifest } from './manifest.ts';

/** Paths of TypeScript's settings that are put out, or that say where types and sources begin. */
const NO_INPUT = new Set([
  'exclude',
  'outDir',
  'outFile',
  'declarationDir',
  'rootDir',
  'baseUrl',
  'tsBuildInfoFile',
  'typeRoots',
]);
const OUT = /(?<![\w@./-])((?:\.\.\/)+[\w@.\-/]+)/g;

/** Every path out of its folder that a package.json names: what its scripts run, and what settings of tools in it extend. */
export function namedOutside({ folder, data }: NpmManifest): readonly string[] {
  return [...textsWithin(data)].flatMap(([, text]) =>
    [...text.matchAll(OUT)].flatMap(([, path]) => outside(folder, path ?? '')),
  );
}

/** A path that leads out, and neither to a folder around nor to what is installed. */
function outside(folder: string, written: string): readonly string[] {
  const path = fromFolder(folder, written.replace(/(?:^|\/)[^/]*[*?].*$/, ''));
  return path === undefined ||
    isWithin(folder, path) ||
    isWithin(path, folder) ||
    /(?:^|\/)node_modules(?:\/|$)/.test(path)
    ? []
    : [path];
}

/** What a tsconfig.json takes in from elsewhere (https://www.typescriptlang.org/tsconfig). */
export interface TypeScriptSettings {
  /** Files that it extends: one of these is there. */
  readonly extended: readonly string[];
  /** Packages whose settings it extends. */
  readonly packages: readonly string[];
  /** Files and folders of source, and projects that it references. */
  readonly taken: readonly string[];
}

/** @param data the content; undefined when it cannot be read: then every path in the text counts */
export function settingsIn(folder: string, data: unknown, text: string): TypeScriptSettings {
  if (data === undefined) {
    const all = [...text.matchAll(OUT)].flatMap(([, path]) => outside(folder, path ?? ''));
    return { extended: all, packages: [], taken: all };
  }
  const named = textsAt(data, 'extends');
  const paths = named.filter((it) => it.startsWith('.')).flatMap((it) => linkFrom(folder, it));
  return {
    extended: paths.flatMap((it) => (it.endsWith('.json') ? [it] : [`${it}.json`, inFolder(it, 'tsconfig.json')])),
    packages: named.flatMap((it) => /^(?:@[^/]+\/)?[^./][^/]*/.exec(it)?.[0] ?? []),
    taken: pathsUnder(data)
      .filter((it) => it.startsWith('../'))
      .flatMap((it) => outside(folder, it)),
  };
}

function pathsUnder(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, it]) => (NO_INPUT.has(key) || key === 'extends' ? [] : pathsUnder(it)));
}
