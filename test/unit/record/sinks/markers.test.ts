import { afterEach, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../../../shared/model/index.ts';
import { devlake } from '../../../support/vendors/devlake.ts';
import { dynatrace } from '../../../support/vendors/dynatrace.ts';
import { honeycomb } from '../../../support/vendors/honeycomb.ts';
import type { Vendor } from '../../../support/vendors/index.ts';
import { newRelic } from '../../../support/vendors/new-relic.ts';
import { sentry } from '../../../support/vendors/sentry.ts';
import { at, commitOf, runOf } from '../samples.ts';
import { closeDesks, deployOf, deskOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();
const { id } = deploy.end();
const RUN = 'https://github.com/acme/shop/actions/runs/7/attempts/1';

/** What a vendor shows of the end of one deploy. */
async function shownBy(vendor: Vendor, fields: Vendor['fields'] = {}, outcome: Outcome = 'deployed') {
  const { fake, send } = await deskOf(vendor, { fields: { ...vendor.fields, ...fields } });
  await send(deploy.end(outcome));
  expect(fake.violations).toEqual([]);
  return { shown: fake.shown(), asked: fake.asked };
}

describe('honeycomb', () => {
  test('a marker from start to end', async () => {
    const { fake, send } = await deskOf(honeycomb);
    await send(deploy.start());
    expect(fake.shown()).toEqual([
      {
        id: 'marker0',
        type: 'deploy',
        message: `deploy of checkout 1.0.0-B in production: in progress [${id}]`,
        start_time: Date.parse(at(10)) / 1_000,
        url: RUN,
      },
    ]);
    await send(deploy.end());
    expect(fake.shown()).toMatchObject([
      { message: `deploy of checkout 1.0.0-B in production: deployed [${id}]`, end_time: Date.parse(at(100)) / 1_000 },
    ]);
    expect(fake.asked[0]?.headers['x-honeycomb-team']).toBe(honeycomb.env['HONEYCOMB_KEY']);
  });

  test('in a dataset, with a type', async () => {
    const { asked, shown } = await shownBy(honeycomb, { dataset: 'shop/api', type: 'release' });
    expect(asked[0]?.path).toBe('/1/markers/shop%2Fapi');
    expect(shown).toMatchObject([{ type: 'release' }]);
  });
});

describe('new-relic', () => {
  test('a change of the one entity of the service', async () => {
    const { shown, asked } = await shownBy(newRelic);
    expect(asked[0]?.headers['api-key']).toBe(newRelic.env['NEW_RELIC_KEY']);
    expect(shown).toMatchObject([
      {
        categoryAndTypeData: {
          kind: { category: 'DEPLOYMENT', type: 'ROLLING' },
          categoryFields: { deployment: { version: '1.0.0-B', commit: commitOf('B'), deepLink: RUN } },
        },
        entitySearch: { query: "name = 'checkout' AND domain = 'APM'" },
        groupId: `slipway-${id}-success`,
        user: 'ada',
        timestamp: Date.parse(at(100)),
      },
    ]);
  });

  test('another search', async () => {
    const { shown } = await shownBy(newRelic, { entity: "name = '{team}-{service}' AND tags.env = '{environment}'" });
    expect(shown).toMatchObject([
      { entitySearch: { query: "name = 'payments-checkout' AND tags.env = 'production'" } },
    ]);
  });

  test('NerdGraph says no with a 200', async () => {
    const { fake, send } = await deskOf(newRelic);
    fake.faults.push({ kind: 'answer', json: { data: null, errors: [{ message: 'search matched 2 entities' }] } });
    expect(await send(deploy.end())).toEqual([
      { kind: 'failed', why: 'New Relic refused it: search matched 2 entities' },
    ]);
    expect(fake.asked).toHaveLength(1);
  });
});

describe('sentry', () => {
  test('a release with its commits, and a deploy of it', async () => {
    const { shown, asked } = await shownBy(sentry, { projects: ['shop-{service}', 'all'] });
    expect(asked[0]?.headers['authorization']).toBe(`Bearer ${sentry.env['SENTRY_TOKEN']}`);
    expect(shown).toEqual([
      {
        version: 'checkout@1.0.0-B',
        projects: ['shop-checkout', 'all'],
        dateReleased: at(100),
        url: RUN,
        refs: [{ repository: 'acme/shop', commit: commitOf('B'), previousCommit: commitOf('A') }],
      },
      {
        environment: 'production',
        name: `slipway ${id}`,
        projects: ['shop-checkout', 'all'],
        dateStarted: at(10),
        dateFinished: at(100),
        url: RUN,
      },
    ]);
  });

  test('one release for the environments that it goes through, released where users are', async () => {
    const { fake, send } = await deskOf(sentry);
    const stream = { environment: 'staging', service: 'checkout', repository: undefined };
    const staging = deployOf({}, { facts: { stream, class: 'staging' } });
    await send(staging.end());
    expect(fake.shown()[0]).not.toHaveProperty('dateReleased');
    await send(deploy.end());
    expect(fake.shown()).toMatchObject([
      { version: 'checkout@1.0.0-B', dateReleased: at(100) },
      { environment: 'staging' },
      { environment: 'production' },
    ]);
  });

  test('a failed deploy is none', async () => expect((await shownBy(sentry, {}, 'failed')).shown).toEqual([]));
});

describe('dynatrace', () => {
  test('a deployment event on the entities of the service', async () => {
    const { shown, asked } = await shownBy(dynatrace);
    expect(asked[0]?.headers['authorization']).toBe(`Api-Token ${dynatrace.env['DYNATRACE_TOKEN']}`);
    expect(shown).toMatchObject([
      {
        eventType: 'CUSTOM_DEPLOYMENT',
        entitySelector: 'type(SERVICE),entityName.equals("checkout")',
        startTime: Date.parse(at(10)),
        endTime: Date.parse(at(100)),
        properties: {
          'dt.event.deployment.version': '1.0.0-B',
          'dt.event.deployment.release_stage': 'production',
          'dt.event.deployment.release_product': 'checkout',
          'dt.event.deployment.ci_back_link': RUN,
          'slipway.event': `${id}-success`,
        },
      },
    ]);
  });

  test('entities that are not there are said', async () => {
    const { fake, send } = await deskOf(dynatrace);
    await send(deploy.end('failed'));
    fake.faults.push({ kind: 'answer', json: { totalCount: 0 } });
    fake.faults.push({ kind: 'answer', json: { eventIngestResults: [{ status: 'INVALID_ENTITY_TYPE' }] } });
    expect(await send(deploy.end())).toEqual([{ kind: 'failed', why: 'Dynatrace refused it: INVALID_ENTITY_TYPE' }]);
  });
});

describe('devlake', () => {
  test.each([
    ['deployed', 'SUCCESS'],
    ['rolled-back-after-failure', 'FAILURE'],
  ] as const)('%s is %s, in an environment of its words', async (outcome, result) => {
    const { shown, asked } = await shownBy(devlake, {}, outcome);
    expect(asked[0]?.path).toBe('/plugins/webhook/connections/3/deployments');
    expect(asked[0]?.headers['authorization']).toBe(`Bearer ${devlake.env['DEVLAKE_KEY']}`);
    expect(shown).toMatchObject([
      {
        id,
        result,
        environment: 'PRODUCTION',
        originalEnvironment: 'production',
        startedDate: at(10),
        finishedDate: at(100),
        deploymentCommits: [{ repoUrl: 'https://github.com/acme/shop', commitSha: commitOf('B'), result }],
      },
    ]);
  });

  test.each([
    ['cancelled', {}],
    ['failed', { changed: false }],
  ] as const)('%s before anything was changed is no deployment', async (outcome, settled) => {
    const { fake, send } = await deskOf(devlake);
    expect(await send(deployOf({}, { run: runOf('8'), settled }).end(outcome))).toMatchObject([{ kind: 'skipped' }]);
    expect(fake.asked).toEqual([]);
  });
});
