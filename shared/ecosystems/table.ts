import type { Ecosystem } from '../model/index.ts';
import type { EcosystemReader } from './package.ts';

/** How one ecosystem is known, before anything of it is loaded. */
export interface EcosystemEntry {
  /** Manifests: they are read. */
  readonly manifests: RegExp;
  /** Files that it resolves through: that they are there is enough. */
  readonly others: RegExp;
  /** Source files, which its reader may ask for. */
  readonly sources?: RegExp;
  /** Loads the reader, with the parsers that it needs. */
  readonly load: () => Promise<EcosystemReader>;
}

/**
 * Every ecosystem that dependencies can be imported from. Patterns are for the last part of a path, and begin with what
 * they are about: they see every file of a repository.
 */
export const ECOSYSTEMS: Readonly<Record<Ecosystem, EcosystemEntry>> = {
  npm: {
    manifests: /^(package\.json|pnpm-workspace\.yaml|lerna\.json)$/,
    others:
      /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.[cm]js|bunfig\.toml|rush\.json|[\s\S]*\.patch)$/,
    sources: /^[jt]sconfig[\s\S]*\.json$/,
    load: async () => (await import('./npm/index.ts')).npm,
  },
  go: {
    manifests: /^go\.(mod|work)$/,
    others: /^(go\.(work\.)?sum|modules\.txt)$/,
    sources: /\.go$/,
    load: async () => (await import('./go/index.ts')).go,
  },
  cargo: {
    manifests: /^Cargo\.toml$/,
    others: /^(Cargo\.lock|rust-toolchain(\.toml)?|config(\.toml)?)$/,
    sources: /^build\.rs$/,
    load: async () => (await import('./cargo.ts')).cargo,
  },
  maven: {
    manifests: /^pom\.xml$/,
    others: /^(maven\.config|jvm\.config|extensions\.xml|settings\.xml|maven-wrapper\.properties)$/,
    load: async () => (await import('./maven/index.ts')).maven,
  },
  gradle: {
    manifests: /^[\s\S]*\.gradle(\.kts)?$/,
    others:
      /^(gradle\.properties|[\s\S]*gradle\.lockfile|[\s\S]*\.versions\.toml|gradle-(wrapper|daemon-jvm)\.properties|verification-metadata\.xml)$/,
    load: async () => (await import('./gradle/index.ts')).gradle,
  },
  dotnet: {
    manifests: /^[\s\S]*\.((cs|fs|vb|sh|sql|vcx|wix|es|dc)?proj|props|targets|projitems)$/,
    others:
      /^(Directory\.Build\.rsp|global\.json|[Nn]u[Gg]et\.[Cc]onfig|packages\.lock\.json|dotnet-tools\.json|[\s\S]*\.slnx?)$/,
    load: async () => (await import('./dotnet/index.ts')).dotnet,
  },
  python: {
    manifests: /^(pyproject\.toml|setup\.(py|cfg)|Pipfile|([\s\S]*requirements[\s\S]*|constraints[\s\S]*)\.(txt|in))$/,
    others:
      /^(uv\.lock|poetry\.lock|pdm\.lock|pylock(\.[^.]+)?\.toml|Pipfile\.lock|requirements[^.]*\.lock|uv\.toml|\.python-version|pip\.conf)$/,
    sources: /\.(txt|in)$/,
    load: async () => (await import('./python/index.ts')).python,
  },
};
