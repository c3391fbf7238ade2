import satisfies from 'semver/functions/satisfies.js';
import validVersion from 'semver/functions/valid.js';
import validRange from 'semver/ranges/valid.js';
import { linkFrom } from '../paths.ts';
import { type NpmManifest, requiresOf } from './manifest.ts';
import { type NpmWorkspace, versionOf } from './workspaces.ts';

type Names = ReadonlyMap<string, readonly NpmManifest[]>;

/** What one package depends on in the repository: folders that it names, and packages that its workspace gives it. */
export function linksOf(
  manifest: NpmManifest,
  workspace: NpmWorkspace | undefined,
  everywhere: Names,
): readonly string[] {
  const { production, development } = requiresOf(manifest);
  const links = [...production, ...development].flatMap(([name, spec]) =>
    resolve(name, spec, manifest.folder, workspace, everywhere),
  );
  return [...new Set(links)];
}

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
    return inWorkspace(name, spec.slice('workspace:'.length), folder, workspace?.members ?? everywhere);
  }
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
  if (/^(?:git|https?|github|gitlab|bitbucket|ssh|patch)[+:]|^[\w.-]+\/[\w.-]+(?:#|$)/.test(spec)) return false;
  const version = versionOf(manifest);
  if (validRange(spec) === null || version === undefined || validVersion(version) === null) return true;
  return satisfies(version, spec, { includePrerelease: true });
}
