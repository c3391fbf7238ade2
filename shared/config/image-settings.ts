import {
  formatRepository,
  type ImageSettings,
  messageOf,
  type NativeSettings,
  type Problem,
  parseRepository,
  problem,
  UserError,
} from '../model/index.ts';
import { placeIn, type Stack } from './layers.ts';
import type { ImageOutput } from './schema/image.ts';

export interface ImageFacts {
  /** The service's folder, from the root of the repository. */
  readonly folder: string;
  /** Its image's repository when it names none. */
  readonly repository: string;
  readonly stack: Stack;
}

/** The checked keys of a file as the settings that other rooms read, and what only this service shows to be wrong. */
export function toImageSettings(
  from: ImageOutput,
  facts: ImageFacts,
): { readonly settings: ImageSettings; readonly problems: readonly Problem[] } {
  const repository = normalRepository(from.repository ?? facts.repository, facts.stack);
  const { builder, source, context, dockerfile, target, secrets, platforms, tags, reuse, gates, sbom, sign } = from;
  const key = from['reuse-key'];
  const settings: ImageSettings = {
    builder,
    source,
    repository: repository.text,
    context,
    dockerfile,
    target,
    buildArgs: from['build-args'],
    secrets,
    platforms,
    native: from.native === undefined ? undefined : toNative(from.native),
    tags,
    cacheEpoch: from['cache-epoch'],
    reuse,
    reuseKey: key === undefined ? undefined : { public: key.public, private: key.private },
    gates: gates.map(({ name, run, timeout }) => ({ name, run, timeoutMs: timeout })),
    sbom,
    sign,
  };
  return { settings, problems: [...repository.problems, ...pathProblems(from, facts)] };
}

function toNative(from: NonNullable<ImageOutput['native']>): NativeSettings {
  const { base, layers, entrypoint, cmd, env, ports, user, workdir } = from;
  return { base, layers, entrypoint, cmd, env, ports, user, workdir };
}

function normalRepository(
  text: string,
  stack: Stack,
): { readonly text: string; readonly problems: readonly Problem[] } {
  try {
    return { text: formatRepository(parseRepository(text)), problems: [] };
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    const at = placeIn(stack, ['repository']);
    const sentence = thrown.problems[0]?.sentence ?? messageOf(thrown);
    const remedy = 'Set `image.repository`, such as ghcr.io/owner/name.';
    return { text, problems: [problem(stack.layers[0].document.code, sentence, { remedy, at })] };
  }
}

function pathProblems(from: ImageOutput, { folder, stack }: ImageFacts): readonly Problem[] {
  const refuse = (path: readonly (string | number)[], text: string, why: string): Problem =>
    problem(stack.layers[0].document.code, `\`${text}\` ${why}.`, {
      remedy: "Paths are from the service's folder.",
      at: placeIn(stack, path),
    });
  const problems: Problem[] = [];
  for (const key of ['context', 'dockerfile'] as const) {
    if (from[key].startsWith('/')) problems.push(refuse([key], from[key], 'is an absolute path'));
    else if (escapes(folder, from[key])) problems.push(refuse([key], from[key], 'leads out of the repository'));
  }
  for (const [index, layer] of (from.native?.layers ?? []).entries()) {
    const outside = layer.from.startsWith('/') ? escapes('', layer.from) : escapes(folder, layer.from);
    if (outside) problems.push(refuse(['native', 'layers', index, `from`], layer.from, 'leads out of the repository'));
  }
  return problems;
}

/** Whether a path from a folder goes above the root at any of its steps. */
function escapes(folder: string, path: string): boolean {
  let depth = folder.split('/').filter((part) => part !== '').length;
  for (const part of path.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
