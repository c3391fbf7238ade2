import { textsWithin } from '../data.ts';

/** `name @ file:…`, `-e file:…` (PDM) and `file:…` alone, with what stands for the project's own folder. */
export function directReference(requirement: string): string | undefined {
  const url = /(?:@\s*|^\s*-e\s+|^\s*(?=file:))((?:file:|\{root:uri\}|\.{1,2}\/)[^\s;#]*)/.exec(requirement)?.[1];
  return url === undefined
    ? undefined
    : url
        .replace(/^file:(?:\/\/(?=\/|\$|\.))?/, '')
        .replace(/^\/?\$\{?PROJECT_ROOT\}?\/?|^\{root:uri\}\/?/, './')
        .replace(/\[[^\]]*\]$/, '');
}

/** What a manifest of a project names beside its requirements by name. */
export interface Named {
  /** Folders and files of packages, as they are written. */
  readonly packages: readonly string[];
  /** Any other path that leads out of the project's folder, as it is written. */
  readonly outside: readonly string[];
}

/** Keys of what is looked for around a project, and is no part of it (setuptools-scm, pytest). */
const AROUND = new Set(['root', 'fallback_root', 'rootdir']);
const LEADS_OUT = /^\.\.(?:[\\/]|$)/;

/**
 * What any part of TOML names, whichever tool it is for: a `path` (uv, poetry, Pipenv), direct references in any list of
 * requirements (PEP 508, hatch, PDM), and every other text or key that leads out of the folder (`packages = [{ from =
 * "../x" }]` of poetry, `force-include` of hatch, `dynamic` of setuptools).
 */
export function namedIn(data: unknown): Named {
  const packages: string[] = [];
  const outside: string[] = [];
  for (const [key, text] of textsWithin(data, '', joined)) {
    const direct = directReference(text) ?? (key === 'path' ? text : undefined);
    if (direct !== undefined) packages.push(direct);
    else if (LEADS_OUT.test(text) && !AROUND.has(key)) outside.push(text);
  }
  return { packages, outside };
}

/** What is taken `from` a folder is there under the name that it is to `include`. */
function joined(table: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { from, include } = table;
  return typeof from === 'string' && typeof include === 'string' ? { ...table, from: `${from}/${include}` } : table;
}

/** The same of a text that is not run: paths out of the folder, wherever they stand. */
export function namedInText(text: string): Named {
  const direct = [...text.matchAll(/@\s*file:[^\s"']*?((?:\.\.[\\/]+)+[\w@.+\-/\\]*)/g)].map(([, it = '']) => it);
  const outside = [...text.matchAll(/(?<![\w.])(?:\.\.[\\/]+)+[\w@.+\-/\\]+/g)].map(([it]) => it);
  return { packages: direct, outside };
}
