import { folderOf, fromFolder, inFolder, nameOf, upwards } from '../paths.ts';
import type { DotnetFile } from './file.ts';

/** A text with more meanings than this is not known. */
const MAX_MEANINGS = 64;
/** Properties that name properties; a longer chain is a circle. */
const MAX_DEPTH = 20;
/** Stands before a path from the repository's root. */
export const ROOT = '\uE000';
/** Stands for what is not known. */
export const UNKNOWN = '\uE001';
/** Stands for what belongs to the SDK, to the machine, or to what a build puts out: none of it is in the repository. */
export const ELSEWHERE = '\uE002';

const IS_ELSEWHERE =
  /^(?:MSBuild(?!This|Project(?!Extensions))|VS|VCTargets|NuGet|Pkg|Program|System|windir|Te?mp|Home|UserProfile|(?:Local)?AppData|NetCore|NETCore|Dotnet|FSharp|CSharp|VisualBasic|Language|WiX|Output|OutDir|(?:Base)?Intermediate|BaseOutput|Target(?!Framework)|Publish|Artifacts|PackageOutput|MicrosoftNET|Microsoft|Sdk|FrameworkPath|Roslyn|MSBuildProjectExtensions)/i;

/** What texts of one project mean. Conditions are not weighed: a property has every value that some file gives it. */
export class Evaluation {
  readonly #project: DotnetFile;
  readonly #known: ReadonlySet<string>;
  readonly #values = new Map<string, { readonly value: string; readonly from: DotnetFile }[]>();

  /** @param known paths of files that are known to be there */
  constructor(project: DotnetFile, known: ReadonlySet<string>) {
    this.#project = project;
    this.#known = known;
  }

  add(file: DotnetFile): void {
    for (const { name, value } of file.properties) {
      const values = this.#values.get(name) ?? [];
      values.push({ value, from: file });
      this.#values.set(name, values);
    }
  }

  /** Everything that a text of a file may be, with the marks of this file in it. */
  meanings(written: string, from: DotnetFile, open: readonly string[] = []): readonly string[] {
    const start = written.indexOf('$(');
    if (start < 0) return [written.replace(/[@%]\([^)]*\)/g, UNKNOWN).replaceAll('\\', '/')];
    const end = closing(written, start + 2);
    const before = written
      .slice(0, start)
      .replace(/[@%]\([^)]*\)/g, UNKNOWN)
      .replaceAll('\\', '/');
    const inside = this.#expression(written.slice(start + 2, end).trim(), from, open);
    const after = this.meanings(written.slice(end + 1), from, open);
    const all = new Set(inside.flatMap((it) => after.map((rest) => before + it + rest)));
    return all.size > MAX_MEANINGS ? [`${UNKNOWN}/`] : [...all];
  }

  #expression(text: string, from: DotnetFile, open: readonly string[]): readonly string[] {
    const [, type, method = '', list = ''] = /^(?:\[[\w.]+\](::))?([\w.]+)\(([\s\S]*)\)$/.exec(text) ?? [];
    if (type !== undefined) return this.#function(method, argumentsIn(list), from, open);
    const [name = '', trimmed] = text.split(/\.(?=Trim)/);
    if (!/^\w+$/.test(name) || (trimmed === undefined && text !== name)) return [UNKNOWN];
    const key = name.toLowerCase();
    if (open.includes(key)) return [''];
    if (open.length > MAX_DEPTH) return [UNKNOWN];
    return this.#reserved(key, from) ?? this.#set(key, name, open);
  }

  #set(key: string, name: string, open: readonly string[]): readonly string[] {
    const values = this.#values.get(key);
    if (values === undefined) return [IS_ELSEWHERE.test(name) ? ELSEWHERE : UNKNOWN];
    return values.flatMap(({ value, from }) => this.meanings(value, from, [...open, key]));
  }

  /** https://learn.microsoft.com/visualstudio/msbuild/msbuild-reserved-and-well-known-properties */
  #reserved(key: string, from: DotnetFile): readonly string[] | undefined {
    const of = (file: DotnetFile): Readonly<Record<string, string>> => ({
      directory: `${ROOT}${file.folder}/`,
      file: nameOf(file.path),
      filename: nameOf(file.path).replace(/\.\w+$/, ''),
      fullpath: `${ROOT}${file.path}`,
      filefullpath: `${ROOT}${file.path}`,
      name: nameOf(file.path).replace(/\.\w+$/, ''),
    });
    const found =
      (key.startsWith('msbuildthis')
        ? of(from)[key.slice('msbuildthis'.length).replace(/^file(?=directory)/, '')]
        : undefined) ??
      (key.startsWith('msbuildproject') ? of(this.#project)[key.slice('msbuildproject'.length)] : undefined);
    if (found !== undefined) return [found];
    if (key === 'projectdir' || key === 'msbuildstartupdirectory') return [`${ROOT}${this.#project.folder}/`];
    return key === 'solutiondir' ? this.#solutionFolders() : undefined;
  }

  /** Folders above with a solution in them; any of those above where none is known. */
  #solutionFolders(): readonly string[] {
    const all = [...upwards(this.#project.folder)];
    const solutions = new Set([...this.#known].filter((it) => /\.slnx?$/.test(it)).map(folderOf));
    const found = all.filter((it) => solutions.has(it));
    return (found.length > 0 ? found : all).map((it) => `${ROOT}${it}/`);
  }

  #function(name: string, list: readonly string[], from: DotnetFile, open: readonly string[]): readonly string[] {
    const args = list.map((it) => this.meanings(it, from, open));
    const [first = [''], second = ['']] = args;
    if (name === 'GetPathOfFileAbove')
      return this.#above(first, list.length > 1 ? second : [`${ROOT}${from.folder}`], true);
    if (name === 'GetDirectoryNameOfFileAbove') return this.#above(second, first, false);
    if (!/^(?:Combine|GetFullPath|NormalizePath|NormalizeDirectory|EnsureTrailingSlash|GetDirectoryName)$/.test(name))
      return [UNKNOWN];
    const joined = args.reduce<readonly string[]>(
      (all, next) =>
        all.flatMap((it) => next.map((part) => (it === '' ? part : `${it}/${part}`))).slice(0, MAX_MEANINGS),
      [''],
    );
    if (name === 'GetDirectoryName') return joined.map((it) => it.replace(/\/[^/]*$/, ''));
    return /Directory|Slash/.test(name) ? joined.map((it) => `${it}/`) : joined;
  }

  /** Folders from some on upwards that have a file, or may have it. */
  #above(names: readonly string[], starts: readonly string[], isPath: boolean): readonly string[] {
    return starts.flatMap((start) => {
      const folder = placeOf(start, '');
      if (folder === undefined) return [UNKNOWN];
      const all = [...upwards(folder)];
      return names.flatMap((name) => {
        const known = all.filter((it) => this.#known.has(inFolder(it, name)));
        return (known.length > 0 ? known : all).map((it) => ROOT + (isPath ? inFolder(it, name) : it));
      });
    });
  }
}

/** The path that a text without anything unknown means, from a folder; undefined when it leads elsewhere. */
export function placeOf(text: string, base: string): string | undefined {
  if (text.includes(UNKNOWN) || text.includes(ELSEWHERE)) return undefined;
  const root = text.lastIndexOf(ROOT);
  return root < 0 ? fromFolder(base, text) : fromFolder('', text.slice(root + 1).replace(/^\/+/, ''));
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') open += 1;
    if (text[at] === ')') open -= 1;
    if (open === 0) return at;
  }
  return text.length;
}

/** Arguments apart from each other, without quotes. */
function argumentsIn(list: string): readonly string[] {
  const found: string[] = [];
  let open = 0;
  let from = 0;
  for (let at = 0; at <= list.length; at++) {
    if (list[at] === '(') open += 1;
    if (list[at] === ')') open -= 1;
    if (at < list.length && (list[at] !== ',' || open > 0)) continue;
    found.push(
      list
        .slice(from, at)
        .trim()
        .replace(/^(["'`])(.*)\1$/, '$2'),
    );
    from = at + 1;
  }
  return found;
}
