import { type Place, type Platform, UserError, userError } from '../../model/index.ts';
import { formatPlatform } from '../platform.ts';
import { fillWord } from './expand.ts';
import type { Dockerfile, Escape } from './instructions.ts';
import { readStages, type Source, type Stage, type Stages } from './stages.ts';

/** For what a Dockerfile is built. */
export interface Build {
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Name of the stage that is built; undefined: the last. */
  readonly target: string | undefined;
  readonly platforms: readonly Platform[];
  /** What the builder itself runs on. */
  readonly builder: Platform;
}

/** An image that a build takes something from, as the Dockerfile names it. */
export interface NeededImage {
  readonly text: string;
  readonly at: Place;
}

export interface Needs {
  /** Every one that the target needs on one of the platforms, each once, by its text. */
  readonly images: readonly NeededImage[];
  /** The image that the result stands upon; undefined: none, or another one for each platform. */
  readonly base: string | undefined;
}

/** No image: an empty one. */
const SCRATCH = 'scratch';

/**
 * Which images a Dockerfile takes something from: `FROM`, `COPY --from` and `RUN --mount=…from=` of the stages that the
 * target is made of, with the values that their names have for each platform (BuildKit, dockerfile2llb). Stages of the
 * Dockerfile are none, nor is `scratch`. Throws `config-invalid` for a name that comes to nothing, and for a target that
 * there is not.
 */
export function needsOf(dockerfile: Dockerfile, build: Build, shown: string): Needs {
  const stages = readStages(dockerfile);
  if (stages.stages.length === 0)
    throw userError('config-invalid', `${shown} has no \`FROM\`.`, { at: { file: shown } });
  const images = new Map<string, NeededImage>();
  const bases = new Set<string | undefined>();
  for (const platform of build.platforms) {
    const graph = linkStages(stages, valuesFor(stages, build, platform, dockerfile.escape), dockerfile.escape);
    const target = findTarget(graph, build.target, shown);
    for (const image of reach(target)) images.set(image.text, image);
    bases.add(rootOf(target));
  }
  const [base] = bases;
  return {
    images: [...images.values()].sort((a, b) => (a.text < b.text ? -1 : 1)),
    base: bases.size === 1 ? base : undefined,
  };
}

/** The values of what `FROM` may name: of the platforms, of `ARG` before it, and of build arguments. */
function valuesFor(
  { args }: Stages,
  { buildArgs, target, builder }: Build,
  platform: Platform,
  mark: Escape,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>([
    ...platformArgs('TARGET', platform),
    ...platformArgs('BUILD', builder),
    ['TARGETSTAGE', target ?? 'default'],
  ]);
  for (const [name] of values) values.set(name, buildArgs[name] ?? values.get(name) ?? '');
  for (const { name, value } of args) {
    const given = buildArgs[name] ?? (value === undefined ? undefined : fillWord(value, values, mark).text);
    if (given !== undefined) values.set(name, given);
  }
  return values;
}

const platformArgs = (prefix: string, it: Platform): readonly (readonly [string, string])[] => [
  [`${prefix}PLATFORM`, formatPlatform(it)],
  [`${prefix}OS`, it.os],
  [`${prefix}OSVERSION`, ''],
  [`${prefix}ARCH`, it.architecture],
  [`${prefix}VARIANT`, it.variant ?? ''],
];

/** A stage with what it is made of: other stages and images of others. */
interface Node {
  readonly name: string | undefined;
  readonly base: Node | NeededImage | undefined;
  readonly sources: (Node | NeededImage)[];
}

const isImage = (it: Node | NeededImage): it is NeededImage => 'text' in it;

function linkStages({ stages }: Stages, values: ReadonlyMap<string, string>, mark: Escape): readonly Node[] {
  const named = new Map<string, Node>();
  const nodes = stages.map((stage): Node => {
    const text = baseName(stage, values, mark);
    const base = named.get(text) ?? (text === SCRATCH ? undefined : { text, at: stage.at });
    const node: Node = { name: stage.name, base, sources: [] };
    if (stage.name !== undefined) named.set(stage.name, node);
    return node;
  });
  // Only now are all names known: a stage may be named by one that stands before it.
  for (const [index, { sources }] of stages.entries()) {
    for (const source of sources) {
      const from = sourceOf(source, nodes, named);
      if (from !== undefined) nodes[index]?.sources.push(from);
    }
  }
  return nodes;
}

function sourceOf(
  { from, numbered, at }: Source,
  nodes: readonly Node[],
  named: ReadonlyMap<string, Node>,
): Node | NeededImage | undefined {
  const stage = numbered && /^\d+$/.test(from) ? nodes[Number(from)] : named.get(from.toLowerCase());
  if (stage !== undefined || from === SCRATCH) return stage;
  if (from.includes('$')) throw variableSource(from, at);
  return { text: from, at };
}

const variableSource = (from: string, at: Place): Error =>
  userError('config-invalid', `The builder fills no variable into \`from=${from}\`.`, {
    remedy: `Add a stage \`FROM ${from} AS name\` with its \`ARG\` before the first \`FROM\`, and take from that.`,
    at,
  });

function baseName({ base, at }: Stage, values: ReadonlyMap<string, string>, mark: Escape): string {
  const { text, unset } = filled(base, values, mark, at);
  // What begins or ends with the mark of a part has nothing where that part should be.
  if (text !== '' && !/^[/:@]|[/:@]$|[/:@]{2}/.test(text)) return text;
  throw userError(
    'config-invalid',
    `\`FROM ${base}\` names no image: \`${unset.join('`, `') || base}\` has no value.`,
    {
      remedy: 'Give it one under `image.build-args`, or a default by `ARG` before the first `FROM`.',
      at,
    },
  );
}

/** The same error, with its place in the file. */
function filled(word: string, values: ReadonlyMap<string, string>, mark: Escape, at: Place) {
  try {
    return fillWord(word, values, mark);
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    throw new UserError(thrown.problems.map((it) => ({ ...it, at })));
  }
}

function findTarget(nodes: readonly Node[], target: string | undefined, shown: string): Node {
  const found = target === undefined ? nodes.at(-1) : nodes.findLast(({ name }) => name === target.toLowerCase());
  if (found !== undefined) return found;
  const names = nodes.flatMap(({ name }) => (name === undefined ? [] : [name])).join(', ');
  throw userError('config-invalid', `${shown} has no stage \`${target ?? ''}\` that \`image.target\` names.`, {
    remedy: names === '' ? 'None of its stages has a name: write `FROM image AS name`.' : `It has: ${names}.`,
  });
}

/** Images below a stage, at any distance. */
function reach(target: Node): readonly NeededImage[] {
  const seen = new Set<Node | NeededImage>([target]);
  for (const it of seen) {
    if (isImage(it)) continue;
    for (const next of [it.base, ...it.sources]) if (next !== undefined) seen.add(next);
  }
  return [...seen].filter(isImage);
}

function rootOf(target: Node): string | undefined {
  let at: Node | NeededImage | undefined = target;
  while (at !== undefined && !isImage(at)) at = at.base;
  return at?.text;
}
