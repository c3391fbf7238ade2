import { type EcosystemReader, makePackage, type Package, type ReadPackages } from '../package.ts';
import { above, folderOf, inFolder, isWithin, linkFrom, nameOf, upwards } from '../paths.ts';
import { argumentsOf, projectReferences, type Reference, splitBlocks, withoutComments } from './script.ts';

const SETTINGS = ['settings.gradle', 'settings.gradle.kts'];
const SCRIPTS = ['build.gradle', 'build.gradle.kts'];
/** Beside the settings of a build: versions, properties, the wrapper, locks. */
const GOVERNS = [
  ...SETTINGS,
  'gradle.properties',
  'gradle/libs.versions.toml',
  'gradle/wrapper/gradle-wrapper.properties',
  'gradle.lockfile',
];

/** A build: the folder of its settings, and where its projects lie. */
interface Build {
  readonly folder: string;
  /** Path of a project (`:libs:money`) → folder, where the settings say so. */
  readonly folders: ReadonlyMap<string, string>;
  /** Folders of builds that are included, whose plugins and libraries are used without being named. */
  readonly included: readonly string[];
}

interface Project {
  readonly manifest: string;
  readonly folder: string;
  readonly script: string;
}

/**
 * Projects of Gradle: `project(…)` and type-safe accessors in build scripts, what the root's script says for others
 * (`subprojects`, `allprojects`, `project(':a') { … }`), and builds that are included. Scripts are read, not run: a project
 * that is named by an expression makes what its script depends on unknown.
 */
const readGradle: ReadPackages = ({ texts, there }) => {
  const scripts = [...texts].map(([path, text]) => ({
    manifest: path,
    folder: folderOf(path),
    script: withoutComments(text),
  }));
  const builds = scripts.filter(({ manifest }) => SETTINGS.includes(nameOf(manifest))).map(toBuild);
  const projects = scripts.filter(({ manifest }) => SCRIPTS.includes(nameOf(manifest)));
  return projects.map((it) => toPackage(it, projects, buildOf(it.folder, builds), there));
};

export const gradle: EcosystemReader = { read: readGradle };

function toBuild({ folder, script }: Project): Build {
  const folders = new Map<string, string>();
  for (const path of argumentsOf(script, 'include')) {
    const full = `:${path.replace(/^:/, '')}`;
    folders.set(full, inFolder(folder, full.slice(1).replaceAll(':', '/')));
  }
  const moved = /project\s*\(\s*(["'])([^"']+)\1\s*\)\s*\.\s*projectDir\s*=\s*(?:new\s+)?[Ff]ile\s*\(([^)]*)\)/g;
  for (const [, , path = '', written = ''] of script.matchAll(moved)) {
    const place = /(["'])([^"'$]*)\1\s*$/.exec(written.replace(/\)\s*$/, ''))?.[2]?.replace(/^\//, '');
    for (const found of linkFrom(folder, place)) folders.set(`:${path.replace(/^:/, '')}`, found);
  }
  return { folder, folders, included: argumentsOf(script, 'includeBuild').flatMap((it) => linkFrom(folder, it)) };
}

/** The nearest build above; without settings the topmost folder with a script is not known to be one. */
function buildOf(folder: string, builds: readonly Build[]): Build | undefined {
  for (const up of upwards(folder)) {
    const found = builds.find((it) => it.folder === up);
    if (found !== undefined) return found;
  }
  // A project may lie anywhere.
  return builds.find((it) => [...it.folders.values()].includes(folder));
}

function toPackage(
  project: Project,
  all: readonly Project[],
  build: Build | undefined,
  there: ReadonlySet<string>,
): Package {
  const { manifest, folder } = project;
  const root = build?.folder ?? folder;
  const rootScript = all.find((it) => it.folder === root);
  const references = [...ownReferences(project, build), ...inheritedReferences(project, rootScript, build)];
  const resolved = references.map((it) => ({ written: it.written, folder: folderAt(it, build, all) }));
  const open = resolved.find((it) => it.folder === undefined);
  const included = (build?.included ?? []).flatMap((it) =>
    all.filter((other) => isWithin(other.folder, it)).map((other) => other.manifest),
  );
  const parents = [...upwards(folder)]
    .slice(1)
    .filter((it) => isWithin(it, root))
    .flatMap((it) => SCRIPTS.map((name) => inFolder(it, name)));
  return makePackage({
    manifest,
    name: pathOf(folder, build) ?? (folder || manifest),
    folder,
    links: [...new Set([...resolved.flatMap((it) => it.folder ?? []), ...included, ...(build?.included ?? [])])].filter(
      (it) => it !== folder && it !== manifest,
    ),
    governed: [...parents, ...above(folder, GOVERNS, there), ...buildSources(root, folder, there)].filter(
      (it) => !SCRIPTS.includes(nameOf(it)) || there.has(it),
    ),
    unknown: open === undefined ? undefined : `which project \`${open.written}\` means is not known`,
  });
}

/** buildSrc is a build of its own, whose folder governs all others. */
function buildSources(root: string, folder: string, there: ReadonlySet<string>): readonly string[] {
  const place = inFolder(root, 'buildSrc');
  const isThere = [...SCRIPTS, ...SETTINGS].some((name) => there.has(inFolder(place, name)));
  return isThere && !isWithin(folder, place) ? [place] : [];
}

/** What one script says about other projects. */
const FOR_OTHERS =
  /(?<![\w.])(?:(subprojects|allprojects)|configure\s*\([^{]*\)|project\s*\(\s*["']([^"']+)["']\s*\))\s*\{/g;
const FOR_ONE = /(?<![\w.])project\s*\(\s*["']([^"']+)["']\s*\)\s*\{/g;
const FOR_ALL = /(?<![\w.])(subprojects|allprojects|configure\s*\([^{]*\))\s*\{/g;

function ownReferences({ script, folder }: Project, build: Build | undefined): readonly Reference[] {
  const isRoot = folder === build?.folder;
  return projectReferences(isRoot ? splitBlocks(script, FOR_OTHERS).rest : script);
}

function inheritedReferences(
  { folder }: Project,
  root: Project | undefined,
  build: Build | undefined,
): readonly Reference[] {
  if (root === undefined || root.folder === folder) return [];
  const forAll = splitBlocks(root.script, FOR_ALL).blocks;
  const path = pathOf(folder, build);
  const forOne = splitBlocks(root.script, FOR_ONE).blocks.filter(({ name }) => `:${name.replace(/^:/, '')}` === path);
  return [...forAll, ...forOne].flatMap(({ text }) => projectReferences(text));
}

/** `:libs:money`, as the settings name the folder, else as it lies. */
function pathOf(folder: string, build: Build | undefined): string | undefined {
  if (build === undefined) return undefined;
  const named = [...build.folders].find(([, it]) => it === folder)?.[0];
  if (named !== undefined || folder === build.folder) return named ?? ':';
  return `:${folder.slice(build.folder === '' ? 0 : build.folder.length + 1).replaceAll('/', ':')}`;
}

function folderAt(
  { path, accessor }: Reference,
  build: Build | undefined,
  all: readonly Project[],
): string | undefined {
  if (build === undefined) return undefined;
  if (accessor !== undefined) return byAccessor(accessor, build, all);
  if (path === undefined) return undefined;
  const full = `:${path.replace(/^:/, '')}`;
  return build.folders.get(full) ?? inFolder(build.folder, full.slice(1).replaceAll(':', '/'));
}

/** Methods of a project behind its accessor, such as `projects.libs.money.dependencyProject`, are read over. */
function byAccessor(accessor: string, build: Build, all: readonly Project[]): string | undefined {
  const known = new Map<string, string>();
  for (const { folder } of all) known.set(accessorOf(pathOf(folder, build) ?? ''), folder);
  for (const [path, folder] of build.folders) known.set(accessorOf(path), folder);
  const parts = accessor.split('.');
  for (let length = parts.length; length > 0; length--) {
    const found = known.get(parts.slice(0, length).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `:libs:my-lib` is `libs.myLib` (https://docs.gradle.org/current/userguide/declaring_dependencies_basics.html). */
const accessorOf = (path: string): string =>
  path
    .split(':')
    .filter(Boolean)
    .map((part) => part.replace(/[-_.]+(\w)/g, (_, letter: string) => letter.toUpperCase()))
    .join('.');
