import { isRecord, parseJson } from '../../model/index.ts';
import { textAt, textEntriesAt } from '../data.ts';
import type { Requires } from '../package.ts';
import { folderOf } from '../paths.ts';

/** One package.json. */
export interface NpmManifest {
  readonly path: string;
  readonly folder: string;
  /** undefined when it has none, or none could be read. */
  readonly name: string | undefined;
  readonly data: unknown;
  /** Why it cannot be read; undefined when it can. */
  readonly unknown: string | undefined;
  /** Whether a manifest that cannot be read seems to have workspaces. */
  readonly mayBeRoot: boolean;
}

export function parseManifest(path: string, text: string): NpmManifest {
  const folder = folderOf(path);
  // Byte order marks are read over, as npm does.
  const data = parseJson(text.replace(/^\uFEFF/, ''));
  if (isRecord(data)) return { path, folder, name: textAt(data, 'name'), data, unknown: undefined, mayBeRoot: false };
  return {
    path,
    folder,
    name: nameIn(text),
    data: {},
    unknown: 'it is no JSON object',
    mayBeRoot: /"workspaces"/.test(text),
  };
}

/** The name as it most likely stands in a text that is no JSON: those who depend on it name it. */
const nameIn = (text: string): string | undefined => /"name"\s*:\s*"([^"\\]+)"/.exec(text)?.[1];

/** Dependencies as they are written, by what needs them. */
export function requiresOf({ data }: NpmManifest): Requires {
  const production = ['dependencies', 'optionalDependencies', 'peerDependencies'];
  return {
    production: new Map(production.flatMap((key) => textEntriesAt(data, key))),
    development: new Map(textEntriesAt(data, 'devDependencies')),
  };
}
