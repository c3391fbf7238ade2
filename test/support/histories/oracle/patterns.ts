/** Patterns and the folder they are read from. */
export interface Rules {
  readonly from: string;
  readonly patterns: readonly string[];
}

/**
 * Whether a path belongs to rules, by gitignore(5) turned round: each pattern is tried on the path and on every folder it
 * is in; the last that matches decides. Slow and plain on purpose.
 */
export function takesIn({ from, patterns }: Rules, path: string): boolean {
  if (from !== '' && path !== from && !path.startsWith(`${from}/`)) return false;
  const parts = path === from ? [] : path.slice(from === '' ? 0 : from.length + 1).split('/');
  const last = [...patterns].reverse().find((pattern) => {
    const plain = pattern.replace(/^!/, '');
    return alternatives(plain).some((it) => matchesSomewhere(it, parts));
  });
  return last !== undefined && !last.startsWith('!');
}

/** `{a,b}` is one or the other. */
function alternatives(pattern: string): readonly string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (found === null) return [pattern];
  const [, before = '', inner = '', after = ''] = found;
  return inner.split(',').flatMap((it) => alternatives(`${before}${it}${after}`));
}

function matchesSomewhere(pattern: string, parts: readonly string[]): boolean {
  const steps = pattern.split('/').filter((it) => it !== '' && it !== '.');
  const anchored = steps.length > 1 || pattern.startsWith('/') || pattern.startsWith('./');
  const starts = anchored ? [0] : parts.map((_, index) => index);
  // The folder that the rules are from is the path itself: all of it is meant by `**` only.
  if (parts.length === 0) return steps.every((it) => it === '**');
  return starts.some((start) => parts.some((_, end) => end >= start && matchesAll(steps, parts.slice(start, end + 1))));
}

function matchesAll(steps: readonly string[], parts: readonly string[]): boolean {
  const [step, ...others] = steps;
  if (step === undefined) return parts.length === 0;
  if (step === '**') return matchesAll(others, parts) || (parts.length > 0 && matchesAll(steps, parts.slice(1)));
  const [part, ...below] = parts;
  return part !== undefined && matchesPart(step, part) && matchesAll(others, below);
}

/** One name: `*` any letters, `?` one, `[a-m]` one of a range. */
function matchesPart(step: string, name: string): boolean {
  if (step === '') return name === '';
  const [first = ''] = step;
  if (first === '*') return matchesPart(step.slice(1), name) || (name !== '' && matchesPart(step, name.slice(1)));
  if (name === '') return false;
  const range = /^\[(.)-(.)\]/.exec(step);
  if (range !== null) {
    const [all, low = '', high = ''] = range;
    return low <= (name[0] ?? '') && (name[0] ?? '') <= high && matchesPart(step.slice(all.length), name.slice(1));
  }
  return (first === '?' || first === name[0]) && matchesPart(step.slice(1), name.slice(1));
}
