import picomatch from 'picomatch';
import { messageOf, type PathRules, userError } from '../model/index.ts';

/**
 * Makes the test whether a path belongs to rules, with the meaning that patterns have in .gitignore (gitignore(5)),
 * turned round: what a pattern names is taken in.
 *
 * - Without a slash (one at the end does not count) a pattern matches at any depth below `from`; with one it starts there.
 * - A pattern that matches a folder matches all that is below it. One that ends with a slash or `/**` also matches the
 *   thing itself, which git takes for a file when it is a submodule.
 * - `*` and `?` stay within one part of a path, `**` does not; names that begin with a dot are matched like others.
 *   `{a,b}` is one or the other; parentheses are letters.
 * - The last pattern that matches decides; one that begins with `!` takes out.
 * - A path that ends with a slash is a submodule that has moved: any file below it may have changed, so it matches where a
 *   pattern may match below it, or where `from` lies in it.
 * - A path outside `from` never matches. `from` itself does when its files do: it is a submodule or a link then.
 *
 * @param rules `from` is a folder, letter by letter; patterns are compiled when the first path below it is asked for
 * @returns a test for paths from the repository's root with `/` between their parts, any byte but NUL in their names
 */
export function compilePatterns(rules: PathRules): (path: string) => boolean {
  let compiled: readonly Rule[] | undefined;
  const prefix = rules.from === '' ? '' : `${rules.from}/`;
  const compiledRules = () => (compiled ??= rules.patterns.map(compile).reverse());
  return (path) => {
    if (path.endsWith('/')) return hasPartOf(path.slice(0, -1), rules.from, compiledRules);
    const below = path === rules.from ? '' : path.slice(prefix.length);
    if (path !== rules.from && !path.startsWith(prefix)) return false;
    return compiledRules().find(({ matches }) => matches(below))?.takesIn ?? false;
  };
}

/** Whether some file below a folder may belong to the rules, whatever files there are. */
function hasPartOf(folder: string, from: string, rules: () => readonly Rule[]): boolean {
  if (from === folder || from.startsWith(`${folder}/`)) return rules().some(({ takesIn }) => takesIn);
  if (from !== '' && !folder.startsWith(`${from}/`)) return false;
  const below = from === '' ? folder : folder.slice(from.length + 1);
  const first = rules().find(({ takesIn, matches, reaches }) => matches(below) || (takesIn && reaches(below)));
  return first?.takesIn ?? false;
}

interface Rule {
  readonly takesIn: boolean;
  readonly matches: (path: string) => boolean;
  /** Whether it may match something below a folder. */
  readonly reaches: (folder: string) => boolean;
}

function compile(pattern: string): Rule {
  const takesIn = !pattern.startsWith('!');
  const text = takesIn ? pattern : pattern.slice(1);
  const place = literalFolder(text);
  const reaches = (folder: string) =>
    place === '' || `${place}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${place}/`);
  return { takesIn, matches: matcher(text), reaches };
}

/** A folder or file by its whole path. */
const ALL_NAMES = /^\w[\w-]*(?:\/\w[\w.-]*)+$/;

/** The parts at the beginning of a pattern that are plain names; `''` when it may match at any depth. */
export function literalFolder(pattern: string): string {
  if (ALL_NAMES.test(pattern)) return pattern;
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  const anchored = parts.length > 1 || pattern.startsWith('/') || pattern.startsWith('./');
  const first = parts.findIndex((part) => /[*?[\]{}\\]/.test(part));
  return anchored ? parts.slice(0, first < 0 ? parts.length : first).join('/') : '';
}

/** Characters that mean something in a pattern. */
const SPECIAL = /[*?[\]{}\\]/;

function matcher(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  const anchored = /^\.?\//.test(pattern) || parts.length > 1;
  // What matches a folder matches all below it, so that nothing is left for a `**` at the end to say.
  const body = parts.join('/').replace(/(?:\/\*\*)+$/, '');
  if (body === '**') return () => true;
  if (!SPECIAL.test(body)) return anchored ? under(body) : anywhere(body);
  const glob = anchored ? body : `**/${body}`;
  const whole = expression(glob, pattern);
  const below = expression(`${glob}/**/*`, pattern);
  return (path) => whole.test(path) || below.test(path);
}

function under(place: string): (path: string) => boolean {
  const below = `${place}/`;
  return (path) => path === place || path.startsWith(below);
}

function anywhere(name: string): (path: string) => boolean {
  const part = `/${name}/`;
  return (path) => `/${path}/`.includes(part);
}

/** Letters to people and to .gitignore, but not to picomatch; braces are when they do not pair. */
const LETTERS = /(\\.)|[()|"+@]/gs;
const LETTERS_AND_BRACES = /(\\.)|[()|"+@{}]/gs;

/**
 * `s`: a name may hold a newline. `debug`: a pattern that is no expression is an error, not one that never matches.
 * `fastpaths`: its short cut for `*.*` would miss the name `a.`.
 */
const OPTIONS = {
  dot: true,
  windows: false,
  nonegate: true,
  noextglob: true,
  fastpaths: false,
  flags: 's',
  debug: true,
};

function expression(glob: string, pattern: string): RegExp {
  const letters = bracesPair(glob) ? LETTERS : LETTERS_AND_BRACES;
  const plain = glob.replace(letters, (found, escaped: string | undefined) => escaped ?? `\\${found}`);
  try {
    return picomatch.makeRe(plain, OPTIONS);
  } catch (cause) {
    const remedy = 'Put a backslash before brackets that are part of a name.';
    throw userError('config-invalid', `The pattern \`${pattern}\` cannot be read: ${messageOf(cause)}.`, {
      remedy,
      cause,
    });
  }
}

function bracesPair(glob: string): boolean {
  let open = 0;
  for (const brace of glob.replace(/\\./gs, '').match(/[{}]/g) ?? []) {
    open += brace === '{' ? 1 : -1;
    if (open < 0) return false;
  }
  return open === 0;
}
