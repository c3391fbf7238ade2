import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rooms in the order of the way through the house: each may use those before it. */
const ROOM_NAMES: readonly string[] = [
  'config',
  'graph',
  'ecosystems',
  'detect',
  'image',
  'build',
  'deploy',
  'targets',
  'judge',
  'record',
  'insight',
  'board',
];
/** Rooms that touch the world only through ports that are handed in. */
const PURE = [
  'model',
  'config',
  'graph',
  'ecosystems',
  'detect',
  'image',
  'deploy',
  'judge',
  'record',
  'insight',
  'board',
];
/** Modules that compute and do nothing else. */
const HARMLESS = new Set([
  'node:crypto',
  'node:path/posix',
  'node:buffer',
  'yaml',
  'zod',
  'picomatch',
  'semver',
  'smol-toml',
  '@rgrove/parse-xml',
]);
const LONGEST_FILE = 300;

interface Source {
  readonly path: string;
  readonly room: string;
  /** Where untyped data may enter in one file: a room, or one door of `io`. */
  readonly boundary: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources = ['shared', 'actions'].flatMap((folder) => read(join(root, folder)));

describe('the arrows of the house', () => {
  test('there is something to look at', () => expect(sources.length).toBeGreaterThan(15));

  test.each(sources.map((source) => [source.path, source] as const))('%s', (_path, source) => {
    expect(source.imports.flatMap((specifier) => wrong(source, specifier))).toEqual([]);
  });

  test('pure rooms use no effect that is global', () => {
    const effects =
      /\bprocess\.|\bDate\.now\(|new Date\(\)|\bMath\.random\(|\bsetTimeout\(|(?<![.\w])fetch\(|\bconsole\./;
    const found = sources.filter((it) => PURE.includes(it.room) && effects.test(code(it.text))).map((it) => it.path);
    expect(found).toEqual([]);
  });
});

describe('how a line of code feels', () => {
  test('no file is over the bound', () => {
    const long = sources.filter((it) => it.text.split('\n').length > LONGEST_FILE).map((it) => it.path);
    expect(long).toEqual([]);
  });

  test('a room casts in one file at most, where untyped data enters', () => {
    const casting = sources.filter((it) => /[\w)\]}] as (?!const\b)[A-Za-z{[(]/.test(code(it.text)));
    const crowded = casting.filter((it) =>
      casting.some((other) => other.boundary === it.boundary && other.path !== it.path),
    );
    expect(crowded.map((it) => it.path)).toEqual([]);
  });

  test('nothing is switched off', () => {
    const silenced = sources.filter((it) => /biome-ignore|@ts-(ignore|expect-error|nocheck)/.test(it.text));
    expect(silenced.map((it) => it.path)).toEqual([]);
  });
});

describe('what package.json declares', () => {
  const declared: Record<'dependencies' | 'devDependencies', Record<string, string>> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const imported = new Set(sources.flatMap((it) => it.imports.map(packageOf)));

  test('at run time: what the sources import, and nothing else', () => {
    const named = [...imported].filter((name) => /^(?:@[\w-]+\/)?[a-z][\w-]*$/.test(name));
    expect(named.sort()).toEqual(Object.keys(declared.dependencies).sort());
  });

  test('for development: what scripts and tests import or start, and the types of what is declared', () => {
    const named = new Set(['scripts', 'test'].flatMap((folder) => quotedIn(join(root, folder))).map(packageOf));
    const unused = Object.keys(declared.devDependencies).filter((name) => {
      const typed = name.replace(/^@types\//, '');
      return typed === name ? !named.has(name) : typed !== 'node' && !(typed in declared.dependencies);
    });
    expect(unused).toEqual([]);
  });
});

/** The package of a specifier: `zod/mini` is `zod`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function wrong(source: Source, specifier: string): string[] {
  const say = (why: string) => [`imports ${specifier}: ${why}`];
  if (!specifier.startsWith('.')) return outside(source, specifier);
  const target = relative(root, resolve(root, dirname(source.path), specifier)).split(sep);
  const [top, room = '', ...inside] = target;
  if (top === 'actions') return say('nothing imports from actions/');
  if (source.room.startsWith('actions/')) {
    const allowed = room === 'flow' || (room === 'io' && inside[0] === 'runner');
    return allowed ? [] : say('an action imports only flow and io/runner');
  }
  if (room === source.room) return [];
  if (!mayUse(source.room, room)) return say(`${source.room} may not use ${room}`);
  const door = room === 'io' || room === 'flow' ? isDoor(inside) : inside.join('/') === 'index.ts';
  return door ? [] : say('a room is entered by its index.ts');
}

/** `io` is many doors and `flow` one file per action: each is entered by itself, a folder of them by its index.ts. */
function isDoor(inside: readonly string[]): boolean {
  return inside.length === 1 || inside[1] === 'index.ts';
}

function mayUse(from: string, to: string): boolean {
  if (to === 'model') return true;
  if (from === 'model') return false;
  if (to === 'io') return !PURE.includes(from);
  if (from === 'io') return false;
  const place = (room: string) => ROOM_NAMES.indexOf(room);
  if (place(from) >= 0) return place(to) >= 0 && place(to) < place(from);
  if (from === 'flow') return place(to) >= 0;
  return place(to) >= 0 || to === 'flow';
}

function outside(source: Source, specifier: string): string[] {
  if (specifier.startsWith('@actions/core') && !source.path.startsWith('shared/io/runner')) {
    return [`imports ${specifier}: only io/runner knows @actions/core`];
  }
  if (!PURE.includes(source.room)) return [];
  return HARMLESS.has(specifier) || HARMLESS.has(packageOf(specifier))
    ? []
    : [`imports ${specifier}: ${source.room} is pure`];
}

function read(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = relative(root, join(folder, name)).split(sep).join('/');
      const text = readFileSync(join(folder, name), 'utf8');
      const [top, second = '', third = ''] = path.split('/');
      const imports = [...text.matchAll(/(?<!')(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
      const room = top === 'actions' ? `actions/${second}` : second;
      return { path, text, imports, room, boundary: room === 'io' ? `io/${third.replace(/\.ts$/, '')}` : room };
    });
}

/** What stands in quotes in the code of a folder: specifiers of imports, and paths of programs in node_modules. */
function quotedIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?[jt]s$/.test(name))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/'([^'\n]+)'/g)])
    .map((match) => match[1] ?? '');
}

/** The text without comments and strings, so that words in them do not count. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, "''")
    .replace(/^(?:import|export) .*$/gm, '');
}
