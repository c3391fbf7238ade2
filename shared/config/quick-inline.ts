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
import { isLine, isOnlyPattern, isPath, isPatternList } from './forms.ts';
import { folderOf, INLINE, tidy } from './inline-folder.ts';
import { MAX_ENTRIES } from './limits.ts';
import { readFlat, readPlain } from './plain-yaml.ts';
import { defaultRegistry, repositoryIn } from './registry.ts';

/**
 * The services of the input `services` where it is written as it usually is: what `inlineConfig` gives for the same text,
 * or undefined, so that schemas and a parser are loaded only for what is unusual or wrong. Detection with inline services
 * takes half the time by it. That both give the same is held by a test over generated inputs.
 *
 * @param options.repository `owner/repository`, for the default registry
 */
export function quickInlineConfig(text: string, options: { readonly repository: string }): Config | undefined {
  const entries = readFlat(text) ?? entriesOf(readPlain(text));
  const registry = defaultRegistry(options.repository);
  if (entries === undefined || normalRepository(`${registry}/x`) !== `${registry}/x`) return undefined;
  const services: Service[] = [];
  for (const [name, value] of entries) {
    const draft = draftOf(name, value);
    const service = draft === undefined ? undefined : toService(draft, registry);
    if (service === undefined) return undefined;
    services.push(service);
  }
  if (!areConsistent(services)) return undefined;
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
  readonly paths: readonly string[];
  readonly aliases?: readonly string[] | undefined;
  readonly team?: string | undefined;
  readonly path?: string | undefined;
  readonly runner?: string | undefined;
  readonly services?: readonly string[] | undefined;
  readonly dependencyPaths?: readonly string[] | undefined;
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

function draftOf(name: string, value: unknown): Draft | undefined {
  if (typeof value === 'string') return isName(name) && isOnlyPattern(value) ? { name, paths: [value] } : undefined;
  if (isPatterns(value)) return isName(name) ? { name, paths: value } : undefined;
  const fields = isRecord(value) ? value : { paths: value };
  if (!isName(name) || !follows(fields, FIELDS)) return undefined;
  const dependencies = isRecord(fields['dependencies']) ? fields['dependencies'] : {};
  return {
    name: text(fields, 'name') ?? name,
    paths: texts(fields, 'paths') ?? ['**'],
    aliases: texts(fields, 'aliases'),
    team: text(fields, 'team'),
    path: text(fields, 'path'),
    runner: text(fields, 'runner'),
    services: texts(dependencies, 'services'),
    dependencyPaths: texts(dependencies, 'paths'),
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
function areConsistent(services: readonly Service[]): boolean {
  const all = new Set<string>();
  let count = 0;
  for (const { name, aliases } of services) {
    all.add(name.toLowerCase());
    for (const it of aliases) all.add(it.toLowerCase());
    count += 1 + aliases.length;
  }
  const needed = new Set(services.flatMap(({ dependencies }) => dependencies.services));
  for (const { name } of services) needed.delete(name);
  return all.size === count && needed.size === 0;
}

function toService(draft: Draft, registry: string): Service | undefined {
  const repository = repositoryOf(registry, draft.name);
  if (repository === undefined) return undefined;
  const { aliases = NONE, services = NONE, dependencyPaths = NONE } = draft;
  return {
    name: draft.name,
    aliases: aliases.length === 0 ? NONE : [...new Set(aliases)],
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
