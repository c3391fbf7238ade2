import { type EcosystemReader, makePackage, type Package } from '../package.ts';
import { above, fromFolder, inFolder, isWithin, linkFrom, upwards } from '../paths.ts';
import { textOf } from '../xml.ts';
import { namedIn, type Pom, parsePom, placesIn, textsIn } from './pom.ts';
import { isOpen, Reactor } from './reactor.ts';

const GOVERNS = [
  '.mvn/maven.config',
  '.mvn/jvm.config',
  '.mvn/extensions.xml',
  '.mvn/settings.xml',
  '.mvn/wrapper/maven-wrapper.properties',
];
/** Types of dependencies that are poms themselves, or made of what lies beside one. */
const IS_POM = new Set(['pom', 'bom']);

/**
 * Projects of Maven, by groupId and artifactId: dependencies, managed ones (imported BOMs), plugins with what is set for
 * them, and extensions, those of profiles included. A parent hands its settings on: its pom is an input, its dependencies
 * are inherited. Versions are not compared: a build of the repository takes what lies in it. Paths that lead out of the
 * project count as well.
 */
export const maven: EcosystemReader = {
  read: ({ texts, there }) => {
    const poms = [...texts].map(([path, text]) => parsePom(path, text));
    const reactor = new Reactor(poms);
    return poms.map((it) => toPackage(it, reactor, there));
  },
  // Poms of any name, where another one leads to them.
  further: ({ texts }) =>
    [...texts].flatMap(([path, text]) => {
      const pom = parsePom(path, text);
      return placesIn(pom).flatMap((it) => (it.endsWith('.xml') ? linkFrom(pom.folder, it) : []));
    }),
};

function toPackage(pom: Pom, reactor: Reactor, there: ReadonlySet<string>): Package {
  const { path, folder, project } = pom;
  const parents = reactor.parentsOf(pom);
  const named = namedIn(pom).map((it) => ({ ...it, poms: reactor.find(pom, it.group, it.artifact) }));
  const open = named.find(({ poms }) => poms === undefined);
  const links = named.flatMap(({ poms = [], type }) => poms.flatMap((it) => linksTo(it, type)));
  const isProject = project?.name === 'project';
  return makePackage({
    manifest: path,
    name: isProject ? reactor.coordinates(pom) : folder || path,
    folder,
    content: textOf(project, 'packaging') === 'pom' ? 'manifest' : 'folder',
    links: [...new Set([...parents.slice(0, 1).map((it) => it.path), ...links])].filter((it) => it !== path),
    governed: [...above(folder, GOVERNS, there), ...pathsOf(pom, parents, reactor)],
    unknown: !isProject ? 'it is no project in XML' : open && `which artifact \`${open.artifact}\` is, is not known`,
    nameless: !isProject,
  });
}

/** A project of poms alone may still give out archives of what lies in its folder. */
function linksTo({ path, folder, project }: Pom, type: string | undefined): readonly string[] {
  const isArchive = type !== undefined && !IS_POM.has(type) && textOf(project, 'packaging') === 'pom';
  return isArchive ? [path, folder] : [path];
}

const OF_PROJECT = /^\$\{(?:project\.)?basedir\}\/?/;
const OF_ROOT =
  /^\$\{(?:maven\.multiModuleProjectDirectory|session\.(?:executionRootDirectory|topDirectory|rootDirectory)|project\.rootDirectory)\}\/?/;

/** Paths out of a project that it names, or that a parent names for it, from its own folder or from those above. */
function pathsOf(pom: Pom, parents: readonly Pom[], reactor: Reactor): readonly string[] {
  const texts = new Set([pom, ...parents].flatMap(textsIn).filter((it) => /\.\.\/|\$\{/.test(it)));
  const found = [...texts]
    .flatMap((written) => reactor.values(pom, written))
    .flatMap((text) => placesFor(text, pom.folder));
  return [...new Set(found)].filter((it) => !isWithin(pom.folder, it));
}

function placesFor(text: string, folder: string): readonly string[] {
  const fromRoot = text.replace(OF_ROOT, '');
  if (fromRoot !== text && !isOpen(fromRoot) && fromRoot !== '') {
    return [...upwards(folder)].map((it) => inFolder(it, fromRoot)).filter((it) => !isWithin(it, folder));
  }
  const own = text.replace(OF_PROJECT, '');
  const place =
    own.startsWith('../') && !isOpen(own) ? fromFolder(folder, own.replace(/(?:^|\/)[^/]*\*.*$/, '')) : undefined;
  return place === undefined ? [] : [place];
}
