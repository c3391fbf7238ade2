import { parseDuration, type ReasonCode } from '../../model/index.ts';

/**
 * One input of an action: how `action.yml`, the README and the code know it. `parse` gives the typed value or throws an
 * {@link InputFault} that says what is allowed.
 */
interface InputSpec<Value> {
  readonly description: string;
  /** As it stands in `action.yml`; may be an expression of the runner's, such as `${{ github.token }}`. */
  readonly default: string;
  readonly required: boolean;
  /** For the README: `text`, `list`, `duration`, or the allowed words. */
  readonly type: string;
  /** Gets the text trimmed; empty when neither the user nor the default gave one. */
  parse(text: string): Value;
}

/** What is wrong with the value of an input, as the end of a sentence. */
export class InputFault extends Error {}

export type InputTable = Readonly<Record<string, InputSpec<unknown>>>;
/** The typed values of a table, under the names that users write. */
export type InputValues<Table extends InputTable> = {
  readonly [Name in keyof Table]: Table[Name] extends InputSpec<infer Value> ? Value : never;
};

/** Everything an action promises: the source of its `action.yml`, its README and the types of its code. */
export interface ActionInterface<Inputs extends InputTable, Outputs extends Readonly<Record<string, string>>> {
  /** Folder under `actions/` and name of the bundle. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly icon: string;
  readonly color: string;
  readonly inputs: Inputs;
  /** Output → description. */
  readonly outputs: Outputs;
  /** Whether a `post:` step follows: then post.ts stands beside main.ts, and is a bundle of its own, `<name>.post.js`. */
  readonly post: boolean;
  /** Reason codes that are statuses of their own when the step fails; every other is `failed`. */
  readonly failures?: readonly ReasonCode[];
  /** Permissions that the token of the job needs, each with the reason. */
  readonly permissions: readonly {
    readonly scope: string;
    readonly access: 'read' | 'write';
    readonly reason: string;
    /** Needed by some of its uses only: the reason says by which. */
    readonly optional?: boolean;
  }[];
}

export type AnyAction = ActionInterface<InputTable, Readonly<Record<string, string>>>;

/** Keeps the exact types of a table. */
export function defineAction<const Inputs extends InputTable, const Outputs extends Readonly<Record<string, string>>>(
  action: ActionInterface<Inputs, Outputs>,
): ActionInterface<Inputs, Outputs> {
  return action;
}

interface Basics {
  readonly default?: string;
  readonly required?: boolean;
}

function spec<Value>(
  type: string,
  description: string,
  more: Basics,
  parse: (text: string) => Value,
): InputSpec<Value> {
  return { description, default: more.default ?? '', required: more.required ?? false, type, parse };
}

/** Any text; undefined when it is empty. */
export const text = (description: string, more: Basics = {}): InputSpec<string | undefined> =>
  spec('text', description, more, (value) => (value === '' ? undefined : value));

/** A text that has a default or is required, so that it is always there. */
export const word = (description: string, more: Basics): InputSpec<string> =>
  spec('text', description, more, (value) => {
    if (value === '') throw new InputFault('must not be empty');
    return value;
  });

/** What is given where the user gives nothing: with a default there is always a value. */
type WithDefault = Basics & { readonly default: string };

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  description: string,
  more: WithDefault,
): InputSpec<Word>;
export function choice<const Word extends string>(
  words: readonly Word[],
  description: string,
  more?: Basics,
): InputSpec<Word | undefined>;
export function choice<const Word extends string>(
  words: readonly Word[],
  description: string,
  more: Basics = {},
): InputSpec<Word | undefined> {
  return spec(words.map((it) => `\`${it}\``).join(' \\| '), description, more, (value) => {
    const found = words.find((it) => it === value);
    if (found === undefined && isGiven(value, more)) {
      throw new InputFault(`must be one of ${words.join(', ')}, not "${value}"`);
    }
    return found;
  });
}

/** `true` or `false`, in the spellings of YAML 1.2 (as @actions/core's getBooleanInput). */
export const flag = (description: string, more: Basics = {}): InputSpec<boolean> =>
  spec('`true` \\| `false`', description, more, (value) => {
    if (/^(true|True|TRUE)$/.test(value)) return true;
    if (/^(false|False|FALSE)?$/.test(value)) return false;
    throw new InputFault(`must be true or false, not "${value}"`);
  });

/** A duration, as milliseconds. */
export function duration(description: string, more: WithDefault): InputSpec<number>;
export function duration(description: string, more?: Basics): InputSpec<number | undefined>;
export function duration(description: string, more: Basics = {}): InputSpec<number | undefined> {
  return spec('duration', description, more, (value) => {
    const ms = parseDuration(value);
    if (ms === undefined && isGiven(value, more)) {
      throw new InputFault(`must be a duration such as 90s, 10m or 1h, not "${value}"`);
    }
    return ms;
  });
}

/** A positive whole number. */
export function count(description: string, more: WithDefault): InputSpec<number>;
export function count(description: string, more?: Basics): InputSpec<number | undefined>;
export function count(description: string, more: Basics = {}): InputSpec<number | undefined> {
  return spec('number', description, more, (value) => {
    if (!isGiven(value, more)) return undefined;
    if (!/^[1-9]\d{0,8}$/.test(value)) throw new InputFault(`must be a whole number from 1 up, not "${value}"`);
    return Number(value);
  });
}

/** Empty counts as given where a default has to be there: then it is a fault, never undefined. */
const isGiven = (value: string, more: Basics): boolean => value !== '' || more.default !== undefined;

/** Names separated by commas, spaces or lines, or a JSON list; empty when nothing is given. */
export const list = (description: string, more: Basics = {}): InputSpec<readonly string[]> =>
  spec('list', description, more, parseList);

/** A list of a few words. */
export const choices = <const Word extends string>(
  words: readonly Word[],
  description: string,
  more: Basics = {},
): InputSpec<readonly Word[]> =>
  spec(`list of ${words.map((it) => `\`${it}\``).join(', ')}`, description, more, (value) =>
    parseList(value).map((item) => {
      const found = words.find((it) => it === item);
      if (found === undefined) throw new InputFault(`must be a list of ${words.join(', ')}; it names "${item}"`);
      return found;
    }),
  );

function parseList(value: string): readonly string[] {
  if (!value.startsWith('[')) return value.split(/[\s,]+/).filter((item) => item !== '');
  const items = parseJson(value);
  if (!Array.isArray(items) || !items.every((item): item is string => typeof item === 'string')) {
    throw new InputFault('must be a list of texts');
  }
  return items;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new InputFault('starts like a JSON list, but is none');
  }
}
