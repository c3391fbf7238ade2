import { createHash } from 'node:crypto';
import semver from 'semver';
import { type ContentKey, misspeltTagKind, type TagPlan, userError } from '../model/index.ts';
import type { SourceFacts } from './facts.ts';
import { keyTag } from './key.ts';
import { outrankedBy, releaseOf } from './releases.ts';
import { branchOf } from './tag-kinds/branch.ts';
import type { TagVariable } from './tag-kinds/kind.ts';
import { KINDS, VARIABLES } from './tag-kinds/kinds.ts';
import { versionTagOf } from './version.ts';

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;
/** Tag under which a repository keeps layers of its builds for the next one. */
export const CACHE_TAG = 'buildcache';
/** Tags of these forms are ours: a branch of such a name must not write one. */
const RESERVED = new RegExp(`^(?:key|sha|${CACHE_TAG})-|^${CACHE_TAG}$`);
const VARIABLE = /\{\{\s*([\w.-]*)\s*\}\}/g;

/**
 * The tags of an image: always `key-…` and `sha-<commit>`, then what the templates make of the run. A kind is short for
 * a template. A template makes no tag when one of its variables has no value in this run; one that names neither an image
 * nor a branch (`latest`, `{{date}}`, `{{semver.major}}`) makes none but on the default branch and for releases that are no
 * pre-releases. Fixed tags are written once; moving ones follow. Throws `config-invalid` for a variable that there is
 * not, and for what looks like a misspelt kind.
 */
export function expandTags(templates: readonly string[], facts: SourceFacts, key: ContentKey): readonly TagPlan[] {
  const always: TagPlan[] = [fixed(keyTag(key)), fixed(commitTag(facts.commit))];
  const more = templates.flatMap((entry) => expand(templateOf(entry, facts.service), facts, key) ?? []);
  const others = new Map(more.map((it) => [it.tag, it] as const));
  for (const { tag } of always) others.delete(tag);
  return [...always, ...[...others.values()].sort(fixedThenName)];
}

/** Tags that the image before this one may have, the most telling first: of this commit, of the one before, of the branch. */
export function earlierTags(templates: readonly string[], facts: SourceFacts, key: ContentKey): readonly string[] {
  const { trigger, commit, defaultBranch } = facts;
  const before = trigger.kind === 'push' ? trigger.before : undefined;
  const moving = expandTags(templates, facts, key).filter(({ kind }) => kind === 'moving');
  const commits = [commit, before].filter((it) => it !== undefined).map(commitTag);
  return [...new Set([...commits, ...moving.map(({ tag }) => tag), tagOf(defaultBranch)])];
}

/** The tag under which the image of a commit is found. */
export const commitTag = (commit: string): string => `sha-${commit}`;

const fixed = (tag: string): TagPlan => ({ tag, kind: 'fixed' });

/** The order in which they are written: what moves comes last, when all else is in its place. */
const fixedThenName = (a: TagPlan, b: TagPlan): number =>
  Number(a.kind === 'moving') - Number(b.kind === 'moving') || (a.tag < b.tag ? -1 : 1);

function templateOf(entry: string, service: string): string {
  const kind = Object.entries(KINDS).find(([name]) => name === entry)?.[1];
  if (kind !== undefined) return kind.template;
  const meant = misspeltTagKind(entry);
  if (meant === undefined) return entry;
  throw userError('config-invalid', `The tag \`${entry}\` of ${service} looks like a misspelt kind.`, {
    remedy: `Did you mean \`${meant}\`?`,
  });
}

/** A template read for one run. */
interface Reading {
  readonly template: string;
  readonly variables: ReadonlyMap<string, TagVariable>;
  /** Of those variables that have one. */
  readonly values: Readonly<Record<string, string>>;
}

function expand(template: string, facts: SourceFacts, key: ContentKey): TagPlan | undefined {
  const reading = read(template, facts, key);
  const { variables, values } = reading;
  const follows = followed(reading);
  if (Object.keys(values).length < variables.size) return undefined;
  const release = follows === 'main-line' ? releaseOf(variables, facts) : undefined;
  if (follows === 'main-line' && !isOnMainLine(facts)) return undefined;
  if (release !== undefined && outrankedBy(release, facts.published) !== undefined) return undefined;
  const text = fill(template, values);
  const reserved = RESERVED.test(text) && !variables.has('short-sha') && !variables.has('sha');
  const tag = tagOf(text, reserved);
  if (follows === 'nothing') return { tag, kind: 'fixed' };
  return { tag, kind: 'moving', ...(release === undefined ? {} : { release }) };
}

function read(template: string, facts: SourceFacts, key: ContentKey): Reading {
  const variables = new Map<string, TagVariable>();
  const values: Record<string, string> = {};
  for (const [, name = ''] of template.matchAll(VARIABLE)) {
    const variable = VARIABLES.get(name);
    if (variable === undefined) throw unknownVariable(template, name, facts.service);
    variables.set(name, variable);
    const value = variable.valueOf(facts, key);
    if (value !== undefined) values[name] = value;
  }
  return { template, variables, values };
}

function unknownVariable(template: string, name: string, service: string): Error {
  const sentence = `The tag \`${template}\` of ${service} has the unknown variable \`${name}\`.`;
  return userError('config-invalid', sentence, { remedy: `There are: ${[...VARIABLES.keys()].join(', ')}.` });
}

/** The narrowest that one of its variables names decides for the whole. */
function followed({ variables }: Reading): TagVariable['follows'] {
  const all = new Set([...variables.values()].map(({ follows }) => follows));
  if (all.has('nothing')) return 'nothing';
  return all.has('branch') ? 'branch' : 'main-line';
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(VARIABLE, (_all, name: string) => values[name] ?? '');

/** Whether what belongs to no branch follows this run: a release that is no pre-release, or the default branch. */
function isOnMainLine(facts: SourceFacts): boolean {
  if (facts.trigger.kind === 'pull-request') return false;
  const tag = versionTagOf(facts);
  if (tag !== undefined) return semver.prerelease(tag.version) === null;
  return branchOf(facts) === facts.defaultBranch;
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
