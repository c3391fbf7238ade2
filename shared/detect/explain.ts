import {
  type Base,
  type Commit,
  clip,
  type Json,
  type Selection,
  type SelectionReason,
  short,
  type Verdict,
} from '../model/index.ts';
import { explainInputs, type MadeOf } from './made-of.ts';

/** How many of the changed files a line names. */
const MAX_FILES_SHOWN = 5;
const MAX_LINE_CHARACTERS = 400;
const MAX_LINES = 40;

/**
 * Why a service is selected or not, in lines for people. Names of files come from whoever made the change: no line holds
 * a control character, and none can be taken for a command of the runner.
 *
 * @param madeOf tells as well what was compared; left out: only the reasons and the bases are told
 */
export function explain(verdict: Verdict, madeOf?: MadeOf): readonly string[] {
  const { service, selected, reasons, bases } = verdict;
  const lines = [
    `${service} is ${selected ? 'selected' : 'not selected'}.`,
    ...reasons.map((it) => `  ${explainReason(it)}`),
    ...bases.map(explainBase),
    ...(madeOf === undefined
      ? []
      : [...explainInputs(madeOf), ...(selected ? [] : [whyNot(verdict)])].map((it) => `  ${it}`)),
  ];
  const more = lines.length - MAX_LINES;
  const shown = more > 0 ? [...lines.slice(0, MAX_LINES), `  and ${more} more lines`] : lines;
  return shown.map(harmless);
}

function whyNot({ bases }: Verdict): string {
  if (bases.some(({ commit }) => commit !== undefined)) return 'Nothing of what it is made of differs.';
  if (bases.length > 0) return 'So nothing was compared.';
  return 'Nothing was compared: it was not asked for, or goes to none of the environments that were.';
}

function explainReason(reason: SelectionReason): string {
  switch (reason.kind) {
    case 'asked':
      return 'It was asked for by name.';
    case 'files':
      return `Its own files changed ${since(reason)}`;
    case 'dependency-paths':
      return `Files under \`dependencies.paths\` changed ${since(reason)}`;
    case 'build-files':
      return `What its image is built by, outside of its folder, changed ${since(reason)}`;
    case 'shared-paths':
      return `Files under \`shared-paths\` changed ${since(reason)}`;
    case 'dependency':
      return `It depends on ${reason.path.slice(1).join(', by way of ')}${named(reason.imported)}, whose files changed ${since(reason)}`;
    case 'imported':
      return `${importedWhat(reason)} changed ${since(reason)}`;
    case 'lock':
      return explainLock(reason);
    case 'config':
      return `Its configuration, that of a service it depends on, or \`shared-paths\` is not what it was at ${short(reason.since)}.`;
    case 'new':
      return `It was not there at ${short(reason.since)}.`;
    case 'no-record':
      return `Nothing is recorded as running in ${reason.environment}.`;
    case 'in-doubt':
      return `Its last deploy to ${reason.environment} has no known end.`;
    case 'unbelievable':
      return `Its record for ${reason.environment} can't be believed: ${reason.why}.`;
    case 'base-unknown':
      return `What to compare with is not known: ${reason.why}.`;
  }
}

const named = (manifests: readonly string[]): string =>
  manifests.length === 0 ? '' : ` (by ${manifests.slice(0, MAX_FILES_SHOWN).join(', ')})`;

function importedWhat({ way, manifest }: Extract<SelectionReason, { kind: 'imported' }>): string {
  if (way.length === 0) return `What ${manifest} is resolved through`;
  return `The package ${[...way].reverse().join(', used by ')}${named([manifest])},`;
}

function explainLock({ file, moved, count, whole, since: commit }: Extract<SelectionReason, { kind: 'lock' }>): string {
  if (whole !== null) return `${file} changed since ${short(commit)}, and counts as a whole: ${whole}.`;
  const shown = moved.slice(0, MAX_FILES_SHOWN);
  const more = count > shown.length ? ` and ${count - shown.length} more` : '';
  return `${file} resolves its dependencies otherwise than at ${short(commit)}: ${shown.join(', ')}${more}.`;
}

interface FilesSince {
  readonly paths: readonly string[];
  readonly count: number;
  readonly since: Commit;
}

function since({ paths, count, since: commit }: FilesSince): string {
  const shown = paths.slice(0, MAX_FILES_SHOWN);
  const more = count > shown.length ? ` and ${count - shown.length} more` : '';
  return `since ${short(commit)}: ${shown.join(', ')}${more}.`;
}

const RUNGS: Readonly<Record<Base['rung'], string>> = {
  input: 'the input `base`',
  deployed: 'what is deployed',
  before: 'the commit before the push',
  'merge-base': 'the merge base',
  'first-parent': 'the first parent of the merge commit',
  'target-branch': 'the target branch',
  'previous-tag': 'the tag before',
  unknown: 'no base is known',
};

function explainBase({ commit, rung, environment, note }: Base): string {
  const place = environment === undefined ? '' : ` in ${environment}`;
  const what = commit === undefined ? 'Not compared' : `Compared with ${short(commit)}`;
  return `  ${what}: ${RUNGS[rung]}${place}${note === undefined ? '' : `; ${note}`}.`;
}

/** Unicode controls, line and paragraph separators, marks that turn the direction of writing, and lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

/** A text as one line that no terminal and no runner acts on (`::command::`, `##[command]`). */
export function harmless(text: string): string {
  const line = text
    .replace(UNSAFE, escaped)
    .replace(/:(?=:)/g, ': ')
    .replaceAll('##[', '## [');
  return clip(line, MAX_LINE_CHARACTERS);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * The file of reasons, as JSON with a line for each service: why (in words, and as values), which base and which rung. Names
 * of files are as they are among the values.
 */
export function reasonsFile({ head, verdicts, removed }: Selection): string {
  const services = verdicts.map(reasonsLines()).join(',\n');
  return `{"schema":1,"head":${JSON.stringify(head)},"services":[\n${services}\n],"removed":${JSON.stringify(removed)}}\n`;
}

/** Makes the lines of verdicts. Most services share their bases, which are put into words once. */
function reasonsLines(): (verdict: Verdict) => string {
  const known = new Map<readonly Base[], string>();
  return ({ service, selected, reasons, bases }) => {
    const told = known.get(bases) ?? JSON.stringify(bases.map(toldBase));
    known.set(bases, told);
    const said = reasons.length === 0 ? '"why":[],"reasons":[]' : saidOf(reasons);
    return `{"service":${JSON.stringify(service)},"selected":${selected},${said},"bases":${told}}`;
  };
}

function saidOf(reasons: readonly SelectionReason[]): string {
  const why = reasons.map((it) => harmless(explainReason(it)));
  return `"why":${JSON.stringify(why)},"reasons":${JSON.stringify(reasons)}`;
}

const toldBase = ({ commit, rung, environment, note }: Base): Json => ({
  commit: commit ?? null,
  rung,
  environment: environment ?? null,
  note: note ?? null,
});
