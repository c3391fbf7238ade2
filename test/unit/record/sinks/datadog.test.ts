import { afterEach, expect, test } from '@jest/globals';
import { datadog } from '../../../support/vendors/datadog.ts';
import { at, commitOf, entryOf, eventOf, releaseOf, runOf } from '../samples.ts';
import { closeDesks, deployOf, deskOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();

test('a deployment with its commit and times, and a start and end that are shown as one', async () => {
  const { fake, send } = await deskOf(datadog);
  await send(deploy.start(), deploy.end());
  const { id } = deploy.end();
  expect(fake.shown()).toEqual([
    {
      id,
      service: 'checkout',
      env: 'production',
      version: '1.0.0-B',
      team: 'payments',
      started_at: Date.parse(at(10)),
      finished_at: Date.parse(at(100)),
      git: { repository_url: 'https://github.com/acme/shop', commit_sha: commitOf('B') },
      custom_tags: ['kind:deploy', 'strategy:rolling', 'outcome:deployed'],
    },
    ['deploy of checkout 1.0.0-B in production: in progress', 'deploy of checkout 1.0.0-B in production: deployed'],
  ]);
  const event = fake.asked.at(-1);
  expect(event?.headers).toMatchObject({ 'dd-api-key': datadog.env['DD_API_KEY'] });
  expect(event?.json).toMatchObject({
    alert_type: 'success',
    aggregation_key: id,
    date_happened: Date.parse(at(100)) / 1_000,
    tags: ['service:checkout', 'env:production', 'version:1.0.0-B', 'kind:deploy', 'team:payments'],
  });
});

test('a failed deployment is a change failure; one that changed nothing is no deployment', async () => {
  const { fake, send } = await deskOf(datadog, { fields: { ...datadog.fields, events: false } });
  await send(deploy.end('rolled-back-after-failure'));
  expect(fake.shown()).toMatchObject([{ change_failure: true }]);
  const broken = deployOf({}, { run: runOf('8'), settled: { changed: false } });
  expect(await send(broken.end('failed'))).toMatchObject([{ kind: 'skipped' }]);
});

test('a rollback marks what it takes back, if that is known there', async () => {
  const { fake, send } = await deskOf(datadog);
  const bad = deploy.end();
  const live = { ...releaseOf('B'), event: bad.id, since: at(100) };
  const rollback = eventOf('rolled-back', entryOf('A', 200, { kind: 'rollback', live }), { finished: 210 });
  expect(await send(rollback)).toMatchObject([{ kind: 'ok' }]);
  await send(bad, rollback);
  expect(fake.shown()).toContainEqual(
    expect.objectContaining({ id: bad.id, change_failure: true, remediation: { id: rollback.id, type: 'rollback' } }),
  );
});

test('without an application key nothing is marked', async () => {
  const { fake, send } = await deskOf(datadog, { fields: { token: { env: 'DD_API_KEY' } } });
  await send(deploy.end('failed'));
  expect(fake.asked.map((it) => it.route)).toEqual(['POST /api/v2/dora/deployment', 'POST /api/v1/events']);
});
