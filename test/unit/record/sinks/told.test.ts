import { afterEach, describe, expect, test } from '@jest/globals';
import { createSinks } from '../../../../shared/record/index.ts';
import { pagerduty } from '../../../support/vendors/pagerduty.ts';
import { pushgateway } from '../../../support/vendors/pushgateway.ts';
import { teams } from '../../../support/vendors/teams.ts';
import { at, commitOf } from '../samples.ts';
import { closeDesks, deployOf, depsOf, deskOf, settingsOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();
const { id } = deploy.end();

describe('pushgateway', () => {
  test('the last deploy of a stream, in place of the one before', async () => {
    const { fake, send } = await deskOf(pushgateway);
    await send(deploy.end('failed'), deploy.end('deployed', 2));
    expect(fake.asked[0]?.path).toBe('/metrics/job/slipway/service/checkout/environment/production');
    expect(fake.asked[0]?.headers['authorization']).toBe(`Basic ${btoa('slipway:correct-horse-battery')}`);
    const [text = ''] = fake.shown();
    expect(
      String(text)
        .split('\n')
        .filter((it) => !it.startsWith('#')),
    ).toEqual([
      `slipway_deploy_last_finished_timestamp_seconds ${Date.parse(at(100)) / 1_000}`,
      'slipway_deploy_last_duration_seconds 90',
      'slipway_deploy_last_success 1',
      `slipway_deploy_info{version="1.0.0-B",commit="${commitOf('B')}",kind="deploy",outcome="deployed",event="${id}"} 1`,
      '',
    ]);
  });

  test('a job that an address cannot hold goes in base64', async () => {
    const { fake, send } = await deskOf(pushgateway, { fields: { job: 'shop/deploys' } });
    await send(deploy.end());
    expect(fake.asked[0]?.path).toBe('/metrics/job@base64/c2hvcC9kZXBsb3lz/service/checkout/environment/production');
  });

  test.each([{ username: 'a' }, { password: { env: 'PUSH_PASSWORD' } }])(
    'half a login is refused: %j',
    async (fields) => {
      const made = createSinks([settingsOf(pushgateway, 'http://x.example', { fields })], depsOf(pushgateway.env));
      await expect(made).rejects.toMatchObject({ code: 'config-invalid' });
    },
  );
});

describe('pagerduty', () => {
  test('a change with what people ask next, and where it leads', async () => {
    const { fake, send } = await deskOf(pagerduty);
    await send(deploy.end());
    expect(fake.asked[0]?.json).toMatchObject({
      routing_key: pagerduty.env['PAGERDUTY_KEY'],
      payload: {
        summary: 'deploy of checkout 1.0.0-B in production: deployed',
        timestamp: at(100),
        source: 'production/checkout',
        custom_details: { Version: '1.0.0-A → 1.0.0-B', By: 'ada', Event: id },
      },
      links: [
        { href: 'https://github.com/acme/shop/actions/runs/7/attempts/1', text: 'Run' },
        { href: 'https://shop.example', text: 'production' },
      ],
    });
  });

  test('what changed nothing is no change', async () => {
    const { fake, send } = await deskOf(pagerduty);
    expect(await send(deployOf({}, { settled: { changed: false } }).end('failed'))).toMatchObject([
      { kind: 'skipped' },
    ]);
    expect(fake.asked).toEqual([]);
  });
});

test('teams: a card, in which texts from outside are no Markdown', async () => {
  const { fake, send } = await deskOf(teams);
  await send(deployOf({ reason: '[click](https://evil.example) **now**' }).end());
  const text = JSON.stringify(fake.shown());
  expect(text).toContain('"color":"Good"');
  expect(text).toContain('"title":"Run","url":"https://github.com/acme/shop/actions/runs/7/attempts/1"');
  expect(text).toContain('\\\\[click\\\\]\\\\(https://evil.example\\\\) \\\\*\\\\*now\\\\*\\\\*');
});
