import { compilePatterns } from '../graph/index.ts';
import { parsePlatform } from '../image/index.ts';
import type { InputValues, World } from '../io/runner/index.ts';
import { type Config, type Graph, isShipping, type Service, userError } from '../model/index.ts';
import type { buildAction } from './interface/index.ts';

export type BuildInputs = InputValues<typeof buildAction.inputs>;

/** What inputs must not be together. Throws `input-invalid`, `config-invalid`. */
export function checkInputs(inputs: BuildInputs, service: Service): void {
  for (const platform of inputs.platforms) parsePlatform(platform);
  if (inputs.builder !== 'none') return;
  const reuse = inputs.reuse ?? service.image.reuse;
  if (!inputs.force && reuse !== 'off') return;
  throw userError(
    'input-invalid',
    `\`builder: none\` takes what other jobs have built, which \`${inputs.force ? 'force: true' : 'reuse: off'}\` forbids.`,
  );
}

/** The inputs of the action go before the configuration. */
export function withInputs(service: Service, config: Config, inputs: BuildInputs): Service {
  const { image } = service;
  const repository = under(inputs.registry, config.registry, image.repository);
  return {
    ...service,
    image: {
      ...image,
      repository: inputs.push === 'preview' ? `${repository}/preview` : repository,
      platforms: inputs.platforms.length > 0 ? inputs.platforms : image.platforms,
      tags: inputs.tags.length > 0 ? inputs.tags : image.tags,
      // `none` builds nothing in this run: what the image is made of is as it is configured.
      builder: inputs.builder === undefined || inputs.builder === 'none' ? image.builder : inputs.builder,
    },
  };
}

/** The same image below another prefix; the repository of a single service is the prefix itself. */
function under(prefix: string | undefined, configured: string, repository: string): string {
  if (prefix === undefined) return repository;
  return repository === configured ? prefix : `${prefix}/${repository.slice(repository.lastIndexOf('/') + 1)}`;
}

/** `auto` pushes for the default branch and for tags: what others may build from or deploy. */
export function pushes(push: BuildInputs['push'], { run }: World): boolean {
  if (push !== 'auto') return push !== 'never';
  return isShipping(run);
}

/** What the image may take from outside of the service's folder: declared and imported paths, and services it depends on. */
export function coverage(config: Config, graph: Graph, service: Service): (path: string) => boolean {
  const declared = compilePatterns(service.dependencies.paths);
  const shared = compilePatterns(config.sharedPaths);
  const built = service.buildFiles === undefined ? [] : [compilePatterns(service.buildFiles)];
  const closure = [...(graph.nodes.get(service.name)?.closure.keys() ?? [])];
  const folders = closure.flatMap((name) => {
    const path = graph.nodes.get(name)?.service.path;
    return path === undefined ? [] : [`${path}/`];
  });
  const imported = [service.name, ...closure].flatMap((name) => graph.nodes.get(name)?.imported.inputs ?? []);
  const tests = [declared, shared, ...built, ...imported.map(({ rules }) => compilePatterns(rules))];
  return (path) => tests.some((takes) => takes(path)) || folders.some((folder) => path.startsWith(folder));
}
