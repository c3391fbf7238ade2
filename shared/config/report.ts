import { type Problem, problem, UserError } from '../model/index.ts';
import { MAX_PROBLEMS } from './limits.ts';

/** A problem that shows only for one service, or for one service in one environment. */
export interface Finding {
  readonly problem: Problem;
  /** `checkout` or `checkout in staging`; undefined: nothing but the place needs to be named. */
  readonly subject: string | undefined;
}

export const finding = (it: Problem, subject?: string): Finding => ({ problem: it, subject });

/** Throws all problems as one error, in the order of their places; does nothing when there are none. */
export function refuse(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const problems = together(findings).sort(byPlace);
  const shown = problems.slice(0, MAX_PROBLEMS);
  const left = problems.length - shown.length;
  const [first] = shown;
  if (left > 0 && first !== undefined) {
    shown.push(problem(first.code, `${left} more problems are not shown.`, { remedy: 'Correct these first.' }));
  }
  throw new UserError(shown);
}

/** A default that is wrong for three hundred services is one problem, not three hundred. */
function together(findings: readonly Finding[]): Problem[] {
  const groups = new Map<string, { readonly problem: Problem; readonly subjects: Set<string> }>();
  for (const { problem: it, subject } of findings) {
    const key = JSON.stringify([it.at, it.sentence]);
    const group = groups.get(key) ?? { problem: it, subjects: new Set() };
    if (subject !== undefined) group.subjects.add(subject);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ problem: it, subjects }) => withSubjects(it, [...subjects]));
}

function withSubjects(it: Problem, subjects: readonly string[]): Problem {
  const [first] = subjects;
  if (first === undefined) return it;
  const named = subjects.length === 1 ? first : `${first} and ${subjects.length - 1} more`;
  return { ...it, sentence: `${it.sentence.replace(/\.$/, '')} (${named}).` };
}

function byPlace(a: Problem, b: Problem): number {
  const [one, two] = [a.at, b.at];
  if (one?.file !== two?.file) return (one?.file ?? '') < (two?.file ?? '') ? -1 : 1;
  return (one?.line ?? 0) - (two?.line ?? 0) || (one?.column ?? 0) - (two?.column ?? 0);
}
