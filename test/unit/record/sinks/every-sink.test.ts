import { afterEach, describe, expect, test } from '@jest/globals';
import { createSinks } from '../../../../shared/record/index.ts';
import { type Fault, VENDORS } from '../../../support/vendors/index.ts';
import { entryOf, eventOf } from '../samples.ts';
import { closeDesks, deployOf, depsOf, deskOf, settingsOf } from './desk.ts';

afterEach(closeDesks);

const OK = expect.objectContaining({ kind: 'ok' });
const SKIPPED = expect.objectContaining({ kind: 'skipped' });
const deploy = deployOf();

describe.each(Object.entries(VENDORS))('%s', (_name, vendor) => {
  const secrets = Object.values(vendor.env);

  test('a deploy is shown, from its start where the vendor can', async () => {
    const { fake, send } = await deskOf(vendor);
    expect(await send(deploy.start())).toEqual([vendor.markers.start > 0 ? OK : SKIPPED]);
    expect(fake.shown()).toHaveLength(vendor.markers.start);
    expect(await send(deploy.end())).toEqual([OK]);
    expect(fake.shown()).toHaveLength(vendor.markers.end);
    expect(fake.violations).toEqual([]);
  });

  test('U13: sent twice, and by a second attempt, it is shown once', async () => {
    const { fake, send } = await deskOf(vendor);
    const outcome = vendor.successOnly === true ? 'deployed' : 'failed';
    await send(deploy.start(), deploy.end(outcome));
    const once = fake.shown().length;
    expect(once).toBe(vendor.markers.end);
    if (vendor.forgetful === true) return;
    await send(deploy.start(), deploy.end(outcome));
    if (vendor.perAttempt !== true) await send(deploy.start(2), deploy.end(outcome, 2), deploy.end(outcome, 2));
    expect(fake.shown()).toHaveLength(once);
    expect(fake.violations).toEqual([]);
  });

  test('the end of another deploy is another', async () => {
    const { fake, send } = await deskOf(vendor);
    await send(deploy.start(), deploy.end());
    const other = deployOf(
      {},
      { facts: { stream: { environment: 'staging', service: 'basket', repository: undefined } } },
    );
    await send(other.start(), other.end());
    expect(fake.shown()).toHaveLength(vendor.markers.end * 2);
  });

  test('what moves nothing is not shown', async () => {
    const { fake, send } = await deskOf(vendor);
    const none = [
      eventOf('held', entryOf('A', 1, { kind: 'hold' })),
      eventOf('unchanged', entryOf('A', 1)),
      eventOf('superseded', entryOf('A', 1)),
    ];
    expect(await send(...none)).toEqual([SKIPPED, SKIPPED, SKIPPED]);
    expect(fake.asked).toEqual([]);
  });

  test('hostile and long texts keep to what the vendor takes', async () => {
    const { fake, send } = await deskOf(vendor);
    const text = `<!channel> <script>alert(1)</script> "\\'\n{service} \u202e`.repeat(200);
    const hostile = deployOf({ reason: text }, { facts: { commitTitle: text, team: undefined } });
    expect(await send(hostile.start(), hostile.end('failed'), hostile.end())).not.toContainEqual(
      expect.objectContaining({ kind: 'failed' }),
    );
    expect(fake.violations).toEqual([]);
    for (const it of fake.asked) expect(it.text.length).toBeLessThan(64 * 1024);
  });

  test.each<[string, Fault]>([
    ['asks for patience', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }],
    ['is overloaded', { kind: 'answer', status: 503 }],
    ['breaks off', { kind: 'reset' }],
  ])('one that %s is asked again', async (_what, fault) => {
    const { fake, send } = await deskOf(vendor);
    await send(deploy.start());
    fake.faults.push(fault);
    expect(await send(deploy.end())).toEqual([OK]);
    expect(fake.shown()).toHaveLength(vendor.markers.end);
  });

  test('what arrived, but was answered with an error, is not shown twice', async () => {
    const { fake, send } = await deskOf(vendor);
    await send(deploy.start());
    for (const after of [false, true, true]) {
      // The second and third of these stand behind what looks up, where there is such.
      fake.faults.splice(0, 9, { kind: 'answer', status: 502, after }, { kind: 'answer', status: 502, after });
      expect(await send(deploy.end())).not.toContainEqual(expect.objectContaining({ kind: 'failed' }));
    }
    if (vendor.forgetful !== true) expect(fake.shown()).toHaveLength(vendor.markers.end);
  });

  test('a refusal is not repeated, and says no secret', async () => {
    const { fake, send } = await deskOf(vendor);
    const message = `the key ${secrets.join(' and ')} is not known`;
    fake.faults.push({ kind: 'answer', status: 401, json: { message } });
    const [result] = await send(deploy.end());
    expect(result).toMatchObject({ kind: 'failed', why: expect.stringMatching(/HTTP 401: the key .*is not known/) });
    for (const secret of secrets) expect(JSON.stringify(result)).not.toContain(secret);
    expect(fake.asked).toHaveLength(1);
  });

  test('one that never answers is given up after its time', async () => {
    const { fake, send } = await deskOf(vendor, { timeoutMs: 10_000 });
    fake.faults.push({ kind: 'hang' });
    expect(await send(deploy.end())).toEqual([{ kind: 'failed', why: 'no answer within 10.0 s' }]);
  });

  test('one that answers with garbage is a failure, where its answer is read', async () => {
    const { fake, send } = await deskOf(vendor);
    for (let i = 0; i < 9; i += 1) fake.faults.push({ kind: 'answer', text: '<html>Sign in to the proxy</html>' });
    const [result] = await send(deploy.end());
    expect(result).toMatchObject({ kind: vendor.isRead ? 'failed' : 'ok' });
    expect(fake.asked.length).toBeLessThanOrEqual(3);
  });

  test('one that is down is a failure', async () => {
    const { fake, send } = await deskOf(vendor);
    await fake.close();
    expect(await send(deploy.end())).toEqual([expect.objectContaining({ kind: 'failed' })]);
  });

  test('an unknown field, a secret in the file and one that is not set are errors before anything is deployed', async () => {
    const invalid = expect.objectContaining({ code: 'config-invalid' });
    const made = (fields: typeof vendor.fields, env = vendor.env) =>
      createSinks([settingsOf(vendor, 'https://x.example', { fields })], depsOf(env));
    await expect(made({ ...vendor.fields, colour: 'red' })).rejects.toEqual(invalid);
    const given = Object.entries(vendor.fields).filter(([, it]) => JSON.stringify(it).includes('"env"'));
    for (const [key] of given) {
      await expect(made({ ...vendor.fields, [key]: 'a-secret' })).rejects.toEqual(invalid);
      await expect(made(vendor.fields, {})).rejects.toEqual(invalid);
    }
  });
});
