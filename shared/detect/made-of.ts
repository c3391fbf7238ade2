import type { Config, Graph, PathRules, Service } from '../model/index.ts';

/** How many of each kind of thing a line names. */
const MAX_SHOWN = 20;

/** What explains a verdict beside itself: the service it is on, and the house that the service stands in. */
export interface MadeOf {
  readonly service: Service;
  readonly config: Pick<Config, 'file' | 'sharedPaths'>;
  readonly graph: Graph;
}

/** All that a service is made of, and so all that is compared, in lines for people. */
export function explainInputs({ service, config, graph }: MadeOf): readonly string[] {
  const { files, dependencies } = service;
  const node = graph.nodes.get(service.name);
  const ways = [...(node?.closure.values() ?? [])].map((way) => wayTo(way.slice(1)));
  const imported = (node?.imported.inputs ?? []).map(({ rules, manifest }) => `${folder(rules)} (by ${manifest})`);
  const locks = [...(node?.imported.locks.keys() ?? [])];
  return [
    `Its configuration: what ${config.file} and its own service file say about it.`,
    `Its own files: ${rulesOf(files)}.`,
    `The services that it depends on: ${listed(ways)}.`,
    ...(dependencies.paths.patterns.length > 0 ? [`Its \`dependencies.paths\`: ${rulesOf(dependencies.paths)}.`] : []),
    ...(service.buildFiles === undefined ? [] : [`What its image is built by: ${rulesOf(service.buildFiles)}.`]),
    ...(config.sharedPaths.patterns.length > 0 ? [`The \`shared-paths\`: ${rulesOf(config.sharedPaths)}.`] : []),
    ...(imported.length > 0 ? [`What its manifests name: ${listed(imported)}.`] : []),
    ...(locks.length > 0 ? [`What is resolved for it by ${listed(locks)}.`] : []),
  ];
}

/** `money, by way of pricing`. */
function wayTo(way: readonly string[]): string {
  const between = way.slice(0, -1);
  return `${way.at(-1) ?? ''}${between.length === 0 ? '' : ` (by way of ${between.join(', ')})`}`;
}

const folder = ({ from }: PathRules): string => (from === '' ? 'the root' : from);
const rulesOf = (rules: PathRules): string => `${listed(rules.patterns)} in ${folder(rules)}`;

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'none';
  const more = texts.length > MAX_SHOWN ? ` and ${texts.length - MAX_SHOWN} more` : '';
  return texts.slice(0, MAX_SHOWN).join(', ') + more;
}
