import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

/*
 * GitHub Enterprise Server, and runners older than 2.336, know neither `uses: $/path` (same repository, same commit) nor
 * `queue:`. The variant for them says the same with names, `uses: owner/repository/path@ref`; there, of the jobs that wait in
 * one queue only the newest is kept, and the services of the others are selected again by their next push.
 */

export const NAME = 'slipway-actions/slipway';
export const REF = 'v1-ghes';

/** The text of a workflow or action in older words: line by line, so that comments stay. */
export function forOlderRunners(text, name = NAME, ref = REF) {
  return text
    .replace(
      /^(\s*(?:- )?uses: )\$\/(\S*)/gm,
      (_, start, path) => `${start}${name}${path === '' ? '' : `/${path}`}@${ref}`,
    )
    .replace(/^ +queue: max\n/gm, '');
}

/** What the variant of a file says otherwise than the file itself, beside these words; nothing when both say the same. */
export function differences(path, text) {
  const older = forOlderRunners(text);
  const known = parse(text, (key, value) => (key === 'queue' ? undefined : value));
  const back = parse(older, (key, value) => (key === 'uses' ? inNewWords(value) : value));
  return [
    ...(/(^|\s)\$\//m.test(withoutComments(older)) ? [`${path}: the variant for older runners still says $/.`] : []),
    ...(isDeepStrictEqual(known, back) ? [] : [`${path}: the variant for older runners says something else.`]),
  ];
}

function inNewWords(uses) {
  const end = `@${REF}`;
  return uses.startsWith(`${NAME}/`) && uses.endsWith(end) ? `$/${uses.slice(NAME.length + 1, -end.length)}` : uses;
}

const withoutComments = (text) => text.replace(/^\s*#.*$/gm, '');
