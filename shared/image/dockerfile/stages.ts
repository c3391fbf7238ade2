import { type Place, userError } from '../../model/index.ts';
import type { Dockerfile, Instruction } from './instructions.ts';

/** A stage, as it is written: variables are not filled in. */
export interface Stage {
  readonly name: string | undefined;
  readonly base: string;
  /** What it copies or mounts from: names of stages, numbers of stages, or images. */
  readonly sources: readonly Source[];
  readonly at: Place;
}

export interface Source {
  readonly from: string;
  /** `COPY --from` knows stages by number as well. */
  readonly numbered: boolean;
  readonly at: Place;
}

/** `ARG name=default` before the first stage; undefined: no default. */
export interface GlobalArg {
  readonly name: string;
  readonly value: string | undefined;
}

export interface Stages {
  readonly args: readonly GlobalArg[];
  readonly stages: readonly Stage[];
  /** Every name that an `ARG` gives, whether before the first stage or in one. */
  readonly declared: ReadonlySet<string>;
}

/** Reads what a Dockerfile says about images: its stages, what they build upon, and what they take from others. */
export function readStages({ instructions }: Dockerfile): Stages {
  const args: GlobalArg[] = [];
  const stages: Stage[] = [];
  const declared = new Set<string>();
  let sources: Source[] = [];
  for (const it of instructions) {
    if (it.name === 'from') {
      sources = [];
      stages.push(readFrom(it, sources));
    } else if (it.name === 'arg') {
      const found = readArgs(it.args);
      for (const { name } of found) declared.add(name);
      if (stages.length === 0) args.push(...found);
    } else sources.push(...sourcesOf(it));
  }
  return { args, stages, declared };
}

function readFrom({ args, at }: Instruction, sources: readonly Source[]): Stage {
  const [base = '', as, name] = args.split(/[\t\v\f\r ]+/);
  const named = as?.toLowerCase() === 'as' && name !== undefined;
  if (base !== '' && (named || as === undefined)) return { base, name: name?.toLowerCase(), sources, at };
  throw userError('config-invalid', `\`FROM ${args}\` is neither \`FROM image\` nor \`FROM image AS name\`.`, { at });
}

/** Words, where quotes and backslashes keep spaces together. */
const ARGUMENT = /(?:[^\s'"\\]|\\.?|'[^']*'|"(?:[^"\\]|\\.)*")+/gs;

function readArgs(text: string): readonly GlobalArg[] {
  return (text.match(ARGUMENT) ?? []).map((word) => {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word, value: undefined }
      : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

function sourcesOf({ name, flags, at }: Instruction): readonly Source[] {
  if (name === 'copy') return valuesOf(flags, 'from').map((from) => ({ from, numbered: true, at }));
  if (name !== 'run') return [];
  const mounts = valuesOf(flags, 'mount').flatMap((mount) => valuesOf(mount.split(',').map(unquoted), 'from', ''));
  return mounts.map((from) => ({ from, numbered: false, at }));
}

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/s, '$1');

/** Values of `--name=value`, those that are empty left out. */
function valuesOf(flags: readonly string[], name: string, dashes = '--'): readonly string[] {
  const start = `${dashes}${name}=`;
  return flags.flatMap((it) => {
    const value = it.toLowerCase().startsWith(start) ? it.slice(start.length) : '';
    return value === '' ? [] : [value];
  });
}
