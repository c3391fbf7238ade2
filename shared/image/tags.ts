import { createHash } from 'node:crypto';
import semver from 'semver';
import { type ContentKey, short, type TagPlan, userError } from '../model/index.ts';
import type { SourceFacts } from './facts.ts';
import { keyTag } from './key.ts';
import { dateOf, dateVersion, releaseOf } from './version.ts';

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;
/** Tags of these forms are ours: a branch of such a name must not write one. */
const RESERVED = /^(?:key|sha)-/;
/** Variables that hold something of which there is one only: a tag with one of them is written once. */
const UNIQUE: ReadonlySet<string> = new Set(['sha', 'short-sha', 'key', 'version', 'semver', 'semver.patch']);
const KINDS: Readonly<Record<string, string>> = {
  sha: 'sha-{{short-sha}}',
  branch: '{{branch}}',
  semver: '{{semver}}',
  date: '{{version}}',
};

/**
 * The tags of an image: always `key-…` and `sha-<commit>`, then what the templates make of the run. A kind is short for
 * a template: `sha` is the short commit, `branch` the branch or `pr-<number>`, `semver` the version of a release, `date`
 * the dated version. A template whose variables have no value in this run makes no tag; one without variables is for the
 * default branch and for releases that are no pre-releases. Fixed tags are written once; moving ones follow.
 * Throws `config-invalid` for a variable that there is not.
 */
export function expandTags(templates: readonly string[], facts: SourceFacts, key: ContentKey): readonly TagPlan[] {
  const values = valuesOf(facts, key);
  const always: TagPlan[] = [fixed(keyTag(key)), fixed(commitTag(facts.commit))];
  const more = templates.flatMap((template) => expand(KINDS[template] ?? template, values, facts) ?? []);
  const others = new Map(more.map((it) => [it.tag, it] as const));
  for (const { tag } of always) others.delete(tag);
  return [...always, ...[...others.values()].sort(fixedThenName)];
}

/** The tag under which the image of a commit is found. */
export const commitTag = (commit: string): string => `sha-${commit}`;

const fixed = (tag: string): TagPlan => ({ tag, kind: 'fixed' });

/** The order in which they are written: what moves comes last, when all else is in its place. */
const fixedThenName = (a: TagPlan, b: TagPlan): number =>
  Number(a.kind === 'moving') - Number(b.kind === 'moving') || (a.tag < b.tag ? -1 : 1);

type Values = Readonly<Record<string, string | undefined>>;

function valuesOf(facts: SourceFacts, key: ContentKey): Values {
  const release = releaseOf(facts);
  const version = semver.parse(release?.version);
  const { trigger } = facts;
  return {
    sha: facts.commit,
    'short-sha': short(facts.commit),
    key: key.value,
    service: facts.service,
    date: dateOf(facts.commitDate),
    version: dateVersion(facts),
    branch: branchOf(facts),
    pr: trigger.kind === 'pull-request' ? String(trigger.number) : undefined,
    semver: release?.version,
    'semver.major': part(version?.major),
    'semver.minor': part(version?.minor),
    'semver.patch': part(version?.patch),
  };
}

const part = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** A pull request has no branch of the repository's: its number stands in. */
function branchOf({ trigger, ref }: SourceFacts): string | undefined {
  if (trigger.kind === 'pull-request') return `pr-${trigger.number}`;
  if (trigger.kind === 'push') return trigger.branch;
  return trigger.kind === 'other' ? /^refs\/heads\/(.+)$/.exec(ref)?.[1] : undefined;
}

function expand(template: string, values: Values, facts: SourceFacts): TagPlan | undefined {
  const names = [...template.matchAll(/\{\{\s*([\w.-]*)\s*\}\}/g)].map(([, name = '']) => name);
  const unknown = names.find((name) => !Object.hasOwn(values, name));
  if (unknown !== undefined) {
    throw userError(
      'config-invalid',
      `The tag \`${template}\` of ${facts.service} has the unknown variable \`${unknown}\`.`,
      {
        remedy: `There are: ${Object.keys(values).join(', ')}.`,
      },
    );
  }
  if (names.some((name) => values[name] === undefined) || !isDue(names, values, facts)) return undefined;
  if (isOutranked(template, names, values, facts.published)) return undefined;
  const text = fill(template, values);
  const reserved = RESERVED.test(text) && !names.includes('short-sha') && !names.includes('sha');
  return { tag: tagOf(text, reserved), kind: names.some((name) => UNIQUE.has(name)) ? 'fixed' : 'moving' };
}

const fill = (template: string, values: Values): string =>
  template.replace(/\{\{\s*([\w.-]*)\s*\}\}/g, (_all, name: string) => values[name] ?? '');

/** Whether a tag that says nothing of the run (`latest`) or part of a version (`1.2`) may follow this one. */
function isDue(names: readonly string[], values: Values, facts: SourceFacts): boolean {
  const floating = names.every((name) => name === 'service');
  const partial = names.some((name) => name.startsWith('semver.')) && !names.includes('semver.patch');
  if (!floating && !partial) return true;
  const version = values['semver'];
  if (version !== undefined) return semver.prerelease(version) === null;
  return floating && facts.trigger.kind !== 'pull-request' && branchOf(facts) === facts.defaultBranch;
}

/** Whether a greater version that is out already has this moving tag: a backport does not take it back. */
function isOutranked(
  template: string,
  names: readonly string[],
  values: Values,
  published: readonly string[],
): boolean {
  const own = values['semver'];
  if (own === undefined || names.some((name) => UNIQUE.has(name)) || values['branch'] !== undefined) return false;
  const text = fill(template, values);
  return published.some((tag) => {
    const other = semver.valid(tag) === tag ? semver.parse(tag) : null;
    if (other === null || other.prerelease.length > 0 || semver.lte(other, own)) return false;
    const theirs = { 'semver.major': part(other.major), 'semver.minor': part(other.minor) };
    return fill(template, { ...values, ...theirs }) === text;
  });
}

/**
 * A text as a tag: what a tag cannot have becomes `-`, and whenever something was lost, digits of the text's hash are
 * added, so that `feat/x` and `feat-x` stay two.
 */
export function tagOf(text: string, lossy = false): string {
  const clean = text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[.-]+/, '');
  if (clean === text && clean.length <= LONGEST_TAG && clean !== '' && !lossy) return clean;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
  return [clean.slice(0, LONGEST_TAG - HASH_DIGITS - 1), hash].filter((it) => it !== '').join('-');
}
