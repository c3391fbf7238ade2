import type * as z from 'zod';
import { isRecord, type Place, type Problem, problem } from '../model/index.ts';
import type { ConfigDocument } from './document.ts';
import { type Expanded, expand, PLACEHOLDER, type Placeholders } from './expand.ts';
import { problemsOf } from './issues.ts';
import { inputSchema } from './json-schema.ts';
import { merge } from './merge.ts';
import { formatPath, type KeyPath, valueAt } from './paths.ts';

/** A section of a document that says something about the same thing as others. */
export interface Layer {
  readonly document: ConfigDocument;
  readonly path: KeyPath;
}

export interface Stack {
  /** From the lowest, which all others may change, to the highest. At least one. */
  readonly layers: readonly [Layer, ...Layer[]];
  /** `deploy` or `image`. */
  readonly key: string;
  /** Where the service stands: the place of what no layer says. */
  readonly home: () => Place;
}

export interface Resolved<T> {
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

/** What the layers of stacks say together: merged, placeholders filled, checked by the whole schema. */
export class Resolver<T> {
  readonly #schema: z.ZodType<T>;
  /** What came of values without placeholders: most services say the same, or nothing. */
  readonly #known = new Map<string, T>();

  constructor(schema: z.ZodType<T>) {
    this.#schema = schema;
  }

  resolve(stack: Stack, placeholders: Placeholders): Resolved<T> {
    const merged = stack.layers.reduce<unknown>(
      (below, { document, path }) => merge(below, valueAt(document.value, path)),
      {},
    );
    const key = JSON.stringify(merged);
    const known = this.#known.get(key);
    if (known !== undefined) return { value: known, problems: [] };
    const resolved = this.#check(stack, expand(merged, placeholders));
    if (resolved.value !== undefined && !PLACEHOLDER.test(key)) this.#known.set(key, resolved.value);
    return resolved;
  }

  #check(stack: Stack, { value, unfilled }: Expanded): Resolved<T> {
    const schema = this.#schema;
    const result = schema.safeParse(value);
    const problems = problemsOf(result.error?.issues ?? [], {
      value,
      code: stack.layers[0].document.code,
      prefix: [stack.key],
      place: (path) => placeIn(stack, path),
      keyPlace: (path) => placeIn(stack, path),
      schema: () => inputSchema(schema),
    });
    const empty = unfilled.map(({ path, name }) => unfilledProblem(stack, path, name));
    const all = [...empty, ...problems];
    return { value: result.success && all.length === 0 ? result.data : undefined, problems: all };
  }
}

/** The place in the highest layer that says the most of a path. */
export function placeIn({ layers, home }: Stack, path: KeyPath): Place {
  let best: { readonly layer: Layer; readonly depth: number } | undefined;
  for (const layer of layers) {
    const depth = depthOf(layer, path);
    if (depth >= (best?.depth ?? 0)) best = { layer, depth };
  }
  return best === undefined ? home() : best.layer.document.place([...best.layer.path, ...path]);
}

/** Steps of the path that a layer has; a section that is not there has none of them. */
function depthOf({ document, path }: Layer, below: KeyPath): number {
  return isRecord(valueAt(document.value, path)) ? document.depth([...path, ...below]) - path.length : -1;
}

function unfilledProblem(stack: Stack, path: KeyPath, name: keyof Placeholders): Problem {
  const { code } = stack.layers[0].document;
  const where = `\`${formatPath([stack.key, ...path])}\``;
  const at = placeIn(stack, path);
  if (name === 'team') {
    const sentence = `${where} has \`{team}\`, but the service has no team.`;
    return problem(code, sentence, { remedy: 'Set `team` in its slipway.service.yml.', at });
  }
  const sentence = `${where} has \`{${name}}\`, but an image is made once for all environments.`;
  return problem(code, sentence, { remedy: 'Take it out, or set it in `deploy`.', at });
}
