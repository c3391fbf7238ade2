import { type EcosystemReader, makePackage, type Package, type ReadPackages } from './package.ts';
import { above, folderOf, fromFolder, nameOf } from './paths.ts';
import { type Element, parseXml, walk } from './xml.ts';

/** Properties that name properties; a longer chain is a circle. */
const MAX_DEPTH = 20;
/** Files that MSBuild and NuGet look for up the tree, in the letters that they are usually written with. */
const GOVERNS = [
  'Directory.Build.props',
  'Directory.Build.targets',
  'Directory.Build.rsp',
  'Directory.Packages.props',
  'global.json',
  'NuGet.config',
  'NuGet.Config',
  'nuget.config',
  'packages.lock.json',
];
const PROJECT = /\.(?:cs|fs|vb)proj$/;
/** Items that take files in. */
const TAKES_FILES = new Set(['Compile', 'Content', 'None', 'EmbeddedResource', 'AdditionalFiles', 'Protobuf']);

interface DotnetFile {
  readonly path: string;
  readonly folder: string;
  /** undefined when it cannot be read. */
  readonly root: Element | undefined;
}

/**
 * Projects of .NET: `ProjectReference`, imported files and files that are taken in from elsewhere, its own and those of the
 * Directory.Build files above. Of MSBuild's language that is: literal paths, properties that such files set to literal
 * values, and MSBuild's own for folders. Conditions are not weighed: what may count does.
 */
const readDotnet: ReadPackages = ({ texts, there }) => {
  const files = new Map(
    [...texts].map(([path, text]) => [path, { path, folder: folderOf(path), root: parseXml(text) }]),
  );
  const projects = [...files.values()].filter(({ path }) => PROJECT.test(path));
  return projects.map((it) => toPackage(it, files, there));
};

export const dotnet: EcosystemReader = { read: readDotnet };

function toPackage(project: DotnetFile, files: ReadonlyMap<string, DotnetFile>, there: ReadonlySet<string>): Package {
  const governed = above(project.folder, GOVERNS, there).filter((it) => folderOf(it) !== project.folder);
  const above_ = above(project.folder, GOVERNS, there).flatMap((path) => files.get(path) ?? []);
  const properties = propertiesOf([...above_, project]);
  const named = [project, ...above_].flatMap((it) => referencesOf(it, project, properties));
  const unresolved = named.find((it) => it.path === undefined);
  const broken = [project, ...above_].find(({ root }) => root === undefined);
  const why = unresolved === undefined ? undefined : `what \`${unresolved.written}\` means is not known`;
  return makePackage({
    manifest: project.path,
    name: nameOf(project.path).replace(PROJECT, ''),
    folder: project.folder,
    links: [...new Set(named.flatMap(({ path }) => path ?? []))].filter((it) => it !== project.path),
    governed,
    unknown: broken === undefined ? why : `${broken === project ? 'it' : broken.path} is no XML`,
  });
}

interface Reference {
  readonly written: string;
  /** undefined when it cannot be found out. */
  readonly path: string | undefined;
}

/** Values of `PropertyGroup`, the last one to set a property counts; with the folder of the file that does. */
function propertiesOf(
  files: readonly DotnetFile[],
): ReadonlyMap<string, { readonly value: string; readonly folder: string }> {
  const found = new Map<string, { value: string; folder: string }>();
  for (const { root, folder } of files) {
    for (const group of root === undefined ? [] : walk(root)) {
      if (group.name !== 'PropertyGroup') continue;
      for (const { name, text } of group.children) found.set(name.toLowerCase(), { value: text, folder });
    }
  }
  return found;
}

type Properties = ReturnType<typeof propertiesOf>;

function referencesOf(file: DotnetFile, project: DotnetFile, properties: Properties): readonly Reference[] {
  return [...(file.root === undefined ? [] : walk(file.root))].flatMap((element) => {
    const isReference = element.name === 'ProjectReference';
    const isImport = element.name === 'Import';
    if (!isReference && !isImport && !TAKES_FILES.has(element.name)) return [];
    const written = (isImport ? element.attributes['Project'] : element.attributes['Include']) ?? '';
    const parts = written.split(';').map((it) => it.trim());
    // MSBuild reads paths of an import from the file that has it, and all others from the project.
    const base = isImport ? file : project;
    return parts.flatMap((it) => referenceOf(it, base.folder, file.folder, project.folder, properties, isReference));
  });
}

function referenceOf(
  written: string,
  base: string,
  fileFolder: string,
  projectFolder: string,
  properties: Properties,
  isReference: boolean,
): readonly Reference[] {
  if (written === '' || (!isReference && !/\.\.|\$\(/.test(written))) return [];
  const text = fill(written, fileFolder, projectFolder, properties).replaceAll('\\', '/');
  // What belongs to the SDK, to the machine, or to another item lies outside of the repository.
  if (/[$%@]\(/.test(text)) return isReference ? [{ written, path: undefined }] : [];
  const literal = text.replace(/(?:^|\/)[^/]*[*?].*$/, '');
  const path = literal.startsWith(ROOT)
    ? fromFolder('', literal.slice(ROOT.length).replace(/^\/+/, ''))
    : fromFolder(base, literal);
  return path === undefined || path === projectFolder || path === '' ? [] : [{ written, path }];
}

/** Stands before a path from the repository's root, while properties are filled in. */
const ROOT = '\u0000';
const OF_FILE = new Set(['msbuildthisfiledirectory']);
const OF_PROJECT = new Set(['msbuildprojectdirectory', 'projectdir', 'msbuildstartupdirectory']);

function fill(text: string, fileFolder: string, projectFolder: string, properties: Properties, depth = 0): string {
  if (depth > MAX_DEPTH) return text;
  return text.replace(/\$\(([\w.]+)\)/g, (whole, name: string) => {
    const key = name.toLowerCase();
    if (OF_FILE.has(key)) return `${ROOT}${fileFolder}/`;
    if (OF_PROJECT.has(key)) return `${ROOT}${projectFolder}/`;
    const found = properties.get(key);
    return found === undefined ? whole : fill(found.value, found.folder, projectFolder, properties, depth + 1);
  });
}
