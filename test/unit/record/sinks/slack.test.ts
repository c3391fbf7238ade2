import { afterEach, expect, test } from '@jest/globals';
import { createSinks } from '../../../../shared/record/index.ts';
import { slack, slackWebhook } from '../../../support/vendors/slack.ts';
import { closeDesks, deployOf, depsOf, deskOf, settingsOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();

test('one message, updated in place: start, failure, a second attempt, success', async () => {
  const { fake, send } = await deskOf(slack);
  const seen: unknown[] = [];
  for (const it of [deploy.start(), deploy.end('failed'), deploy.start(2), deploy.end('deployed', 2)]) {
    await send(it);
    seen.push(...fake.shown());
  }
  expect(seen).toEqual([
    '⏳ deploy of checkout 1.0.0-B in production: in progress',
    '❌ deploy of checkout 1.0.0-B in production: failed',
    '⏳ deploy of checkout 1.0.0-B in production: in progress',
    '✅ deploy of checkout 1.0.0-B in production: deployed',
  ]);
  // An event that is sent on late does not take the message back.
  expect(await send(deploy.start(2))).toMatchObject([{ kind: 'skipped' }]);
  expect(fake.shown()).toEqual(seen.slice(-1));
});

test('what people read, and where it leads', async () => {
  const { fake, send } = await deskOf(slack);
  await send(deploy.end());
  const sent = fake.asked.at(-1);
  expect(sent?.headers['authorization']).toBe('Bearer xoxp-1234567890-abcdefghij');
  const facts = JSON.stringify(sent?.json['blocks']);
  for (const it of ['Version: 1.0.0-A → 1.0.0-B', 'By: ada', 'Took: 1 min 30 s', 'Commit: 424242424242 Fix rounding']) {
    expect(facts).toContain(it);
  }
  expect(facts).toContain('<https://github.com/acme/shop/actions/runs/7/attempts/1|Open>');
});

test('within one job the message is not looked for again', async () => {
  const { fake, send } = await deskOf(slack);
  await send(deploy.start(), deploy.end());
  expect(fake.asked.map((it) => it.path)).toEqual(['/conversations.history', '/chat.postMessage', '/chat.update']);
});

test.each([
  [{ ok: false, error: 'missing_scope', needed: 'channels:history' }, 1, /missing_scope \(needed: channels:history\)/],
  [{ ok: false, error: 'internal_error' }, 3, /internal_error/],
  [{ ok: false }, 1, /without a reason/],
])('Slack says no with a 200: %j', async (json, asked, why) => {
  const { fake, send } = await deskOf(slack);
  for (let i = 0; i < 3; i += 1) fake.faults.push({ kind: 'answer', json });
  expect(await send(deploy.end())).toMatchObject([{ kind: 'failed', why: expect.stringMatching(why) }]);
  expect(fake.asked).toHaveLength(asked);
});

test('texts from outside are never markup of Slack', async () => {
  for (const vendor of [slack, slackWebhook]) {
    const { fake, send } = await deskOf(vendor);
    await send(deployOf({ reason: '<!channel> & <https://evil.example|here>' }).end('failed'));
    const { text, blocks } = fake.asked.at(-1)?.json ?? {};
    expect(text).not.toMatch(/<|&(?!amp;|lt;|gt;)/);
    const marked = JSON.stringify(blocks).match(/"type":"mrkdwn","text":"[^"]*"/g) ?? [];
    expect(marked.join()).not.toContain('evil');
  }
});

test.each([
  ['a token without a channel', { token: { env: 'SLACK_TOKEN' } }],
  ['a channel without a token', { channel: 'C0123456789' }],
  ['the name of a channel', { token: { env: 'SLACK_TOKEN' }, channel: '#deploys' }],
])('%s is refused', async (_what, fields) => {
  const made = createSinks([settingsOf(slack, 'https://x.example', { fields })], depsOf(slack.env));
  await expect(made).rejects.toMatchObject({ code: 'config-invalid' });
});
