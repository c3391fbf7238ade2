import {
  type Config,
  formatRepository,
  type ImageSettings,
  isName,
  isRecord,
  parseRepository,
  type Service,
  UserError,
} from '../model/index.ts';
import { isLine, isPath, isPatternList } from './forms.ts';
import { folderOf, INLINE, tidy } from './inline-folder.ts';
import { MAX_ENTRIES } from './limits.ts';
import { readPlain } from './plain-yaml.ts';
import { defaultRegistry, repositoryIn } from './registry.ts';

/**
 * The services of the input `services` where it is written as it usually is: what `inlineConfig` gives for the same text,
 * or undefined, so that schemas and a parser are loaded only for what is unusual or wrong. Detection with inline services
 * takes half the time by it. That both give the same is held by a test over generated inputs.
 *
 * @param options.repository `owner/repository`, for the default registry
 */
export function quickInlineConfig(text: string, options: { readonly repository: string }): Config | undefined {
  const entries = entriesOf(readPlain(text));
  const drafts = entries?.map(([name, value]) => draftOf(name, value));
  if (drafts === undefined || !drafts.every((it) => it !== undefined) || !areConsistent(drafts)) return undefined;
  const registry = defaultRegistry(options.repository);
  if (normalRepository(`${registry}/x`) !== `${registry}/x`) return undefined;
  const services = drafts.map((it) => toService(it, registry));
  if (!services.every((it) => it !== undefined)) return undefined;
  return {
    file: INLINE,
    registry,
    services: services.sort((a, b) => (a.name < b.name ? -1 : 1)),
    environments: [],
    sharedPaths: { from: '', patterns: [] },
    graphImport: [],
    ledger: { remote: 'origin', shared: false, token: undefined },
    sinks: [],
  };
}

interface Draft {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly team: string | undefined;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly runner: string | undefined;
  readonly services: readonly string[];
  readonly dependencyPaths: readonly string[];
}

type Entry = readonly [name: string, value: unknown];

/** A map by names, or a list of maps with names; undefined for anything else. */
function entriesOf(value: unknown): readonly Entry[] | undefined {
  if (isRecord(value)) return Object.entries(value);
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) return undefined;
  const items: readonly unknown[] = value;
  const entries = items.map((it): Entry | undefined =>
    isRecord(it) && typeof it['name'] === 'string' ? [it['name'], it] : undefined,
  );
  return entries.every((it) => it !== undefined) ? entries : undefined;
}

type Fields = Readonly<Record<string, unknown>>;
type Forms = Readonly<Record<string, (value: unknown) => boolean>>;

const textOf = (isRight: (text: string) => boolean) => (value: unknown) => typeof value === 'string' && isRight(value);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((it) => typeof it === 'string');
const isNames = (value: unknown) => isTexts(value) && value.length <= MAX_ENTRIES && value.every(isName);
const isPatterns = (value: unknown): value is readonly string[] => isTexts(value) && isPatternList(value);

const DEPENDENCIES: Forms = { services: isNames, paths: isPatterns };
/** The fields that are read here; a service with others needs the whole reader. */
const FIELDS: Forms = {
  name: textOf(isName),
  aliases: isNames,
  team: textOf(isLine),
  path: textOf(isPath),
  paths: isPatterns,
  runner: textOf(isLine),
  dependencies: (value) => isRecord(value) && follows(value, DEPENDENCIES),
};

const follows = (fields: Fields, forms: Forms): boolean =>
  Object.entries(fields).every(([key, value]) => Object.hasOwn(forms, key) && forms[key]?.(value) === true);

const NOTHING_SAID = {
  aliases: [],
  team: undefined,
  path: undefined,
  runner: undefined,
  services: [],
  dependencyPaths: [],
};

function draftOf(name: string, value: unknown): Draft | undefined {
  const patterns = typeof value === 'string' ? [value] : value;
  if (isPatterns(patterns)) return isName(name) ? { ...NOTHING_SAID, name, paths: patterns } : undefined;
  const fields = isRecord(value) ? value : { paths: value };
  if (!isName(name) || !follows(fields, FIELDS)) return undefined;
  const dependencies = isRecord(fields['dependencies']) ? fields['dependencies'] : {};
  return {
    name: text(fields, 'name') ?? name,
    aliases: texts(fields, 'aliases') ?? [],
    team: text(fields, 'team'),
    path: text(fields, 'path'),
    paths: texts(fields, 'paths') ?? ['**'],
    runner: text(fields, 'runner'),
    services: texts(dependencies, 'services') ?? [],
    dependencyPaths: texts(dependencies, 'paths') ?? [],
  };
}

function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}

function texts(fields: Fields, key: string): readonly string[] | undefined {
  const value = fields[key];
  return isTexts(value) ? value : undefined;
}

/** No name is there twice, whatever its case, and no service depends on one that there is not. */
function areConsistent(drafts: readonly Draft[]): boolean {
  const names = new Set(drafts.map(({ name }) => name));
  const all = new Set<string>();
  let count = 0;
  for (const { name, aliases } of drafts) {
    all.add(name.toLowerCase());
    const others = aliases.length === 0 ? aliases : [...new Set(aliases)];
    for (const it of others) all.add(it.toLowerCase());
    count += 1 + others.length;
  }
  return all.size === count && drafts.every(({ services }) => services.every((it) => names.has(it)));
}

function toService(draft: Draft, registry: string): Service | undefined {
  const repository = repositoryOf(registry, draft.name);
  if (repository === undefined) return undefined;
  const { services, dependencyPaths } = draft;
  return {
    name: draft.name,
    aliases: draft.aliases.length === 0 ? NONE : [...new Set(draft.aliases)],
    team: draft.team,
    path: draft.path === undefined ? folderOf(draft.paths) : tidy(draft.path),
    files: { from: '', patterns: draft.paths },
    dependencies:
      services.length + dependencyPaths.length === 0
        ? NO_DEPENDENCIES
        : { services: [...new Set(services)].sort(), paths: { from: '', patterns: dependencyPaths } },
    runner: draft.runner,
    matrix: NO_KEYS,
    test: undefined,
    image: { ...IMAGE, repository },
    deployments: NO_DEPLOYMENTS,
  };
}

/** Names that stand in a repository as they are. */
const LOWER = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
/** With a registry of this length and the longest name, a repository is never too long. */
const MAX_REGISTRY = 180;

/** undefined: it is no repository that an image can have. The registry is one that can have images. */
function repositoryOf(registry: string, name: string): string | undefined {
  if (LOWER.test(name) && registry.length <= MAX_REGISTRY) return `${registry}/${name}`;
  return normalRepository(repositoryIn(registry, name));
}

function normalRepository(repository: string): string | undefined {
  try {
    return formatRepository(parseRepository(repository));
  } catch (thrown) {
    if (thrown instanceof UserError) return undefined;
    throw thrown;
  }
}

/*
 * What a service does not say is the same for all, and is made once: a thousand services are read in the time that it takes
 * to collect what they would leave behind.
 */
const NONE: readonly string[] = [];
const NO_KEYS: Service['matrix'] = {};
const NO_DEPENDENCIES: Service['dependencies'] = { services: NONE, paths: { from: '', patterns: NONE } };
const NO_DEPLOYMENTS: Service['deployments'] = new Map();
/** The defaults of the schema of images. */
const IMAGE: Omit<ImageSettings, 'repository'> = {
  builder: undefined,
  source: undefined,
  context: '.',
  dockerfile: 'Dockerfile',
  target: undefined,
  buildArgs: {},
  secrets: NONE,
  platforms: NONE,
  native: undefined,
  tags: ['sha', 'branch', 'semver'],
  cacheEpoch: 'never',
  reuse: 'verified',
  reuseKey: undefined,
  gates: [],
  sbom: false,
  sign: undefined,
};
