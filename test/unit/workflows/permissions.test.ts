import { describe, expect, test } from '@jest/globals';
import { ACTIONS } from '../../../shared/flow/interface/index.ts';
import { JOBS, type Job, jobsOf, record, stepsOf, textOf, WORKFLOWS } from './read.ts';

/*
 * What the token of a job may do is what its steps need, by the tables of the actions: no more, and no less. A call needs what
 * the jobs of the called workflow ask for: GitHub refuses the whole run where it grants less.
 */

type Access = 'read' | 'write';
type Permissions = ReadonlyMap<string, Access>;

/** What actions of other makers need; of the caller's own set-up, that it logs in to a cloud by OpenID Connect. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  'actions/checkout': { contents: 'read' },
  'actions/upload-artifact': {},
  'actions/upload-pages-artifact': {},
  'actions/deploy-pages': { pages: 'write', 'id-token': 'write' },
};
const SETUP = './.github/actions/slipway-setup';
const SETUP_PHASES: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  test: {},
  build: { 'id-token': 'write' },
  deploy: { 'id-token': 'write' },
  maintain: { 'id-token': 'write' },
};

/** What some uses of an action need, and these jobs have. */
const OPTIONAL: readonly { readonly jobs: RegExp; readonly scope: string; readonly action: string }[] = [
  {
    jobs: /^(service\.yml stage-\d|promote\.yml promote|rollback\.yml rollback)$/,
    scope: 'deployments',
    action: 'deploy-to-env',
  },
  { jobs: /^pipeline\.yml ready$/, scope: 'packages', action: 'summarize-run' },
  { jobs: /^maintain\.yml board$/, scope: 'packages', action: 'publish-deploy-board' },
];

function neededBy(job: Job): Permissions {
  const called = /^\$\/\.github\/workflows\/(.+)$/.exec(String(job.job['uses'] ?? ''))?.[1];
  if (called !== undefined) return merged(jobsOf(called).map(grantedTo));
  return merged(stepsOf(job).map((step) => ofStep(step, `${job.workflow} ${job.name}`)));
}

function ofStep(step: Readonly<Record<string, unknown>>, job: string): Permissions {
  const uses = String(step['uses'] ?? '');
  if (uses === '') return new Map();
  if (uses === SETUP) return asMap(SETUP_PHASES[String(record(step['with'])['phase'])]);
  const own = ACTIONS.find(({ name }) => uses === `$/actions/${name}`);
  if (own === undefined) return asMap(OTHERS[uses.replace(/@.*/, '')]);
  const taken = own.permissions.filter(
    ({ scope, optional = false }) =>
      !optional || OPTIONAL.some((it) => it.jobs.test(job) && it.scope === scope && it.action === own.name),
  );
  return merged(taken.map(({ scope, access }) => new Map([[scope, access]])));
}

function asMap(found: Readonly<Record<string, Access>> | undefined): Permissions {
  if (found === undefined) throw new Error('a step whose needs are not known');
  return new Map(Object.entries(found));
}

function grantedTo({ job }: Job): Permissions {
  return new Map(Object.entries(record(job['permissions'])).map(([scope, access]) => [scope, access as Access]));
}

function merged(all: readonly Permissions[]): Permissions {
  const result = new Map<string, Access>();
  for (const [scope, access] of all.flatMap((it) => [...it]))
    if (result.get(scope) !== 'write') result.set(scope, access);
  return result;
}

const sorted = (it: Permissions) => Object.fromEntries([...it].sort());

test('there are the workflows of the contract', () => {
  expect([...WORKFLOWS].sort()).toEqual(['maintain.yml', 'pipeline.yml', 'promote.yml', 'rollback.yml', 'service.yml']);
});

test.each(JOBS.map((job) => [`${job.workflow} ${job.name}`, job] as const))('%s has what it needs', (_name, job) => {
  expect(sorted(grantedTo(job))).toEqual(sorted(neededBy(job)));
});

describe.each(WORKFLOWS)('%s', (workflow) => {
  test('gives nothing to a job that does not ask', () => {
    expect(textOf(workflow)).toMatch(/^permissions: \{\}$/m);
  });

  test('says of every permission why', () => {
    const lines = textOf(workflow).split('\n');
    const granted = lines.filter((line) => /^ {6}[a-z-]+: (read|write)\b/.test(line));
    expect(granted.filter((line) => !/ # \S/.test(line))).toEqual([]);
    expect(granted.length).toBe(jobsOf(workflow).reduce((sum, it) => sum + grantedTo(it).size, 0));
  });
});
