import type { Package } from './package.ts';
import { folderOf, isWithin, upwards } from './paths.ts';
import type { Symlinks } from './symlinks.ts';

/**
 * Packages that depend also on what is behind the symbolic links that they are written with, lie behind, or have in their
 * folders: a change of the target is no change of the link.
 */
export function linksFollowed(packages: readonly Package[], symlinks: Symlinks): readonly Package[] {
  if (symlinks.paths.length === 0) return packages;
  const inside = linksInside(packages, symlinks);
  return packages.map((it) => followed(it, symlinks, inside.get(it.folder) ?? []));
}

function followed(pkg: Package, symlinks: Symlinks, inside: readonly string[]): Package {
  const follow = (path: string): readonly string[] => {
    const { path: real, through } = symlinks.resolve(path);
    return real === undefined || real === path ? through : [...through, real];
  };
  const isBehind = (path: string) => symlinks.resolve(path).through.length > 0;
  // Behind a link to a folder there is a package of its own; behind one to a file there is just that file.
  const place = symlinks.resolve(pkg.folder).path;
  const self = place === undefined || place === pkg.folder ? [] : [place];
  const linkedLocks = pkg.locks.filter(isBehind);
  const governed = [...pkg.governed, ...linkedLocks, pkg.manifest].flatMap((it) => [it, ...follow(it)]);
  return {
    ...pkg,
    links: [...new Set([...pkg.links.flatMap((it) => [it, ...follow(it)]), ...self, ...inside])],
    governed: [...new Set(governed)].filter((it) => it !== pkg.manifest || pkg.governed.includes(it)),
    locks: pkg.locks.filter((it) => !isBehind(it)),
  };
}

/** By the folder of a package: where links in it lead that is not in it. */
function linksInside(packages: readonly Package[], symlinks: Symlinks): ReadonlyMap<string, readonly string[]> {
  const folders = new Set(packages.map(({ folder }) => folder));
  const found = new Map<string, string[]>();
  for (const link of symlinks.paths) {
    const to = symlinks.resolve(link).path;
    const folder = [...upwards(folderOf(link))].find((it) => folders.has(it));
    if (to === undefined || folder === undefined || isWithin(to, folder)) continue;
    found.set(folder, [...(found.get(folder) ?? []), to]);
  }
  return found;
}
