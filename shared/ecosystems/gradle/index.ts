import { type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, folderOf, inFolder, isWithin, nameOf, upwards } from '../paths.ts';
import { type Build, buildsOf, isProject, pathOf, pathsIn, type Script, SETTINGS, toBuild } from './build.ts';
import { type Block, blocksForOthers, withoutComments } from './script.ts';
import { appliedBy, type Said, targetsOf } from './targets.ts';

/** Beside the settings of a build, and beside its projects: versions, properties, the wrapper, locks. */
const GOVERNS = [
  ...SETTINGS,
  'gradle.properties',
  'gradle/wrapper/gradle-wrapper.properties',
  'gradle/gradle-daemon-jvm.properties',
  'gradle/verification-metadata.xml',
  'gradle.lockfile',
  'buildscript-gradle.lockfile',
  'settings-gradle.lockfile',
];

/** All scripts of a tree. */
interface GradleTree {
  readonly scripts: readonly Script[];
  readonly projects: readonly Script[];
  /** Folders of projects. */
  readonly folders: ReadonlySet<string>;
  readonly builds: readonly Build[];
  /** By the path of a script: what it says for others, and for itself. */
  readonly parts: ReadonlyMap<string, { readonly blocks: readonly Block[]; readonly rest: string }>;
  readonly there: ReadonlySet<string>;
}

/**
 * Projects of Gradle: `project(…)`, paths of projects in quotes and type-safe accessors in build scripts, in scripts that
 * these apply, in convention plugins of buildSrc, and in what scripts above say for others (`subprojects`, `allprojects`,
 * `configure(…)`, `project(':a') { … }`); builds that are included; and paths that lead out of the project. Scripts are read,
 * not run: a project that is named by an expression makes what its script depends on unknown.
 */
export const gradle: EcosystemReader = {
  read: ({ texts, there }) => {
    const scripts = [...texts].map(
      ([path, text]): Script => ({ path, folder: folderOf(path), text: withoutComments(text) }),
    );
    const builds = scripts.filter(({ path }) => SETTINGS.includes(nameOf(path))).map(toBuild);
    const projects = scripts.filter(isProject);
    const folders = new Set(projects.map(({ folder }) => folder));
    const parts = new Map(projects.map((it) => [it.path, blocksForOthers(it.text)]));
    const tree: GradleTree = { scripts, projects, folders, builds, parts, there };
    return projects.map((it) => toPackage(it, tree));
  },
};

function toPackage(project: Script, tree: GradleTree): Package {
  const { path, folder } = project;
  const builds = buildsOf(folder, tree.builds);
  const roots = builds.length === 0 ? [folder] : builds.map((it) => it.folder);
  const said = saidFor(project, builds, roots, tree);
  const applied = [...appliedBy(said, roots, tree.scripts)];
  const texts = [...said.map((it) => it.text), ...applied.map((it) => it.text)];
  const { folders, open } = targetsOf(texts, project, builds, tree.folders);
  const paths = [...said, ...applied.flatMap((it) => [it.folder, folder].map((from) => ({ text: it.text, from })))]
    .flatMap(({ text, from }) => roots.flatMap((root) => pathsIn(text, from, root)))
    .filter((it) => !isWithin(folder, it) && !tree.parts.has(it));
  return makePackage({
    manifest: path,
    name: builds[0] === undefined ? folder || path : pathOf(folder, builds[0]),
    folder,
    links: [...new Set([...folders, ...includedIn(builds, folder, tree), ...paths])].filter(
      (it) => it !== folder && it !== path,
    ),
    governed: [...new Set([...governedBy(project, builds, roots, tree), ...applied.map((it) => it.path)])],
    unknown: open === undefined ? undefined : `which project \`${open}\` means is not known`,
  });
}

/** Builds that are included, and their projects. */
function includedIn(builds: readonly Build[], folder: string, { projects }: GradleTree): readonly string[] {
  const included = builds.flatMap((it) => it.included).filter((it) => !isWithin(folder, it));
  return included.flatMap((it) => [
    it,
    ...projects.filter((other) => isWithin(other.folder, it)).map(({ path }) => path),
  ]);
}

/** What counts for a project: its own script, and what those above and the plugins of its build say for it. */
function saidFor(
  project: Script,
  builds: readonly Build[],
  roots: readonly string[],
  tree: GradleTree,
): readonly Said[] {
  const { path, folder } = project;
  const { rest = '', blocks: own = [] } = tree.parts.get(path) ?? {};
  const names = builds.map((it) => pathOf(folder, it));
  const isFor = ({ projects }: Block) =>
    projects.length === 0 || projects.some((it) => names.includes(`:${it.replace(/^:/, '')}`));
  const inherited = tree.projects
    .filter((it) => it.folder !== folder && isWithin(folder, it.folder))
    .flatMap((it) =>
      (tree.parts.get(it.path)?.blocks ?? []).filter(isFor).map(({ text }) => ({ text, from: it.folder })),
    );
  const sources = roots.map((root) => inFolder(root, 'buildSrc')).filter((it) => !isWithin(folder, it));
  const plugins = tree.scripts.filter((it) => sources.some((at) => isWithin(it.folder, at)) && !isProject(it));
  return [
    { text: rest, from: folder },
    ...own.filter(({ projects }) => projects.length === 0).map(({ text }) => ({ text, from: folder })),
    ...inherited,
    ...plugins.map(({ text }) => ({ text, from: folder })),
  ];
}

function governedBy(
  { folder }: Script,
  builds: readonly Build[],
  roots: readonly string[],
  { projects, there }: GradleTree,
): readonly string[] {
  const isOfBuild = (it: string) => roots.some((root) => isWithin(it, root));
  const parents = projects.filter((it) => it.folder !== folder && isWithin(folder, it.folder) && isOfBuild(it.folder));
  const catalogs = [...upwards(folder)].map((it) => inFolder(it, 'gradle'));
  return [
    ...parents.map(({ path }) => path),
    ...builds.flatMap((it) => SETTINGS.map((name) => inFolder(it.folder, name))).filter((it) => there.has(it)),
    ...above(folder, GOVERNS, there),
    ...[...there].filter((it) => it.endsWith('.versions.toml') && catalogs.includes(folderOf(it))),
    ...builds.flatMap((it) => it.catalogs),
    ...buildSources(roots, folder, there),
  ];
}

/** buildSrc is a build of its own, whose folder governs all others. */
function buildSources(roots: readonly string[], folder: string, there: ReadonlySet<string>): readonly string[] {
  const places = roots.map((root) => inFolder(root, 'buildSrc')).filter((it) => !isWithin(folder, it));
  return places.filter((place) => [...there].some((it) => it.startsWith(`${place}/`)));
}
