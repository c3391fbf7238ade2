import { MAX_ENTRIES, MAX_LINE } from './limits.ts';

/*
 * The forms that texts of a configuration must have, where both readers look at them: the schemas, which say what is
 * wrong, and the quick reader of inline services, which only asks whether anything is.
 */

export const ONE_LINE = /^\P{Cc}*$/u;
/** In a pattern `\` takes the meaning from the character after it; before these it would have none to take. */
export const WINDOWS = /\\(?:[\p{L}\d_.-]|\*\*|\*$)/u;
/** A pattern without a name in it. */
export const NOTHING = /^!?\/*$/;
export const leadsOut = (pattern: string): boolean => pattern.split('/').includes('..');
/** Patterns that only take out would never match. */
export const takesIn = (patterns: readonly string[]): boolean =>
  patterns.length === 0 || patterns.some((it) => !it.startsWith('!'));

export const isLine = (text: string): boolean => text !== '' && text.length <= MAX_LINE && ONE_LINE.test(text);
export const isPath = (text: string): boolean => isLine(text) && !WINDOWS.test(text);
/** Most patterns: words, slashes and stars. Looked at first, since one form is asked faster than five. */
const ORDINARY = /^!?[\w@*][\w@*+-]*(?:[./][\w@*+-]+)*\/?$/;
const isPattern = (it: string): boolean =>
  it.length <= MAX_LINE && (ORDINARY.test(it) || (isPath(it) && !NOTHING.test(it) && !leadsOut(it)));
/** What {@link isPatternList} says of one pattern alone. */
export const isOnlyPattern = (it: string): boolean => isPattern(it) && !it.startsWith('!');
export const isPatternList = (patterns: readonly string[]): boolean =>
  patterns.length <= MAX_ENTRIES && patterns.every(isPattern) && takesIn(patterns);
