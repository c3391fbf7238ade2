import { afterEach, expect, test } from '@jest/globals';
import { grafana } from '../../../support/vendors/grafana.ts';
import { at } from '../samples.ts';
import { closeDesks, deployOf, deskOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();

test('the start is a point, the end makes it a region', async () => {
  const { fake, send } = await deskOf(grafana);
  await send(deploy.start());
  expect(fake.shown()).toMatchObject([{ time: Date.parse(at(10)), timeEnd: Date.parse(at(10)) }]);
  await send(deploy.end('failed'));
  expect(fake.shown()).toMatchObject([
    {
      time: Date.parse(at(10)),
      timeEnd: Date.parse(at(100)),
      tags: ['deploy', 'service:checkout', 'env:production', 'version:1.0.0-B', `slipway:${deploy.end().id}`],
      text: expect.stringContaining('in production: failed</b>'),
    },
  ]);
  // One that is sent on late does not make it a point again.
  expect(await send(deploy.start())).toMatchObject([{ kind: 'skipped' }]);
  expect(fake.shown()).toMatchObject([{ timeEnd: Date.parse(at(100)) }]);
  expect(fake.asked[0]?.headers['authorization']).toBe(`Bearer ${grafana.env['GRAFANA_TOKEN']}`);
});

test('one dashboard, one panel, more tags', async () => {
  const fields = { ...grafana.fields, dashboard: 'jcIIG-07z', panel: 2, tags: ['shop'] };
  const { fake, send } = await deskOf(grafana, { fields });
  await send(deploy.end());
  expect(fake.shown()).toMatchObject([
    { dashboardUID: 'jcIIG-07z', panelId: 2, tags: expect.arrayContaining(['shop', 'deploy']) },
  ]);
  expect(fake.violations).toEqual([]);
});

test('texts from outside are no HTML', async () => {
  const { fake, send } = await deskOf(grafana);
  await send(deployOf({ reason: '<img src=x onerror=alert(1)>' }).end('failed'), deploy.end('failed'));
  await send(deployOf({}, { facts: { commitTitle: '"><script>alert(1)</script>' } }).end());
  expect(JSON.stringify(fake.asked.map((it) => it.json))).not.toMatch(/<(img|script)/);
});
