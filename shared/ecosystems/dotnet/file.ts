import { folderOf } from '../paths.ts';
import { type Element, parseXml } from '../xml.ts';

/** What one file of MSBuild says, before anything is filled in (https://learn.microsoft.com/visualstudio/msbuild). */
export interface DotnetFile {
  readonly path: string;
  readonly folder: string;
  readonly isXml: boolean;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly mentions: readonly Mention[];
}

/** A text that may name files. */
export interface Mention {
  /**
   * `project`, `import` and `item` name what belongs to the project. A property and an argument of a task may do so: they
   * count where they lead to something for certain, a property only to a file.
   */
  readonly kind: 'project' | 'import' | 'item' | 'property' | 'argument';
  readonly written: string;
}

/** Items that are names, not files. */
const NAMES = new Set([
  'PackageReference',
  'PackageVersion',
  'PackageDownload',
  'GlobalPackageReference',
  'FrameworkReference',
  'DotNetCliToolReference',
  'Using',
  'InternalsVisibleTo',
  'ProjectCapability',
  'AssemblyAttribute',
  'Folder',
]);

export function parseDotnetFile(path: string, text: string): DotnetFile {
  const root = parseXml(text);
  const all = root === undefined ? [] : [...withParents(root, undefined)];
  return {
    path,
    folder: folderOf(path),
    isXml: root !== undefined,
    properties: all.flatMap(({ element, parent }) =>
      parent?.name === 'PropertyGroup' ? [{ name: element.name.toLowerCase(), value: element.text }] : [],
    ),
    mentions: all.flatMap(({ element, parent }) => mentionsOf(element, parent)),
  };
}

interface Placed {
  readonly element: Element;
  readonly parent: Element | undefined;
}

function* withParents(element: Element, parent: Element | undefined): Generator<Placed> {
  yield { element, parent };
  for (const child of element.children) yield* withParents(child, element);
}

function mentionsOf({ name, attributes, text }: Element, parent: Element | undefined): readonly Mention[] {
  const list = (kind: Mention['kind'], written = ''): readonly Mention[] =>
    written.split(';').flatMap((it) => (it.trim() === '' ? [] : [{ kind, written: it.trim() }]));
  if (name === 'Import') return attributes['Sdk'] === undefined ? list('import', attributes['Project']) : [];
  if (name === 'ProjectReference') return list('project', attributes['Include']);
  if (name === 'HintPath') return list('item', text);
  if (parent?.name === 'PropertyGroup') return list('property', text);
  if (parent?.name === 'ItemGroup') return NAMES.has(name) ? [] : list('item', attributes['Include']);
  const isTask = parent?.name === 'Target' || name === 'UsingTask';
  return isTask ? Object.values(attributes).flatMap((it) => list('argument', it)) : [];
}
