import satisfies from 'semver/functions/satisfies.js';
import validVersion from 'semver/functions/valid.js';
import validRange from 'semver/ranges/valid.js';
import { linkFrom } from '../paths.ts';
import { type NpmManifest, requiresOf } from './manifest.ts';
import { type NpmWorkspace, versionOf } from './workspaces.ts';

type Names = ReadonlyMap<string, readonly NpmManifest[]>;

/** What one package depends on in the repository: folders that it names, and packages that its workspaces give it. */
export function linksOf(
  manifest: NpmManifest,
  workspaces: readonly NpmWorkspace[],
  everywhere: Names,
): readonly string[] {
  const { production, development } = requiresOf(manifest);
  const all = workspaces.length === 0 ? [undefined] : workspaces;
  const links = all.flatMap((workspace) => [
    ...[...production, ...development].flatMap(([name, spec]) =>
      resolve(name, spec, manifest.folder, workspace, everywhere),
    ),
    // What is put in the place of a package may be anywhere below those that are asked for.
    ...(workspace?.overrides ?? []).flatMap(([name, spec]) =>
      PROTOCOL.test(spec) ? resolve(name, spec, workspace?.root ?? '', workspace, everywhere) : [],
    ),
  ]);
  return [...new Set(links)];
}

/** A version alone says nothing of the repository. */
const PROTOCOL = /^[a-z]+:|^\.{1,2}\//;

/** `file:`, `link:` and `portal:` (npm, yarn, pnpm), and paths without one (npm). */
const FOLDER = /^(?:(?:file|link|portal):|(?=\.{1,2}(?:\/|$)))(.*)$/;

function resolve(
  name: string,
  spec: string,
  folder: string,
  workspace: NpmWorkspace | undefined,
  everywhere: Names,
): readonly string[] {
  const path = FOLDER.exec(spec)?.[1];
  if (path !== undefined) return linkFrom(folder, path.replace(/(?:::|#).*$/, ''));
  if (spec.startsWith('workspace:')) {
    const find = (members: Names) => inWorkspace(name, spec.slice('workspace:'.length), folder, members);
    const found = find(workspace?.members ?? everywhere);
    return found.length > 0 ? found : find(everywhere);
  }
  if (spec.startsWith('patch:')) return patched(name, spec, folder, workspace, everywhere);
  if (spec.startsWith('catalog:')) {
    const catalog = workspace?.catalogs.get(spec.slice('catalog:'.length) || 'default');
    const meant = catalog?.get(name);
    if (meant !== undefined && !meant.startsWith('catalog:'))
      return resolve(name, meant, workspace?.root ?? '', workspace, everywhere);
  }
  if (workspace === undefined) return [];
  const alias = /^npm:((?:@[^/]+\/)?[^@]+)(?:@(.*))?$/.exec(spec);
  const found = workspace.members.get(alias?.[1] ?? name) ?? [];
  return found.filter((it) => mayBe(it, alias === null ? spec : (alias[2] ?? ''))).map((it) => it.path);
}

/** `patch:name@spec#path` (yarn), with `~/` for the root: what is patched, and the patch. */
function patched(
  name: string,
  spec: string,
  folder: string,
  workspace: NpmWorkspace | undefined,
  everywhere: Names,
): readonly string[] {
  const [, source = '', path = ''] = /^patch:([^#]*)(?:#([^:]*))?/.exec(spec) ?? [];
  const inner = decodeURIComponent(source.replace(/%(?![\dA-Fa-f]{2})/g, '%25'));
  const meant = /^(?:@[^/]+\/)?[^@]+@(.*)$/.exec(inner)?.[1];
  const patch = path.replace(/^(?:optional)?!/, '');
  const from = patch.startsWith('~/') ? (workspace?.root ?? '') : folder;
  return [
    ...(meant === undefined || meant.startsWith('patch:') ? [] : resolve(name, meant, folder, workspace, everywhere)),
    ...(/[/.]/.test(patch) ? linkFrom(from, patch.replace(/^~\//, '')) : []),
  ];
}

/** `workspace:` names a package of the workspace by its name, by another one (`workspace:other@*`), or by its folder. */
function inWorkspace(name: string, spec: string, folder: string, members: Names): readonly string[] {
  if (/^\.{1,2}(?:\/|$)/.test(spec)) return linkFrom(folder, spec);
  const other = /^((?:@[^/]+\/)?[A-Za-z0-9._~-]+)@/.exec(spec)?.[1];
  const found = members.get(name) ?? members.get(other ?? '') ?? [];
  return (other === undefined ? found : (members.get(other) ?? found)).map((it) => it.path);
}

/**
 * Whether the workspace gives its own package for a version that is written. A tag (`latest`), and a package without a
 * version, may be anything; a URL or a repository never is a package of the workspace.
 */
function mayBe(manifest: NpmManifest, spec: string): boolean {
  if (/^(?:git|https?|github|gitlab|bitbucket|ssh)[+:]|^[\w.-]+\/[\w.-]+(?:#|$)/.test(spec)) return false;
  const version = versionOf(manifest);
  if (validRange(spec) === null || version === undefined || validVersion(version) === null) return true;
  return satisfies(version, spec, { includePrerelease: true });
}
