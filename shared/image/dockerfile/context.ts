import { normalize } from 'node:path/posix';
import type { Dockerfile, Instruction } from './instructions.ts';

/** What a Dockerfile takes from its context, as far as that stands in it. */
export interface ContextUse {
  /** Whether a path of the context may get into the build by `COPY`, `ADD` or a mount. Rather too much than too little. */
  reaches(path: string): boolean;
  /** Whether it asks for `.git` by name. */
  readonly git: boolean;
}

/** A folder of git, as one part of a path. */
const GIT = /(?:^|[\s"'=,/])\.git(?=$|[\s"',/])/;
const EVERYTHING = '';

/** Reads which files of its context a Dockerfile names, in all stages: whether a stage is needed is not asked. */
export function contextUse({ instructions }: Dockerfile): ContextUse {
  const taking = instructions.flatMap((it) => placesOf(it));
  const places = [...new Set(taking.map(placeOf))];
  const all = places.includes(EVERYTHING);
  return {
    reaches: (path) => all || places.some((place) => path === place || path.startsWith(`${place}/`)),
    git: taking.some((it) => GIT.test(it)),
  };
}

/** What an instruction takes from the context, as it is written. */
function placesOf({ name, flags, args }: Instruction): readonly string[] {
  if (name === 'run') return flags.filter((it) => it.startsWith('--mount=')).flatMap(mountSource);
  if ((name !== 'copy' && name !== 'add') || flags.some((it) => it.startsWith('--from='))) return [];
  return sourcesOf(args).filter((it) => !it.startsWith('<<') && !/^(?:https?:\/\/|git@|git:\/\/)/.test(it));
}

/** Arguments without the last, which is where they go. */
function sourcesOf(args: string): readonly string[] {
  const list = args.startsWith('[') ? args.match(/"(?:[^"\\]|\\.)*"/gs)?.map((it) => it.slice(1, -1)) : undefined;
  return (list ?? args.split(/\s+/)).slice(0, -1);
}

/** The context is mounted where no other source is named; caches, secrets and the like are none of it. */
function mountSource(flag: string): readonly string[] {
  const fields = flag.slice('--mount='.length).split(',');
  const fieldOf = (...names: readonly string[]) =>
    fields.find((it) => names.some((name) => it.startsWith(`${name}=`)))?.replace(/^[^=]*=/, '');
  if ((fieldOf('type') ?? 'bind') !== 'bind' || fieldOf('from') !== undefined) return [];
  return [fieldOf('source', 'src') ?? '.'];
}

/** The path that is certainly taken as a whole: up to the first part that could be several, or depends on a variable. */
function placeOf(source: string): string {
  const parts = normalize(source.replace(/^["']|["']$/g, '')).split('/');
  const open = parts.findIndex((part) => /[*?[\\$]/.test(part));
  const fixed = (open < 0 ? parts : parts.slice(0, open)).filter((part) => part !== '' && part !== '.');
  return fixed.includes('..') ? EVERYTHING : fixed.join('/');
}
