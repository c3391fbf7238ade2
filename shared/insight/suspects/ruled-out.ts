import { byName, listed, span } from '../words.ts';
import type { AskedQuestion, Dependencies, SuspectDeploy } from './question.ts';

/** How many deploys are named one by one; more are counted. */
const NAMED = 5;

/** What speaks against a deploy as the cause, in sentences: to know where not to look is half of the answer. */
export function ruledOut(
  question: AskedQuestion,
  here: readonly SuspectDeploy[],
  candidates: readonly SuspectDeploy[],
  dependencies: Dependencies,
): readonly string[] {
  return [
    ...nothingAtAll(question, here, candidates),
    ...nothingNear(question, candidates, dependencies),
    ...sentences(wentOutAfter(question, here), (it) => {
      return `${name(it)} went out after T: it started ${span(Date.parse(it.started) - question.at)} later.`;
    }),
    ...sentences(wroteNothing(question, here), (it) => {
      return `${name(it)} was tried ${span(question.at - Date.parse(it.started))} before T and changed nothing (${it.outcome ?? it.status}).`;
    }),
  ];
}

const name = (deploy: SuspectDeploy): string => `${deploy.service} ${deploy.version}`;

function nothingAtAll(
  question: AskedQuestion,
  here: readonly SuspectDeploy[],
  candidates: readonly SuspectDeploy[],
): readonly string[] {
  if (candidates.length > 0) return [];
  const sentence = `No deploy in ${question.environment} in the ${span(question.windowMs)} before T.`;
  const last = here
    .filter((it) => it.changed && Date.parse(it.finished ?? it.started) <= question.at)
    .sort((a, b) => Date.parse(b.finished ?? b.started) - Date.parse(a.finished ?? a.started))[0];
  if (last === undefined) return [sentence];
  const ago = span(question.at - Date.parse(last.finished ?? last.started));
  return [`${sentence} The last one was ${name(last)}, ${ago} before.`];
}

function nothingNear(
  question: AskedQuestion,
  candidates: readonly SuspectDeploy[],
  dependencies: Dependencies,
): readonly string[] {
  const { service } = question;
  if (service === undefined || candidates.length === 0) return [];
  const deployed = new Set(candidates.map((it) => it.service));
  const quiet = (dependencies.get(service) ?? []).filter((it) => !deployed.has(it)).sort(byName);
  const within = `in the ${span(question.windowMs)} before T`;
  return [
    ...(deployed.has(service) ? [] : [`No deploy of ${service} itself ${within}.`]),
    ...(quiet.length === 0 ? [] : [`No deploy of ${named(quiet)}, on which it depends, ${within}.`]),
  ];
}

const named = (names: readonly string[]): string =>
  names.length <= NAMED
    ? listed(names).replace(' and ', ' or ')
    : `${names.slice(0, NAMED).join(', ')} or ${names.length - NAMED} more`;

const wentOutAfter = ({ at, windowMs }: AskedQuestion, here: readonly SuspectDeploy[]) =>
  here.filter((it) => Date.parse(it.started) > at && Date.parse(it.started) <= at + windowMs && couldMatter(it));

const wroteNothing = ({ at, from }: AskedQuestion, here: readonly SuspectDeploy[]) =>
  here.filter((it) => Date.parse(it.started) <= at && Date.parse(it.started) >= from && !couldMatter(it) && tries(it));

/** A hold or its release is a decision, not an attempt to change what runs. */
const tries = (deploy: SuspectDeploy): boolean => deploy.kind !== 'hold' && deploy.kind !== 'release';

/** It changed what runs, or may be doing so: nobody knows yet. */
export const couldMatter = (deploy: SuspectDeploy): boolean => deploy.changed || deploy.status === 'in-doubt';

function sentences(deploys: readonly SuspectDeploy[], say: (deploy: SuspectDeploy) => string): readonly string[] {
  const ordered = [...deploys].sort(
    (a, b) => Date.parse(a.started) - Date.parse(b.started) || byName(a.service, b.service),
  );
  const said = ordered.slice(0, NAMED).map(say);
  return ordered.length > NAMED ? [...said, `… and ${ordered.length - NAMED} more of these.`] : said;
}
