import * as posix from 'node:path/posix';
import {
  type Config,
  type DeploySettings,
  type ImageSettings,
  type Json,
  type Place,
  type Problem,
  problem,
  type Service,
} from '../model/index.ts';
import { buildFilesOf } from './build-files.ts';
import { toDeploySettings } from './deploy-settings.ts';
import type { Drafts } from './drafts.ts';
import { unknownEnvironment } from './environments.ts';
import { toImageSettings } from './image-settings.ts';
import { type Layer, placeIn, type Stack } from './layers.ts';
import { type NamedDraft, nameDrafts, unknownDependencies } from './names.ts';
import { repositoryIn } from './registry.ts';
import { type Finding, finding, refuse } from './report.ts';
import type { Root } from './root.ts';
import type { ServiceOutput } from './schema/service.ts';
import { toJson } from './to-json.ts';

/** Lays the services over the defaults; throws everything that is wrong with any of them. */
export function assemble(root: Root, { drafts, findings }: Drafts): Config {
  const { named, findings: nameless } = nameDrafts(drafts);
  const built = named.flatMap((draft) => (draft.fields === undefined ? [] : [build(root, draft, draft.fields)]));
  refuse([
    ...findings,
    ...nameless,
    ...unknownDependencies(named),
    ...built.flatMap((it) => it.findings),
    ...sharedDirectories(built),
  ]);
  const services = built.flatMap(({ service }) => (service === undefined ? [] : [service]));
  return { ...root.config, services: services.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

interface Built {
  readonly name: string;
  /** undefined when there are findings. */
  readonly service: Service | undefined;
  readonly deployments: readonly Deployment[];
  readonly findings: readonly Finding[];
}

interface Deployment {
  readonly environment: string;
  readonly settings: DeploySettings;
  /** Where the directory of a local target was written, and the folder that it is from. */
  readonly directoryPlace: () => Place;
  readonly folder: string;
}

function build(root: Root, draft: NamedDraft, fields: ServiceOutput): Built {
  const goesTo = environmentsOf(root, draft);
  const made = buildImage(root, draft, fields);
  const deployed = goesTo.names.map((environment) => buildDeployment(root, draft, fields, environment));
  const deployments = deployed.flatMap((it) => it.deployment ?? []);
  const findings = [...goesTo.findings, ...made.findings, ...deployed.flatMap((it) => it.findings)];
  const service = made.settings === undefined ? undefined : toService(draft, fields, made.settings, deployments);
  return { name: draft.name, service, deployments, findings };
}

function toService(
  draft: NamedDraft,
  fields: ServiceOutput,
  settings: ImageSettings,
  deployments: readonly Deployment[],
): Service {
  const { dependencies, test } = fields;
  const buildFiles = buildFilesOf(draft.folder, settings);
  return {
    name: draft.name,
    aliases: [...new Set(fields.aliases)].filter((alias) => alias !== draft.name),
    team: fields.team,
    path: draft.folder,
    files: { from: draft.filesFrom, patterns: fields.paths },
    dependencies: {
      services: [...new Set(dependencies.services)].sort(),
      paths: { from: '', patterns: dependencies.paths },
    },
    ...(buildFiles === undefined ? {} : { buildFiles }),
    runner: fields.runner === undefined ? undefined : toJson(fields.runner),
    matrix: jsonMap(fields.matrix),
    test: test === undefined ? undefined : { run: test.run, timeoutMs: test.timeout },
    image: settings,
    deployments: new Map(deployments.map((it) => [it.environment, it.settings])),
  };
}

const jsonMap = (map: Readonly<Record<string, unknown>>): Record<string, Json> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, toJson(value)]));

/** In the order of promotion; all of them when the service names none. */
function environmentsOf(
  root: Root,
  draft: NamedDraft,
): { readonly names: readonly string[]; readonly findings: readonly Finding[] } {
  const all = root.config.environments.map(({ name }) => name);
  const { source, fields } = draft;
  if (source === undefined || fields?.environments === undefined) return { names: all, findings: [] };
  const path = [...source.path, 'environments'];
  const named = source.document.keys(path);
  const unknown = named.filter((name) => !all.includes(name));
  return {
    names: all.filter((name) => named.includes(name)),
    findings: unknown.map((name) =>
      finding(
        unknownEnvironment(
          source.document,
          `\`${draft.name}\` names`,
          name,
          all,
          source.document.keyPlace([...path, name]),
        ),
      ),
    ),
  };
}

/** Defaults of slipway.yml below what the service says. */
function stackOf(root: Root, draft: NamedDraft, key: 'image' | 'deploy', environment?: string): Stack {
  const { document } = root;
  const inEnvironment = environment === undefined ? [] : [['environments', environment, key]];
  const below = inEnvironment.map((path): Layer => ({ document, path }));
  const own = [[key], ...inEnvironment].flatMap((path): readonly Layer[] =>
    draft.source === undefined ? [] : [{ document: draft.source.document, path: [...draft.source.path, ...path] }],
  );
  return { layers: [{ document, path: [key] }, ...below, ...own], key, home: draft.home };
}

function buildImage(
  root: Root,
  draft: NamedDraft,
  { team }: ServiceOutput,
): { readonly settings: ImageSettings | undefined; readonly findings: readonly Finding[] } {
  const stack = stackOf(root, draft, 'image');
  const about = (problems: readonly Problem[]) => problems.map((it) => finding(it, draft.name));
  const resolved = root.images.resolve(stack, { service: draft.name, environment: undefined, team });
  if (resolved.value === undefined) return { settings: undefined, findings: about(resolved.problems) };
  const repository = draft.repository ?? repositoryIn(root.config.registry, draft.name);
  const { settings, problems } = toImageSettings(resolved.value, { folder: draft.folder, repository, stack });
  return { settings, findings: about(problems) };
}

function buildDeployment(
  root: Root,
  draft: NamedDraft,
  { team }: ServiceOutput,
  environment: string,
): { readonly deployment: Deployment | undefined; readonly findings: readonly Finding[] } {
  const stack = stackOf(root, draft, 'deploy', environment);
  const { value, problems } = root.deploys.resolve(stack, { service: draft.name, environment, team });
  const findings = problems.map((it) => finding(it, `${draft.name} in ${environment}`));
  if (value === undefined) return { deployment: undefined, findings };
  const settings = toDeploySettings(value);
  const directoryPlace = () => placeIn(stack, ['target', 'directory']);
  return { deployment: { environment, settings, directoryPlace, folder: draft.folder }, findings };
}

/** Two deploys in one directory would take each other's place. */
function sharedDirectories(built: readonly Built[]): readonly Finding[] {
  const taken = new Map<string, string>();
  return built.flatMap(({ name, deployments }) =>
    deployments.flatMap(({ environment, settings: { target }, directoryPlace: at, folder }) => {
      if (target.kind !== 'local') return [];
      const subject = `${name} in ${environment}`;
      const directory = target.directory.startsWith('/') ? target.directory : posix.join(folder, target.directory);
      const key = posix.normalize(`${directory}/`);
      const other = taken.get(key);
      taken.set(key, other ?? subject);
      if (other === undefined) return [];
      const sentence = `The directory of the local target is that of ${other} already.`;
      const remedy = 'Use one for each service and environment, such as `/srv/{environment}/{service}`.';
      return [finding(problem('config-invalid', sentence, { remedy, at: at() }), subject)];
    }),
  );
}
