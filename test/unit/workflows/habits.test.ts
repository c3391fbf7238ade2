import { describe, expect, test } from '@jest/globals';
import { ACTIONS } from '../../../shared/flow/interface/index.ts';
import { type Fields, JOBS, type Job, jobsOf, list, read, record, stepsOf, textOf } from './read.ts';

const STEPS = JOBS.flatMap((job) => stepsOf(job).map((step) => ({ job, step })));
const nameOf = ({ workflow, name }: Job) => `${workflow} ${name}`;
const stepsThat = (takes: (step: Fields, job: Job) => boolean) =>
  STEPS.filter(({ step, job }) => takes(step, job)).map(({ job }) => nameOf(job));

describe('every job', () => {
  test('runs no text that came from outside: expressions go through variables', () => {
    expect(stepsThat((step) => /\$\{\{/.test(String(step['run'] ?? '')))).toEqual([]);
  });

  test('leaves no token in the checkout', () => {
    const isCheckout = (step: Fields) => String(step['uses'] ?? '').startsWith('actions/checkout@');
    expect(stepsThat((step) => isCheckout(step) && record(step['with'])['persist-credentials'] !== false)).toEqual([]);
    expect(stepsThat(isCheckout).length).toBeGreaterThan(10);
  });

  test('hands secrets only to the step that uses them', () => {
    const withSecrets = STEPS.filter(({ step }) => JSON.stringify(step).includes('secrets.'));
    for (const { step } of withSecrets) {
      expect(String(step['uses'])).toMatch(/^\$\/actions\//);
      expect(Object.keys(record(step['env']))).toEqual(['SLIPWAY_ENV']);
      expect(JSON.stringify({ ...step, env: undefined })).not.toContain('secrets.');
    }
    expect(withSecrets.length).toBeGreaterThan(5);
    expect(JOBS.filter(({ job }) => JSON.stringify({ ...job, steps: [] }).includes('secrets.')).map(nameOf)).toEqual(
      [],
    );
  });

  test('of tests gets none at all: the code of a pull request runs there', () => {
    expect(JSON.stringify(record(record(read('service.yml')['jobs'])['test']))).not.toContain('secrets');
  });

  test('uses the set-up of the caller where there is one', () => {
    const own = stepsThat((step) => step['uses'] === './.github/actions/slipway-setup');
    const guarded = stepsThat(
      (step) =>
        step['uses'] === './.github/actions/slipway-setup' &&
        /hashFiles\('\.github\/actions\/slipway-setup\/action\.y\*ml'\) != ''|inputs\.setup/.test(String(step['if'])),
    );
    expect(guarded).toEqual(own);
    expect(own.length).toBe(13);
  });

  test('gives our actions inputs that they have', () => {
    for (const { step } of STEPS) {
      const action = ACTIONS.find(({ name }) => step['uses'] === `$/actions/${name}`);
      if (action === undefined) continue;
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(record(step['with']))));
    }
  });
});

describe('service.yml', () => {
  const stages = jobsOf('service.yml').filter(({ name }) => name.startsWith('stage-'));

  test('has a stage for each of eight environments, in a queue of the service and the environment', () => {
    expect(stages).toHaveLength(8);
    for (const [at, { job }] of stages.entries()) {
      const environment = `\${{ fromJSON(inputs.environments)[${at}] }}`;
      expect(job['environment']).toEqual({ name: environment, url: '${{ steps.deploy.outputs.url }}' });
      expect(job['concurrency']).toEqual({ group: `slipway/\${{ inputs.service }}/${environment}`, queue: 'max' });
      const deploy = list(job['steps']).find((it) => it['id'] === 'deploy');
      expect(record(deploy?.['with'])).toMatchObject({
        environment,
        image: '${{ inputs.image || needs.build.outputs.image }}',
      });
    }
  });

  test('a stage waits for the one before, and goes on only from what was brought there', () => {
    for (const [at, { job }] of stages.entries()) {
      const before = at === 0 ? ['test', 'build'] : ['build', `stage-${at}`];
      expect(job['needs']).toEqual(before);
      if (at === 0) continue;
      const status = `needs.stage-${at}.outputs.status`;
      expect(String(job['if'])).toContain(`(${status} == 'deployed' || ${status} == 'unchanged')`);
    }
  });
});

test('pipeline.yml hands each service its row, and the calls after an approval what was approved', () => {
  const inputs = Object.keys(record(record(record(read('service.yml')['on'])['workflow_call'])['inputs']));
  for (const { name, job } of jobsOf('pipeline.yml').filter(({ job: it }) => it['uses'] !== undefined)) {
    const at = Number(name.split('-')[1]) - 1;
    expect(record(job['strategy'])).toMatchObject({ 'fail-fast': false });
    expect(String(record(job['strategy'])['matrix'])).toContain(`chunks)[${at}]`);
    expect(String(job['if'])).toContain(`count > ${at * 256}`);
    expect(inputs).toEqual(expect.arrayContaining(Object.keys(record(job['with']))));
    if (name.startsWith('approved')) expect(record(job['with'])).toMatchObject({ image: '${{ matrix.image }}' });
  }
});

test('ok waits for everything, and hands on how each job ended', () => {
  const jobs = jobsOf('pipeline.yml');
  const ok = jobs.find(({ name }) => name === 'ok')?.job ?? {};
  const judged = jobs.map(({ name }) => name).filter((it) => it !== 'ok' && it !== 'ready');
  expect(ok['needs']).toEqual(expect.arrayContaining(judged));
  expect(ok['if']).toBe('always()');
  for (const name of judged) expect(JSON.stringify(ok['steps'])).toContain(`needs.${name}.result`);
});

test('rollback.yml is one job without a checkout', () => {
  expect(jobsOf('rollback.yml')).toHaveLength(1);
  expect(textOf('rollback.yml')).not.toMatch(/actions\/checkout|concurrency:/);
});
