import { type Config, type Problem, problem, type SinkSettings, UserError, userError } from '../model/index.ts';
import { check } from './check.ts';
import type { ConfigDocument, ParsedDocument } from './document.ts';
import { orderEnvironments, toEnvironments, unknownEnvironment } from './environments.ts';
import { Resolver } from './layers.ts';
import { valueAt } from './paths.ts';
import { defaultRegistry, readRegistry } from './registry.ts';
import { finding, refuse } from './report.ts';
import { type DeployOutput, deploy } from './schema/deploy.ts';
import { type ImageOutput, image } from './schema/image.ts';
import { type SlipwayOutput, slipway } from './schema/slipway.ts';
import { toJson } from './to-json.ts';

/** What slipway.yml says, apart from its services. */
export interface Root {
  readonly document: ConfigDocument;
  readonly fields: SlipwayOutput;
  readonly config: Omit<Config, 'services'>;
  /** `owner/repository` that the configuration is of. */
  readonly repository: string;
  readonly images: Resolver<ImageOutput>;
  readonly deploys: Resolver<DeployOutput>;
}

/** What a parsed slipway.yml says; throws all that is wrong in it. */
export function readRoot(
  { document, problems }: ParsedDocument,
  { file, repository }: { readonly file: string; readonly repository: string },
): Root {
  refuse(problems.map((it) => finding(it)));
  if (document === undefined) throw userError('internal-error', `${file} was neither read nor refused.`);
  const checked = check(slipway, document);
  const order = orderEnvironments(document);
  const others = [
    ...order.problems,
    ...bothForms(document),
    ...registryProblems(document),
    ...sinkEnvironments(document, order.names),
  ];
  refuse([...checked.problems, ...others].map((it) => finding(it)));
  if (checked.value === undefined) throw userError('internal-error', `${file} was neither accepted nor refused.`);
  return toRoot(document, checked.value, order.names, repository);
}

/** The text of a slipway.yml that says nothing. */
export const EMPTY_ROOT = 'version: 1\ngraph: { import: [] }\n';

/** What there is around services that come from an input instead of files: {@link EMPTY_ROOT}, parsed. */
export function emptyRoot({ document }: ParsedDocument, repository: string): Root {
  if (document === undefined) throw userError('internal-error', 'The empty configuration is not read.');
  return toRoot(document, slipway.parse(document.value), [], repository);
}

function toRoot(document: ConfigDocument, fields: SlipwayOutput, names: readonly string[], repository: string): Root {
  const { ledger } = fields;
  return {
    document,
    fields,
    repository,
    images: new Resolver(image),
    deploys: new Resolver(deploy),
    config: {
      file: document.file,
      registry: fields.registry === undefined ? defaultRegistry(repository) : readRegistry(fields.registry),
      environments: toEnvironments(names, fields.environments),
      sharedPaths: { from: '', patterns: fields['shared-paths'] },
      graphImport: fields.graph.import,
      ledger: {
        remote: ledger.repository ?? ledger.remote ?? 'origin',
        shared: ledger.repository !== undefined,
        token: ledger.token,
      },
      sinks: fields.sinks.map(toSink),
    },
  };
}

function toSink(from: SlipwayOutput['sinks'][number]): SinkSettings {
  const { kind, name, url, environments, required, timeout, ...fields } = from;
  return {
    kind,
    name: name ?? kind,
    url,
    environments,
    required,
    timeoutMs: timeout,
    fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, toJson(value)])),
  };
}

function bothForms(document: ConfigDocument): readonly Problem[] {
  if (document.depth(['service']) === 0 || document.depth(['services']) === 0) return [];
  const sentence = '`service` and `services` exclude each other.';
  const remedy = 'Use `service` for a repository that is one service, `services` for one that has several.';
  return [problem(document.code, sentence, { remedy, at: document.keyPlace(['services']) })];
}

function sinkEnvironments(document: ConfigDocument, known: readonly string[]): readonly Problem[] {
  const sinks = valueAt(document.value, ['sinks']);
  const every: readonly unknown[] = Array.isArray(sinks) ? sinks : [];
  return every.flatMap((_sink, sink) => {
    const names = valueAt(document.value, ['sinks', sink, 'environments']);
    const list: readonly unknown[] = Array.isArray(names) ? names : [];
    return list.flatMap((name, index) => {
      if (typeof name !== 'string' || known.includes(name)) return [];
      const at = document.place(['sinks', sink, 'environments', index]);
      return [unknownEnvironment(document, 'The sink names', name, known, at)];
    });
  });
}

function registryProblems(document: ConfigDocument): readonly Problem[] {
  const registry = valueAt(document.value, ['registry']);
  if (typeof registry !== 'string' || registry === '') return [];
  try {
    readRegistry(registry);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    const sentence = `\`${registry}\` is no registry that images can be pushed to.`;
    const remedy = 'Write a host and a path, such as ghcr.io/owner/repository.';
    return [problem(document.code, sentence, { remedy, at: document.place(['registry']) })];
  }
}
